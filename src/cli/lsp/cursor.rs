//! Where in the keys the cursor is, by the indentation alone: a text that is being written is mostly
//! no YAML yet.

use std::ops::Range;

use super::text::Text;

/// The place of the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// What it is in: `users`, `[]`.
    pub(super) above: Vec<String>,
    /// The key of its line, with its bytes in the line: the one that the cursor is on, or behind.
    pub(super) key: Option<(String, Range<usize>)>,
    /// Is the cursor behind the colon, where the value stands?
    pub(super) in_value: bool,
    /// The bytes in the line of the word that the cursor is in, up to its end.
    pub(super) word: Range<usize>,
}

/// What a line opens, with the columns.
struct Opened<'a> {
    steps: Vec<(usize, String)>,
    /// The key, if the line has one, with its bytes.
    key: Option<Range<usize>>,
    /// What stands behind the colon, or in the place of a key.
    rest: &'a str,
}

/// Lines above the cursor that are looked at.
const LOOKED_AT: usize = 20_000;

/// The cursor at a byte of a line; `None` in a comment, and in a text of several lines.
pub(super) fn cursor(text: &Text, number: usize, byte: usize) -> Option<Cursor> {
    let line = text.line(number);
    let opened = open(line);
    let before = line.get(..byte)?;
    if before.trim_start().starts_with('#') || before.contains(" #") {
        return None;
    }
    let mut steps = opened.steps;
    let column = match steps.first() {
        Some((column, _)) => *column,
        None if line.trim().is_empty() => byte,
        None => line.len() - line.trim_start().len(),
    };
    let listed = steps.first().is_some_and(|(_, step)| step == "[]");
    let mut above = parents(text, number, column, listed)?;
    let key = opened.key.map(|range| (line[range.clone()].to_owned(), range));
    if key.is_some() {
        steps.pop();
    }
    above.extend(steps.into_iter().map(|(_, step)| step));
    let in_value = key.as_ref().is_some_and(|(_, range)| byte > range.end);
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    let start = before.trim_end_matches(word).len();
    let rest = &line[byte..];
    let end = byte + rest.len() - rest.trim_start_matches(word).len();
    // The `-` of an item is not the beginning of a word.
    let start = if before[start..].starts_with('-') && !in_value { byte } else { start };
    Some(Cursor { above, key, in_value, word: start..end })
}

/// What the lines above leave open at a column; the outermost first.
fn parents(text: &Text, number: usize, column: usize, listed: bool) -> Option<Vec<String>> {
    let (mut limit, mut listed, mut found) = (column, listed, Vec::new());
    for number in (number.saturating_sub(LOOKED_AT)..number).rev() {
        if limit == 0 && !listed {
            break;
        }
        let line = text.line(number);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let opened = open(line);
        let outer = line.len() - line.trim_start().len();
        let block = opened.rest.starts_with(['|', '>']);
        for (at, step) in opened.steps.into_iter().rev() {
            let key = step != "[]";
            if at < limit || at == limit && listed && key {
                if key && block {
                    return None;
                }
                (limit, listed) = (at, !key);
                found.push(step);
            }
        }
        // A line of something else, such as a text, that is further out ends what can be known.
        if outer < limit {
            limit = outer;
        }
    }
    found.reverse();
    Some(found)
}

/// The dashes of items and the key at the start of a line.
fn open(line: &str) -> Opened<'_> {
    let mut steps = Vec::new();
    let mut at = line.len() - line.trim_start().len();
    let mut rest = &line[at..];
    while rest == "-" || rest.starts_with("- ") {
        steps.push((at, "[]".to_owned()));
        let inner = rest[1..].trim_start();
        at += rest.len() - inner.len();
        rest = inner;
    }
    let Some(end) = colon(rest) else { return Opened { steps, key: None, rest } };
    let name = rest[..end].trim_end();
    let bare = name.trim_matches(['"', '\'']);
    if bare.is_empty() || name.starts_with(['{', '[', '#']) {
        return Opened { steps, key: None, rest };
    }
    steps.push((at, bare.to_owned()));
    Opened { steps, key: Some(at..at + name.len()), rest: rest[end + 1..].trim_start() }
}

/// The colon behind a key.
fn colon(rest: &str) -> Option<usize> {
    let ends = |at: usize| rest[at + 1..].is_empty() || rest[at + 1..].starts_with([' ', '\t']);
    rest.match_indices(':').map(|(at, _)| at).find(|at| ends(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<Cursor> {
        let (before, rest) = text.split_once('^').unwrap();
        let number = before.matches('\n').count();
        let byte = before.rsplit('\n').next().unwrap().len();
        cursor(&Text::new(format!("{before}{rest}")), number, byte)
    }

    fn above(text: &str) -> String {
        at(text).unwrap().above.join(" ")
    }

    #[test]
    fn the_keys_above_are_found_by_the_indentation() {
        assert_eq!(above("users:\n  - name: a\n    sh^"), "users []");
        assert_eq!(above("users:\n- name: a\n- ^"), "users []");
        assert_eq!(above("users:\n- name: a\n  ^"), "users []");
        assert_eq!(above("users:\n- name: a\n^"), "");
        assert_eq!(above("a:\n  b:\n    - c: 1\n\n  # d\n  e^"), "a");
        assert_eq!(above("a:\n  - - ^"), "a [] []");
        assert_eq!(above("a:\n  b: |\n    c: 1\n  d^"), "a");
    }

    #[test]
    fn a_key_and_its_value_are_told_apart() {
        let value = at("power_state:\n  mode: po^w").unwrap();
        assert_eq!((value.key.unwrap().0.as_str(), value.in_value), ("mode", true));
        assert_eq!(value.word, 8..11);
        let key = at("pack^ages: [한]").unwrap();
        assert_eq!((key.key.unwrap().1, key.in_value), (0..8, false));
        assert_eq!(at("a: |\n  b^"), None, "within a text");
        assert_eq!(at("# a^"), None);
        assert_eq!(at("users:\n  -^").unwrap().word, 3..3);
    }
}
