//! Lines that are nearly YAML: a lookalike in the place of a `:` or `-`, a space that is missing,
//! and what was copied along with the file.
//!
//! In: a text that cannot be followed, or one value that should have been a list or map. Out: the
//! slips, each on its own line. Texts in blocks (`|`, `>`) and comments are passed over.

use std::ops::Range;
use std::sync::Arc;

use super::odd::{Odd, plain_text};
use super::{Source, Span, SyntaxError};

/// The most of them that are reported.
const MOST: usize = 100;

/// The slips in the lines of `source`.
pub(super) fn slips(source: &Arc<Source>) -> Vec<SyntaxError> {
    let (mut found, mut at, mut block, mut list) = (Vec::new(), 0, None, None);
    // Is a block open that has no line yet?
    let mut empty = false;
    for line in source.text().split('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let inside = block.is_some_and(|column| line.trim().is_empty() || indent > column);
        if !inside {
            let outside = if empty { not_indented(line, indent) } else { None };
            block = opens_block(line).then(|| column_of_key(line, indent));
            list = if line[indent..].starts_with("- ") { Some(indent) } else { list };
            let slip = outside.or_else(|| slip(line, list == Some(indent)));
            found.extend(slip.map(|slip| slip.error(source, at)));
        }
        empty = !inside && block.is_some() || empty && line.trim().is_empty();
        if found.len() == MOST {
            break;
        }
        at += line.len() + 1;
    }
    found
}

/// The slips in the lines of a value that should have been a map, or a list.
pub fn slips_at(span: &Span, list: bool) -> Vec<SyntaxError> {
    let mut at = span.start();
    let lines = span.text().split('\n').take(MOST);
    let places = lines.map(|line| {
        at += line.len() + 1;
        (at - line.len() - 1, line)
    });
    let errors = places.filter_map(|(at, line)| Some(slip(line, list)?.error(span.source(), at)));
    errors.collect()
}

/// The same in a key by itself, which is followed by a `:` or, in braces, by nothing.
pub(super) fn slip_in_key(key: &str, span: &Span) -> Option<SyntaxError> {
    let (start, end) = (Odd::of(key.chars().next()?), Odd::of(key.chars().next_back()?));
    let zero = key.char_indices().find_map(|(at, c)| Some((at, Odd::of(c)?)));
    let zero = zero.filter(|(_, odd)| odd.instead.is_none());
    let edge = start.map(|odd| (0, odd)).filter(|(_, odd)| odd.is_unseen() || is_dash(*odd));
    let last = key.len() - key.chars().next_back().map_or(0, char::len_utf8);
    let end = end.map(|odd| (last, odd)).filter(|(_, odd)| odd.is_unseen());
    let slip = match edge.or(zero).or(end) {
        Some((at, odd)) if is_dash(odd) => Some(dash(at, odd)),
        Some((at, odd)) => Some(unseen(at, odd)),
        None => no_space_after_dash(key, key.starts_with('-')),
    };
    slip.map(|slip| slip.error(span.source(), span.start()))
}

struct Slip {
    range: Range<usize>,
    message: String,
    help: String,
}

impl Slip {
    fn new(range: Range<usize>, message: String, help: impl Into<String>) -> Slip {
        Slip { range, message, help: help.into() }
    }

    fn error(self, source: &Arc<Source>, at: usize) -> SyntaxError {
        let span = Span::new(source, at + self.range.start..at + self.range.end);
        SyntaxError::new(span, self.message).help(self.help)
    }
}

fn is_dash(odd: Odd) -> bool {
    odd.instead == Some('-')
}

/// Does a block of text begin behind this line?
fn opens_block(line: &str) -> bool {
    let code = line.split(" #").next().unwrap_or(line).trim_end();
    let code = code.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-'));
    let before = code.strip_suffix(['|', '>']).filter(|before| before.ends_with([' ', '\t']));
    let before = before.map(str::trim_end);
    before.is_some_and(|before| {
        before.ends_with(':') || before.trim_start() == "-" || before.ends_with(" -")
    })
}

/// The column that the lines of a block have to be behind: that of its key, or of its `-`.
fn column_of_key(line: &str, indent: usize) -> usize {
    let (mut at, mut dash) = (indent, indent);
    while let Some(rest) = line[at..].strip_prefix("- ") {
        dash = at;
        at = line.len() - rest.trim_start_matches(' ').len();
    }
    if line[at..].starts_with(['|', '>']) { dash } else { at }
}

/// A first line behind `|` or `>` that is neither within the block nor anything of YAML.
fn not_indented(line: &str, indent: usize) -> Option<Slip> {
    let code = line[indent..].trim_end();
    let bare = code.trim_start_matches(['"', '\'']);
    let marks = ["- ", "#", "---", "...", "? ", "{{", "{%", "${", "%{", "<%"];
    let yaml = code == "-" || marks.iter().any(|mark| code.starts_with(mark));
    let key = code.contains(": ") || code.ends_with(':') || bare.contains("\":");
    let message = "the text behind the `|` or `>` above is not indented".to_owned();
    let help = "indent each of its lines deeper than the key, or the `-`, that it belongs to";
    (!yaml && !key).then(|| Slip::new(indent..indent + code.len(), message, help))
}

