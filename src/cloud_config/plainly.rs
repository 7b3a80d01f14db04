//! Is an entry another one with a different text, and nothing else?
//!
//! In: the lines of an entry that was read back, those of another one, and its text. Out: yes, where
//! no reader of YAML can take the text for anything else: a word behind the same key, or lines of a
//! literal block behind the same lines. Anything less plain is not decided here.

use crate::source::{Yaml11, resolve_plain};
use crate::template::MIME_HEADER;

/// Columns before each line of a literal block in our templates.
const MARGIN: &str = "   ";

/// Are the lines `new` those of `old` with `text` in them, beyond doubt?
pub(super) fn is_another(old: &str, new: &str, text: Option<&str>) -> bool {
    text.is_some_and(|text| is_word_of(old, new, text) || is_block_of(old, new, text))
}

/// `key: word`, where the key stood before.
fn is_word_of(old: &str, new: &str, text: &str) -> bool {
    let key = |entry: &str| entry.split_once(": ").map(|(key, _)| key.len());
    let (Some(end), Some(same)) = (key(old), key(new)) else { return false };
    end == same && old[..end] == new[..end] && !old[..end].contains('\n') && {
        let word = new[end + 2..].strip_suffix('\n');
        word == Some(text) && is_word(text)
    }
}

fn is_word(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(inside)
        && resolve_plain(text) == Yaml11::Str(text.to_owned())
}

/// The same lines up to a `|`, and the text's lines below it.
fn is_block_of(old: &str, new: &str, text: &str) -> bool {
    let head = [": |\n", ": |-\n"].iter().find_map(|sign| Some(old.find(sign)? + sign.len()));
    let Some(head) = head.filter(|head| new.get(..*head) == Some(&old[..*head])) else {
        return false;
    };
    let body = match old[..head].ends_with("|-\n") {
        true if text.ends_with('\n') => return false,
        true => Some(text),
        false => text.strip_suffix('\n'),
    };
    let Some(body) = body.filter(|body| is_tame(body)) else { return false };
    let lines = new[head..].strip_suffix('\n').unwrap_or_default().split('\n');
    let bare = lines.map(|line| if line.is_empty() { Some("") } else { line.strip_prefix(MARGIN) });
    bare.eq(body.split('\n').map(Some))
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
    fn only_what_is_beyond_doubt_is_another() {
        let file = |style: &str, lines: &str| format!("- path: /a\n  content: {style}\n{lines}");
        for (old, new, text, expected) in [
            ("hostname: a\n", "hostname: lab-1\n", "lab-1", true),
            ("hostname: a\n", "timezone: lab-1\n", "lab-1", false),
            ("hostname: a\n", "hostname: on\n", "on", false),
            ("hostname: a\n", "hostname: 1e3\n", "1e3", false),
            ("hostname: a\n", "hostname: \"a b\"\n", "a b", false),
            ("hostname: a\n", "hostname: b\n", "c", false),
            (&file("|", "   a\n"), &file("|", "   b\n\n   c: d\n"), "b\n\nc: d\n", true),
            (&file("|-", "   a\n"), &file("|-", "   b\n     - c\n"), "b\n  - c", true),
            (&file("|", "   a\n"), &file("|-", "   b\n"), "b", false),
            (&file("|", "   a\n"), &file("|", "   b\n"), "c\n", false),
            (&file("|", "   a\n"), &file("|", "  b\n"), "b\n", false),
            (&file("|", "   a\n"), &file("|", "    b\n"), " b\n", false),
            (&file("|", "   a\n"), &file("|", "   b\n\n"), "b\n\n", false),
            (&file("|", "   a\n"), &file("|", "   b\u{2028}\n"), "b\u{2028}\n", false),
            (&file("|", "   a\n"), &file("|", "   Mime-Version: 1\n"), "Mime-Version: 1\n", false),
        ] {
            assert_eq!(is_another(old, new, Some(text)), expected, "{new}");
        }
        assert!(!is_another("a: 1\n", "a: 2\n", None));
    }
}
