//! What an excerpt must not show: passwords, tokens and private keys.
//!
//! In: a [`Source`], by its text alone, so that it works in a file that is no YAML. Out: the
//! stretches to hide, and the lines of an excerpt with `***` in their place. To hide more: a part
//! of a word in `PARTS`.

use std::ops::Range;

use super::nearest;
use crate::source::Source;

/// What is shown instead.
const STARS: &str = "***";
/// A key with one of these in it has a value that is hidden.
const PARTS: &[&str] =
    &["pass", "pwd", "secret", "token", "private", "credential", "hash", "비밀", "암호"];
/// Keys close to one of these are hidden too: a slip of the fingers must not show a password.
const KEYS: &[&str] = &["password", "password_hash", "passwd", "hashed_passwd", "pw"];

/// Whether a key of this name has a value that nobody may see.
pub(super) fn is_secret(key: &str) -> bool {
    let small = key.to_lowercase();
    PARTS.iter().any(|part| small.contains(part) && !small.starts_with("nopass"))
        || nearest(key, KEYS.iter().copied()).is_some()
}

/// A text for a message, cut after the name of a secret in it.
pub fn conceal(text: &str) -> String {
    match secret_in(text) {
        Some(range) => format!("{}{STARS}", &text[..range.start]),
        None => text.to_owned(),
    }
}

/// A message without the cell of a column that sounds like a secret.
pub fn conceal_cell(message: &str, column: &str, cell: &str) -> String {
    let hide = !cell.is_empty() && words(column).any(|(_, word)| is_secret(word));
    if hide { message.replace(cell, STARS) } else { message.to_owned() }
}

/// A text of several lines with stars in the place of what nobody may see. It has as many lines.
pub fn hide(text: &str) -> String {
    let source = Source::new("", text);
    Masked::new(&source, &(0..text.len()), &hidden(&source)).text
}

/// The stretches of `source` to hide, none of which holds a line break.
pub(super) fn hidden(source: &Source) -> Vec<Range<usize>> {
    let text = source.text();
    let one_value = source.is_value() || source.name().starts_with("--set ");
    let of_secret = one_value && words(source.name()).any(|w| is_secret(w.1));
    let (mut found, mut at) = (Vec::new(), 0);
    let mut open = of_secret.then_some(Open { column: 0, close: Close::Never });
    for line in text.split('\n') {
        let inside = open.as_ref().is_some_and(|open| open.holds(line));
        let start = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        let part = if inside { Some(start..line.len()) } else { secret_in(line) };
        open = match (&part, inside) {
            (_, true) => open.and_then(|open| open.after(line)),
            (Some(part), false) => Some(Open::at(line, part)),
            (None, false) => None,
        };
        found.extend(part.filter(|p| p.start < p.end).map(|part| at + part.start..at + part.end));
        at += line.len() + 1;
    }
    found
}

/// A value that may go on in the next line.
struct Open {
    /// Where its key stands.
    column: usize,
    close: Close,
}

/// What ends it.
enum Close {
    /// A line that is not indented deeper than the key.
    Outdent,
    /// A quote.
    Quote(char),
    /// This many brackets.
    Brackets(usize),
    /// Nothing.
    Never,
}

impl Open {
    /// The value that begins with `part` of `line`.
    fn at(line: &str, part: &Range<usize>) -> Open {
        let column = line.len() - line.trim_start_matches([' ', '-']).len();
        let value = line[part.clone()].trim_start();
        let close = match value.chars().next() {
            Some(quote @ ('"' | '\'')) if !value[1..].contains(quote) => Close::Quote(quote),
            Some('[' | '{') => Close::Brackets(depth(value, 0)),
            _ => Close::Outdent,
        };
        Open {
            column,
            close: if matches!(close, Close::Brackets(0)) { Close::Outdent } else { close },
        }
    }

    fn holds(&self, line: &str) -> bool {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let deeper = indent > self.column || line.trim().is_empty();
        deeper
            || indent == self.column && line.trim_start().starts_with("- ")
            || !matches!(self.close, Close::Outdent)
    }

    /// What is open behind `line`, which is inside.
    fn after(self, line: &str) -> Option<Open> {
        let close = match self.close {
            Close::Quote(quote) if line.contains(quote) => Close::Outdent,
            Close::Brackets(open) if depth(line, open) == 0 => return None,
            Close::Brackets(open) => Close::Brackets(depth(line, open)),
            close => close,
        };
        Some(Open { close, ..self })
    }
}