/// The slip in a line; `list`: is it one of a list?
fn slip(line: &str, list: bool) -> Option<Slip> {
    let code = line.trim_start_matches([' ', '\t']);
    if code.starts_with('#') && !code.starts_with("#!") || code.is_empty() {
        return None;
    }
    let start = line.len() - code.len();
    let found = copied(code).or_else(|| at_start(code, list)).or_else(|| {
        let items = code.trim_start_matches("- ");
        let more = code.len() - items.len();
        let moved =
            |slip: Slip| Slip { range: slip.range.start + more..slip.range.end + more, ..slip };
        let brackets = if more > 0 { behind_list(items) } else { None };
        brackets.or_else(|| at_start(items, false)).or_else(|| in_pair(items)).map(moved)
    })?;
    Some(Slip { range: found.range.start + start..found.range.end + start, ..found })
}

/// What comes along when a file is copied out of a page or a terminal: how it begins, and what it
/// is.
const COPIED: &[(&str, &str)] = &[
    ("```", "a code fence of Markdown"),
    ("~~~", "a code fence of Markdown"),
    ("$ ", "a command line"),
    ("% ", "a command line"),
    (">>> ", "a command line"),
    ("PS C:\\", "a command line"),
    ("cat ", "a command line"),
    ("nano ", "a command line"),
    ("vim ", "a command line"),
    ("bootseed ", "a command line"),
    ("sudo ", "a command line"),
];

fn copied(code: &str) -> Option<Slip> {
    let end = matches!(code.trim_end(), "EOF" | "'EOF'" | "EOT").then_some("the end of a heredoc");
    let known = COPIED.iter().find(|(start, _)| code.starts_with(start)).map(|(_, what)| *what);
    let what = end.or(known.filter(|_| !code.contains(": ") || code.starts_with(['$', '`'])))?;
    let message = format!("{what} was copied along with the file");
    Some(Slip::new(0..code.trim_end().len(), message, "remove this line"))
}

/// `[ -f /x ] && rm /x`: a list to YAML, with something behind it.
fn behind_list(code: &str) -> Option<Slip> {
    let inner = code.strip_prefix("[ ").or_else(|| code.strip_prefix("[[ "))?;
    let (_, rest) = inner.split_once(" ]")?;
    let rest = rest.trim_start_matches(']').trim();
    let operator = ["&&", "||", ";"].iter().any(|operator| rest.starts_with(operator));
    let message = "a value that begins with `[` is a list, and something stands behind its `]`";
    let help = "put the whole command in quotes";
    operator.then(|| Slip::new(0..code.trim_end().len(), message.to_owned(), help))
}

/// What a line begins with.
fn at_start(code: &str, list: bool) -> Option<Slip> {
    let odd = code.chars().next().and_then(Odd::of);
    match odd {
        Some(odd) if is_dash(odd) => Some(dash(0, odd)),
        Some(odd) if odd.is_unseen() => Some(unseen(0, odd)),
        _ => no_space_after_dash(code, list),
    }
}

fn dash(at: usize, odd: Odd) -> Slip {
    let message = format!("{} stands where YAML wants `-`", odd.described());
    let help = "an item of a list begins with `- `, an ordinary hyphen and a space";
    Slip::new(at..at + odd.character.len_utf8(), message, help)
}

fn unseen(at: usize, odd: Odd) -> Slip {
    let (message, help) = match odd.instead {
        None => (format!("there is {} here", odd.described()), "remove it; it cannot be seen"),
        Some(_) => (
            format!("{} stands where YAML wants an ordinary space", odd.described()),
            "replace it by an ordinary space",
        ),
    };
    Slip::new(at..at + odd.character.len_utf8(), message, help)
}

/// `-name: kim`, or `-kim` where there is a list.
fn no_space_after_dash(code: &str, list: bool) -> Option<Slip> {
    let rest = code.strip_prefix('-')?;
    let word = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let help = "write `- ` before an item of a list";
    let message = "a space is missing after this `-`".to_owned();
    (word && (list || key_end(rest).is_some())).then(|| Slip::new(0..1, message, help))
}

/// Where a key ends that is followed by a `:`.
fn key_end(code: &str) -> Option<usize> {
    let end = word_end(code);
    let rest = &code[end..];
    (end > 0 && (rest == ":" || rest.starts_with(": "))).then_some(end)
}

fn word_end(code: &str) -> usize {
    let is_key = |c: char| c.is_alphanumeric() && Odd::of(c).is_none() || matches!(c, '_' | '-');
    code.find(|c| !is_key(c)).unwrap_or(code.len())
}

