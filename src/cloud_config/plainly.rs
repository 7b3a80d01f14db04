//! Texts that are written in the one way that nothing can mistake.
//!
//! In: a text. Out: what our templates make of it, where no reader of YAML can take that for
//! anything else: a word behind a key, or lines of a literal block. Anything less plain is rendered
//! and read back instead.

use crate::template::{MIME_HEADER, is_plain, literal};

/// Columns before each line of a literal block in our templates.
const MARGIN: usize = 3;

/// The text behind `key: `.
pub(super) fn word(text: &str) -> Option<String> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let tame = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(inside);
    (tame && is_plain(text)).then(|| text.to_owned())
}

/// The text behind `content: `.
pub(super) fn block(text: &str) -> Option<String> {
    is_tame(text.strip_suffix('\n').unwrap_or(text)).then(|| literal(text, MARGIN))
}

/// Lines whose first one says how far all are indented, and whose last one is not empty.
fn is_tame(body: &str) -> bool {
    let shown = |c: char| matches!(c, '\n' | '\t' | ' '..='~' | '가'..='힣');
    !body.is_empty()
        && !body.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(shown)
        && !body.to_ascii_lowercase().contains(MIME_HEADER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_beyond_doubt_is_written() {
        for text in ["lab-1", "kim.example.org", "a"] {
            assert_eq!(word(text).as_deref(), Some(text));
        }
        for text in ["on", "1e3", "a b", "", "-a", "12:30:45", "한글", "mime-version", "a_b"] {
            assert_eq!(word(text), None, "{text:?}");
        }
        for (text, expected) in [
            ("b\n\nc: d\n", "|\n   b\n\n   c: d"),
            ("b\n  - c", "|-\n   b\n     - c"),
            ("<h1>김철수</h1>\n", "|\n   <h1>김철수</h1>"),
        ] {
            assert_eq!(block(text).as_deref(), Some(expected));
        }
        for text in ["", "\n", " b\n", "b\n\n", "\tb", "b\u{2028}\n", "Mime-Version: 1\n", "\u{7f}"]
        {
            assert_eq!(block(text), None, "{text:?}");
        }
    }
}