/// How many brackets are open behind `text`.
fn depth(text: &str, before: usize) -> usize {
    text.chars().fold(before, |depth, c| match c {
        '[' | '{' => depth + 1,
        ']' | '}' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// Words with their places: letters, digits, `_` and `-`.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let pieces = text.split(move |c| !is_word(c)).filter(|word| !word.is_empty());
    pieces.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The value behind the first name of a secret in a line: behind `:` or `=`, or behind a space if
/// the name is the first word.
fn secret_in(line: &str) -> Option<Range<usize>> {
    words(line).find_map(|(at, word)| {
        let after = at + word.len();
        let rest = line[after..].trim_start_matches(['"', '\'', ']']);
        let before = line[..at].trim_start_matches([' ', '\t', '-', '"', '\'', '{', '[', '?']);
        let first = !before.contains([' ', '\t']);
        let sign = rest.trim_start().starts_with([':', '=']);
        if !is_secret(word) || !(sign || first && rest.starts_with([' ', '\t'])) {
            return None;
        }
        let value = rest.trim_start().trim_start_matches([':', '=']).trim_start();
        Some(line.len() - value.len()..line.trim_end().len().max(line.len() - value.len()))
    })
}

/// Control characters that terminals obey and the renderer lets through. They have as many bytes
/// as the `·` that is shown.
fn is_c1(c: char) -> bool {
    ('\u{80}'..='\u{9F}').contains(&c)
}

/// Lines of a source with stars in the place of what is hidden.
pub(super) struct Masked {
    start: usize,
    pub(super) text: String,
    hidden: Vec<Range<usize>>,
}

impl Masked {
    /// The bytes `lines` of `source` without those of `hidden`.
    pub(super) fn new(source: &Source, lines: &Range<usize>, hidden: &[Range<usize>]) -> Masked {
        let mut cuts: Vec<Range<usize>> = Vec::new();
        let mut inside: Vec<Range<usize>> = hidden
            .iter()
            .map(|part| part.start.max(lines.start)..part.end.min(lines.end))
            .filter(|part| part.start < part.end)
            .collect();
        inside.sort_by_key(|part| part.start);
        for part in inside {
            match cuts.last_mut() {
                Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
                _ => cuts.push(part),
            }
        }
        let (mut text, mut from) = (String::new(), lines.start);
        for cut in &cuts {
            text.push_str(source.text().get(from..cut.start).unwrap_or(""));
            text.push_str(STARS);
            from = cut.end;
        }
        text.push_str(source.text().get(from..lines.end).unwrap_or(""));
        let text = text.chars().map(|c| if is_c1(c) { '·' } else { c }).collect();
        Masked { start: lines.start, text, hidden: cuts }
    }

    /// Where the bytes of `span` are in the text.
    pub(super) fn place(&self, span: Range<usize>) -> Range<usize> {
        let start = self.offset(span.start, 0);
        start..self.offset(span.end, STARS.len()).max(start)
    }

    fn offset(&self, byte: usize, inside: usize) -> usize {
        let (mut from, mut offset) = (self.start, 0);
        for cut in &self.hidden {
            if byte <= cut.start {
                break;
            }
            offset += cut.start - from;
            if byte < cut.end {
                return offset + inside;
            }
            offset += STARS.len();
            from = cut.end;
        }
        offset + byte.saturating_sub(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let source = Source::new("a.yaml", text);
        Masked::new(&source, &(0..text.len()), &hidden(&source)).text
    }

    #[test]
    fn values_of_secrets_are_hidden_however_they_are_written() {
        for (text, expected) in [
            ("a: 1\npassword: hunter2\nb: 2", "a: 1\npassword: ***\nb: 2"),
            ("- {name: kim, password: x}", "- {name: kim, password: ***"),
            ("\"password\": x", "\"password\": ***"),
            ("  passwrd: x y ", "  passwrd: *** "),
            ("password x", "password ***"),
            ("users[0].password x", "users[0].password ***"),
            ("password=x", "password=***"),
            ("users[0].password_hash=x", "users[0].password_hash=***"),
            ("a[\"password\"]=x", "a[\"password\"]=***"),
            ("password: |\n  x\n\n  y\nb: z", "password: |\n  x\n\n  y\nb: z"),
            ("password:\n- x\n- y\nb: z", "password:\n- ***\n- ***\nb: z"),
            ("password: \"x\ny\"\nb: z", "password: ***\n***\nb: z"),
            ("password: [x,\ny]\nb: z", "password: ***\n***\nb: z"),
            ("- password:\n    x\n  b: z", "- password:\n    ***\n  b: z"),
            ("name: passenger", "name: passenger"),
            ("the way to the password", "the way to the password"),
            ("hostname: pass", "hostname: pass"),
        ] {
            let expected = expected.replace("|\n  x\n\n  y", "***\n  ***\n\n  ***");
            assert_eq!(shown(text), expected, "{text}");
        }
        let set = Source::new("--set users[0].password", "[x");
        assert_eq!(hidden(&set).first(), Some(&(0..2)));
    }

    #[test]
    fn carets_stay_under_what_they_mean() {
        let text = "a: {password: hunter2}\nb: 5";
        let source = Source::new("a.yaml", text);
        let masked = Masked::new(&source, &(0..text.len()), &hidden(&source));
        assert_eq!(masked.text, "a: {password: ***\nb: 5");
        for (span, expected) in [(14..21, "***"), (4..12, "password"), (23..24, "b"), (26..27, "5")]
        {
            assert_eq!(&masked.text[masked.place(span)], expected);
        }
    }

    #[test]
    fn a_message_is_cut_behind_the_name_of_a_secret() {
        assert_eq!(conceal("password hunter2"), "password ***");
        assert_eq!(conceal("hostnme"), "hostnme");
    }
}