/// What stands between a key and its value, and how the value begins.
fn in_pair(code: &str) -> Option<Slip> {
    let quote = code.chars().next().filter(|c| matches!(c, '"' | '\''));
    let start = quote.map_or(0, char::len_utf8);
    let word = word_end(&code[start..]);
    let end = start + word + quote.map_or(0, char::len_utf8);
    let rest = code.get(end..).filter(|_| word > 0)?;
    let next = rest.chars().next()?;
    if let Some(odd) = Odd::of(next) {
        return odd_after_key(end, odd, rest);
    }
    let value = rest.strip_prefix(':')?;
    let first = value.chars().next()?;
    let at = end + 1;
    if let Some(odd) = Odd::of(first).filter(|odd| odd.is_unseen()) {
        return Some(unseen(at, odd));
    }
    if !matches!(first, ' ' | '\t') {
        return no_space(code, end, value);
    }
    let value_at = code.len() - value.trim_start().len();
    let odd = value.trim_start().chars().next().and_then(Odd::of).filter(|odd| odd.is_quote())?;
    let message = format!("{} is no quote to YAML", odd.described());
    let help = format!("write {} before and after the text", odd.instead.unwrap_or('"'));
    Some(Slip::new(value_at..value_at + odd.character.len_utf8(), message, help))
}

/// `hostname：lab`, `hostname\u{a0}: lab`
fn odd_after_key(at: usize, odd: Odd, rest: &str) -> Option<Slip> {
    if odd.is_unseen() {
        return plain_text(rest).trim_start().starts_with(':').then(|| unseen(at, odd));
    }
    let message = format!("{} stands where YAML wants `:`", odd.described());
    let help = "write `: ` after a key, an ordinary colon and a space";
    (odd.instead == Some(':')).then(|| Slip::new(at..at + odd.character.len_utf8(), message, help))
}

/// `hostname:lab`, but neither `https://…` nor `conda-forge::numpy` nor a value with a key before it.
fn no_space(code: &str, end: usize, value: &str) -> Option<Slip> {
    let word = code.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '"' | '\''));
    let other = !word || value.starts_with([':', '/', '\\']) || code.contains(": ");
    let message = "a space is missing after this `:`".to_owned();
    let help = format!("write `{}: ` and then the value", &code[..end]);
    (!other).then(|| Slip::new(end..end + 1, message, help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let found = slips(&Source::new("a.yaml", text));
        let shown = |one: SyntaxError| format!("{} {}", one.span.position(), one.message);
        found.into_iter().map(shown).collect()
    }

    #[test]
    fn slips_are_named_on_their_lines() {
        let colon = "a full-width colon `：` (U+FF1A) stands where YAML wants `:`";
        let space = "a no-break space (U+00A0) stands where YAML wants an ordinary space";
        for (text, expected) in [
            ("hostname：lab", format!("1:9 {colon}")),
            ("a: 1\n- name： kim", format!("2:7 {colon}")),
            ("\"name\"：kim", format!("1:7 {colon}")),
            ("a:\u{A0}b", format!("1:3 {space}")),
            ("a\u{A0}: b", format!("1:2 {space}")),
            ("  \u{A0}a: b", format!("1:3 {space}")),
            ("– name: kim", "1:1 an en dash `–` (U+2013) stands where YAML wants `-`".into()),
            ("users:\n  -name: kim", "2:3 a space is missing after this `-`".into()),
            ("\u{200B}a: b", "1:1 there is a zero-width space (U+200B) here".into()),
            ("hostname:lab", "1:9 a space is missing after this `:`".into()),
            ("- name:kim", "1:7 a space is missing after this `:`".into()),
            ("a: “b”", "1:4 a curly quote `“` (U+201C) is no quote to YAML".into()),
            ("```yaml", "1:1 a code fence of Markdown was copied along with the file".into()),
            ("$ cat a.yaml", "1:1 a command line was copied along with the file".into()),
            ("cat > a.yaml <<'EOF'", "1:1 a command line was copied along with the file".into()),
            (
                "- [ -f /x ] && rm /x",
                "1:3 a value that begins with `[` is a list, and something stands behind its `]`"
                    .into(),
            ),
            (
                "- path: /x\n  content: |\n\n  sudo apt\n",
                "4:3 the text behind the `|` or `>` above is not indented".into(),
            ),
            ("a:\n- |\nls -l", "3:1 the text behind the `|` or `>` above is not indented".into()),
            ("EOF", "1:1 the end of a heredoc was copied along with the file".into()),
        ] {
            assert_eq!(shown(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_is_right_is_left_alone() {
        for text in [
            "a: b：c\nurl: https://a.example:80/b\n- https://a.example\n- conda-forge::numpy\n",
            "content: |\n  hostname：lab\n  ```\n  $ cat x\n  a:b\n\n  – x\n",
            "- |\n  -name: x\n# hostname：lab\n---\n...\n-1\n- -1\n- -x\n",
            "- content: |\n    x\n  path: |-\n    /x\n- >\n  a b\n- |\n\n# x\n- b: |\n  c: d\n",
            "-   |\n  echo hi\nmessage: go ->\nnet.x: 1\n",
            "a: {b: c}\n\"x y\": 1\n12:30:45\n? x\n: y\n",
        ] {
            assert_eq!(shown(text), [""; 0], "{text}");
        }
    }
}
