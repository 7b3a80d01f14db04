//! A text as a cell of a CSV file that people open in a spreadsheet.
//!
//! Excel, LibreOffice and Google Sheets compute a cell of a CSV file that begins with `=` or one of
//! a few other characters, in quotes or not: a student who is called `=HYPERLINK(…)` would write
//! into the instructor's sheet. Such a text gets an apostrophe before it, which all of them show as
//! it stands; a text that has one already gets another, so that [`plain()`] gives every text back.
//! <https://owasp.org/www-community/attacks/CSV_Injection>

use std::borrow::Cow;

/// What is put before a text.
const MARK: char = '\'';

/// What makes a formula, also in the full width of a Korean keyboard.
const FORMULA: &[char] = &['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// `text` as no spreadsheet takes for a formula.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_marked(text) { Cow::Owned(format!("{MARK}{text}")) } else { Cow::Borrowed(text) }
}

/// The text of which [`guarded()`] made `cell`.
pub fn plain(cell: &str) -> &str {
    cell.strip_prefix(MARK).filter(|text| is_marked(text)).unwrap_or(cell)
}

/// Whether a text gets a mark. Blanks do not count: some programs leave them out.
fn is_marked(text: &str) -> bool {
    let blank = |c: char| c.is_whitespace() || c.is_control();
    let begins = text.trim_start_matches(blank).starts_with(FORMULA);
    begins || text.starts_with(MARK) || text.starts_with(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_becomes_a_text() {
        for text in
            ["=1+1", "+82", "-1", "@a", "\t=1", " =1", "\r\n=1", "\0=1", "＝1", "\ta", "'=1", "'a"]
        {
            assert_eq!(guarded(text), format!("'{text}"), "{text:?}");
        }
        for text in ["", "김철수", "a=1", "O'Brien", "2024-01", " a", "1=1", "\"=1\""] {
            assert_eq!(guarded(text), text);
        }
    }

    #[test]
    fn what_others_wrote_stays_as_it_is() {
        for text in ["'", "'a=1", "=1", "''", ""] {
            let expected = if text == "''" { "'" } else { text };
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in prop_oneof![any::<String>(), "['=+@ \t-]{0,4}.{0,4}"]) {
            let cell = guarded(&text);
            prop_assert_eq!(plain(&cell), &text);
            let first = cell.trim_start().chars().next();
            prop_assert!(!first.is_some_and(|c| FORMULA.contains(&c)), "{:?}", cell);
        }
    }
}
