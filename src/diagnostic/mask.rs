//! What an excerpt must not show: passwords, tokens and private keys.
//!
//! In: a [`Source`], by its text alone, so that it works in a file that is no YAML. Out: the
//! stretches to hide, and the lines of an excerpt with `***` in their place. To hide more: a part
//! of a word in `PARTS`.

use std::collections::HashMap;
use std::ops::Range;

use super::nearest;
use crate::source::{Node, Source};

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

/// Is a column or parameter of this name there for a secret?
pub fn sounds_secret(name: &str) -> bool {
    words(name).any(|(_, word)| is_secret(word))
}

/// A key as a message may show it: `None` where a password may have run into it.
pub fn shown_key(key: &str) -> Option<&str> {
    let name = PARTS.contains(&key.to_lowercase().as_str());
    let name = name || nearest(key, KEYS.iter().copied()).is_some();
    (name || !sounds_secret(key)).then_some(key)
}

/// A text of several lines with stars in the place of what nobody may see. It has as many lines.
pub fn hide(text: &str) -> String {
    let source = Source::new("", text);
    Masked::new(&source, &(0..text.len()), &hidden(&source, None)).text
}

/// The stretches of `source` to hide, none of which holds a line break. Where `tree` knows the end
/// of a value in a map in braces, what stands behind it is shown.
pub(super) fn hidden(source: &Source, tree: Option<&Node>) -> Vec<Range<usize>> {
    let text = source.text();
    let ends = tree.map(|tree| ends(tree, source)).unwrap_or_default();
    // One value by itself; `--set PATH=VALUE` is read as a line.
    let path = source.name().strip_prefix("--set ").filter(|path| !text.starts_with(path));
    let one_value = source.is_value() || path.is_some();
    let of_secret = one_value && words(source.name()).any(|word| is_secret(word.1));
    let (mut found, mut at) = (Vec::new(), 0);
    let mut open = of_secret.then_some(Open { column: 0, close: Close::Never });
    for line in text.split('\n') {
        let inside = open.as_ref().is_some_and(|open| open.holds(line));
        let start = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        let rest = || std::iter::once(start..line.len()).collect();
        let parts: Vec<_> = if inside { rest() } else { secrets_in(line, at, &ends) };
        open = match (parts.last(), inside) {
            (_, true) => open.and_then(|open| open.after(line)),
            (Some(part), false) if part.end == line.trim_end().len() => Some(Open::at(line, part)),
            _ => None,
        };
        let parts = parts.into_iter().filter(|part| part.start < part.end);
        found.extend(parts.map(|part| at + part.start..at + part.end));
        at += line.len() + 1;
    }
    found
}

/// The values of secrets in a line that begins at the byte `at`.
fn secrets_in(line: &str, at: usize, ends: &HashMap<usize, usize>) -> Vec<Range<usize>> {
    let (mut parts, mut from) = (Vec::new(), 0);
    while let Some(part) = secret_in(&line[from..]) {
        let start = from + part.start;
        let end = ends.get(&(at + start)).map(|end| end - at);
        match end.filter(|end| is_followed(line.get(*end..).unwrap_or_default())) {
            Some(end) => {
                parts.push(start..end);
                from = end;
            }
            None => {
                parts.push(start..from + part.end);
                break;
            }
        }
    }
    parts
}

/// Is this what follows a value in braces? Words without a colon may be the end of a password with a
/// comma in it.
fn is_followed(rest: &str) -> bool {
    let rest = rest.trim_start();
    let next = rest.strip_prefix(',').map(|rest| rest.split([',', '}']).next().unwrap_or_default());
    rest.starts_with('}') || next.is_some_and(|next| next.contains(':'))
}

/// Where values of secrets begin and end that are one scalar on one line.
fn ends(tree: &Node, source: &Source) -> HashMap<usize, usize> {
    let mut found = HashMap::new();
    let mut nodes = vec![tree];
    while let Some(node) = nodes.pop() {
        nodes.extend(node.items());
        for entry in node.entries() {
            nodes.push(&entry.value);
            let span = &entry.value.span;
            let ours = std::ptr::eq(span.source().as_ref(), source);
            let one = entry.value.as_scalar().is_some() && !span.text().contains('\n');
            if ours && one && is_secret(&entry.key) {
                found.insert(span.start(), span.end());
            }
        }
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

    /// The column of `byte` in the line that is shown, from 1; `None` if it is hidden.
    pub(super) fn column(&self, byte: usize) -> Option<usize> {
        if self.hidden.iter().any(|cut| cut.start < byte && byte < cut.end) {
            return None;
        }
        let before = self.text.get(..self.offset(byte, 0)).unwrap_or_default();
        Some(before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
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
    use crate::source::parse;

    fn shown(text: &str) -> String {
        let source = Source::new("a.yaml", text);
        Masked::new(&source, &(0..text.len()), &hidden(&source, parse(&source).ok().as_ref())).text
    }

    #[test]
    fn values_of_secrets_are_hidden_however_they_are_written() {
        for (text, expected) in [
            ("a: 1\npassword: hunter2\nb: 2", "a: 1\npassword: ***\nb: 2"),
            ("- {name: kim, password: x", "- {name: kim, password: ***"),
            ("- {name: kim, password: x}", "- {name: kim, password: ***}"),
            ("- {password: x , a: 1}", "- {password: *** , a: 1}"),
            ("- {password: 'x, y: z', a: 1}", "- {password: ***, a: 1}"),
            (
                "- {password: x, password_hash: y, a: 1}",
                "- {password: ***, password_hash: ***, a: 1}",
            ),
            ("- {password: x,y}", "- {password: ***"),
            ("- {password: [x, y], a: 1}", "- {password: ***"),
            ("password: x # y", "password: ***"),
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
        let whole = Source::new("--set a.password", "a.password=x");
        assert_eq!(hidden(&whole, None).first(), Some(&(11..12)));
        let set = Source::new("--set users[0].password", "[x");
        assert_eq!(hidden(&set, None).first(), Some(&(0..2)));
    }

    #[test]
    fn carets_stay_under_what_they_mean() {
        let text = "a: {password: hunter2}\nb: 5";
        let source = Source::new("a.yaml", text);
        let masked = Masked::new(&source, &(0..text.len()), &hidden(&source, None));
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
