//! What no message shows: passwords, tokens and private keys.
//!
//! In: a [`Source`], and its tree where it is YAML. Out: the lines that may hold a secret: those of
//! the values at such keys; in a text that is no YAML, every line with such a word, and what may go
//! on with it. To hide more: a part of a word in `PARTS`.

use std::ops::Range;
use std::sync::Arc;

use super::nearest;
use super::token::{Found, secrets};
use crate::source::{Node, Source, Span};

/// What is shown instead.
const STARS: &str = "***";
/// A key with one of these in it has a value that is hidden.
const PARTS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "private",
    "credential",
    "hash",
    "비밀",
    "암호",
    "密码",
    "密碼",
    "パスワード",
    "contraseña",
    "senha",
    "kennwort",
];
/// Keys close to one of these are hidden too: a slip of the fingers must not show a password.
const KEYS: &[&str] = &["password", "password_hash", "passwd", "hashed_passwd", "pw"];

/// Names with one of the words above in them that say yes or no, or what sudo asks for.
const OPEN: &[&str] = &[
    "lock_passwd",
    "lock-passwd",
    "nopasswd",
    "nopassword",
    "ssh_pwauth",
    "passwordauthentication",
];

/// Whether a key of this name has a value that nobody may see.
pub(super) fn is_secret(key: &str) -> bool {
    let small = key.to_lowercase();
    if OPEN.contains(&small.as_str()) {
        return false;
    }
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
    let (hidden, tokens, mut at) = (lines_of_text(text, false), secrets(text), 0);
    let lines = text.split('\n').map(|line| {
        let start = at;
        at += line.len() + 1;
        let indent = line.len() - line.trim_start_matches([' ', '\t', '-']).len();
        match hidden.iter().any(|range| range.start == start) && !line.trim().is_empty() {
            true => line[..secret_in(line).map_or(indent, |range| range.start)].to_owned() + STARS,
            false => without_tokens(line, start, &tokens),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line that begins at `start`, with stars in the place of what is in it of the tokens of a text.
fn without_tokens(line: &str, start: usize, tokens: &[Found]) -> String {
    let (mut shown, mut from) = (String::new(), 0);
    for Found { range, .. } in tokens {
        let own = range.start.max(start + from)..range.end.min(start + line.len());
        if own.start < own.end {
            shown += &line[from..own.start - start];
            shown += STARS;
            from = own.end - start;
        }
    }
    shown + &line[from..]
}

/// The lines of `source` that may hold a secret.
pub(super) fn hidden(source: &Arc<Source>, tree: Option<&Node>) -> Vec<Range<usize>> {
    let text = source.text();
    let name = source.name();
    // One value by itself; what it is for is in its name.
    let by_itself = source.is_value() || name.starts_with("--set ") || name.starts_with("set ");
    if by_itself && words(name).any(|word| is_secret(word.1)) {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = Vec::new();
    match tree.filter(|tree| in_tree(tree, source, &mut found)) {
        Some(_) => found.into_iter().chain(lines_of_tokens(text)).collect(),
        None => lines_of_text(text, true),
    }
}

/// The lines with what looks like a token, a private key and the like.
fn lines_of_tokens(text: &str) -> Vec<Range<usize>> {
    let (mut lines, mut at) = (Vec::new(), 0);
    let secrets = secrets(text);
    for line in text.split('\n') {
        let own = at..at + line.len();
        if secrets.iter().any(|one| one.range.start < own.end && own.start < one.range.end) {
            lines.push(own);
        }
        at += line.len() + 1;
    }
    lines
}

/// The lines of secrets among the values of a tree; says whether any value is of this source.
fn in_tree(tree: &Node, source: &Arc<Source>, found: &mut Vec<Range<usize>>) -> bool {
    let ours = |span: &Span| Arc::ptr_eq(span.source(), source);
    let (mut nodes, mut any) = (vec![tree], false);
    while let Some(node) = nodes.pop() {
        any |= ours(&node.span);
        nodes.extend(node.items());
        let url = node.as_scalar().is_some_and(|scalar| holds_login(&scalar.text));
        if url && ours(&node.span) {
            found.push(whole_lines(&node.span));
        }
        for entry in node.entries() {
            nodes.push(&entry.value);
            if !words(&entry.key).any(|word| is_secret(word.1)) {
                continue;
            }
            for span in [&entry.key_span, &entry.value.span].into_iter().filter(|span| ours(span)) {
                found.push(whole_lines(span));
            }
        }
    }
    any
}

fn whole_lines(span: &Span) -> Range<usize> {
    let (source, end) = (span.source(), span.start() + span.text().trim_end().len());
    source.line_range(span.start()).start..source.line_range(end).end
}

/// Is there a user name with a password, or a question with a token, in a URL or what is meant to
/// be one?
fn holds_login(text: &str) -> bool {
    let login = |word: &str| word.split_once('@').is_some_and(|(user, _)| user.contains(':'));
    let (_, rest) = text.split_once("://").unwrap_or(("", ""));
    rest.contains(['@', '?']) || rest.contains("/t/") || text.split_whitespace().any(login)
}

/// The lines of a text that may hold a secret, by its words alone; and those with `logins`.
fn lines_of_text(text: &str, logins: bool) -> Vec<Range<usize>> {
    let (mut found, mut at, mut open) = (Vec::new(), 0, None);
    for line in text.split('\n') {
        let own = words(line).any(|word| is_secret(word.1)) || logins && holds_login(line);
        let inside = open.as_ref().is_some_and(|open: &Open| open.holds(line));
        if own || inside {
            found.push(at..at + line.len());
        }
        open = match (inside, own) {
            (true, _) => open.and_then(|open| open.after(line)),
            (false, true) => Some(Open::at(line)),
            _ => None,
        };
        at += line.len() + 1;
    }
    found.extend(lines_of_tokens(text).into_iter().filter(|_| logins));
    found
}

/// A value that may go on in the next line.
struct Open {
    /// Where its key stands.
    column: usize,
    /// The quote that ends it.
    quote: Option<char>,
}

impl Open {
    /// What a line with a secret leaves open.
    fn at(line: &str) -> Open {
        let value = secret_in(line).map_or("", |range| &line[range]);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        Open { column: column(line), quote: quote.filter(|quote| !value[1..].contains(*quote)) }
    }

    /// Is this line part of it? What has no key of its own may be, wherever it stands.
    fn holds(&self, line: &str) -> bool {
        self.quote.is_some() || column(line) > self.column || !begins_with_key(line)
    }

    fn after(self, line: &str) -> Option<Open> {
        let quote = self.quote.filter(|quote| !line.contains(*quote));
        Some(Open { quote, ..self })
    }
}

fn column(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-']).len()
}

fn begins_with_key(line: &str) -> bool {
    let code = line[column(line)..].trim_start_matches(['"', '\'', '{', '[', ' ']);
    words(code).next().is_some_and(|(at, word)| {
        let rest = code[word.len()..].trim_start_matches(['"', '\'']);
        at == 0 && (rest == ":" || rest.starts_with(": "))
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

/// A part of a source as it is shown.
pub(super) fn shown(source: &Source, lines: &Range<usize>) -> String {
    let text = source.text().get(lines.clone()).unwrap_or_default();
    text.chars().map(|c| if is_c1(c) { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::parse;

    /// The lines that are hidden, from 1.
    fn numbers(text: &str) -> Vec<usize> {
        let source = Source::new("a.yaml", text);
        let hidden = hidden(&source, parse(&source).ok().as_ref());
        let is = |range: &Range<usize>, at: usize| range.start <= at && at <= range.end;
        let lines = text.split('\n').scan(0, |at, line| {
            *at += line.len() + 1;
            Some(*at - line.len() - 1)
        });
        let lines = lines.enumerate().filter(|(_, at)| hidden.iter().any(|range| is(range, *at)));
        lines.map(|(number, _)| number + 1).collect()
    }

    #[test]
    fn lines_that_may_hold_a_secret_are_hidden() {
        for (text, expected) in [
            ("a: 1\npassword: hunter2\nb: 2", &[2][..]),
            ("- {name: kim, password: x", &[1]),
            ("- {name: kim, password hunter2}", &[1]),
            ("- name: kim\n  password: |\n    x\n    y\n  b: z", &[2, 3, 4]),
            ("- name: kim\n  password:\n    x\n  b: z", &[2, 3]),
            ("- name: kim\n  password:\n  hunter2\n  b: z", &[2, 3]),
            ("- name: kim\n  password:\nhunter2\nb: z", &[2, 3]),
            ("password: \"x\ny: z\"\nb: z\nc", &[1, 2]),
            ("password: \"x\ny: z\nb: z", &[1, 2, 3]),
            ("password: {a: b,\n  c: d}\ne: f", &[1, 2]),
            ("password: [x,\ny]\nb: z", &[1, 2]),
            ("password:\n- x\n- y\nb: z", &[1, 2, 3]),
            ("password: x: y\nb: z", &[1]),
            ("users:\n- name: kim\n  password: @x\n- name: lee", &[3]),
            ("apt: {proxy: kim:pw@proxy}\na: 1", &[1]),
            ("a: https://example.org/?token=x\nb: https://example.org/", &[1]),
            ("a: https://kim:pw@example.org/", &[1]),
            ("name: passenger", &[]),
            ("sudo: ALL=(ALL) NOPASSWD:ALL\nlock_passwd: true\nssh_pwauth: true", &[]),
            ("run: [passwd -l kim]", &[]),
            ("hostname: pass\nb: [", &[1]),
            ("password_hash: x", &[1]),
            ("passwrd: x", &[1]),
            ("a: 1\nrun: [x ghp_abcdefghijklmnopqrstuvwxyz0123456789]\nb: [", &[2]),
            ("run: |\n  DB_TOKEN=x ls\nb: z", &[2]),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
        let one = |name: &str, text: &str| hidden(&Source::new(name, text), None).len();
        assert_eq!(one("--set users[0].password", "x y"), 1);
        assert_eq!(one("--set hostname", "x y"), 0);
        assert_eq!(one("--set", "users[0].password hunter2"), 1);
    }

    #[test]
    fn a_text_of_several_lines_has_stars() {
        let text = "a: 1\n  password: hunter2\n  b: 2\npassword: |\n  x\n\n  y\nc: 3";
        let expected = "a: 1\n  password: ***\n  b: 2\npassword: ***\n  ***\n\n  ***\nc: 3";
        assert_eq!(hide(text), expected);
        let text = "ls ghp_abcdefghijklmnopqrstuvwxyz0123456789 x\nA_KEY=https://kim:x@h/\nc";
        assert_eq!(hide(text), "ls *** x\nA_KEY=https://kim:***@h/\nc");
    }

    #[test]
    fn a_message_is_cut_behind_the_name_of_a_secret() {
        assert_eq!(conceal("password hunter2"), "password ***");
        assert_eq!(conceal("hostnme"), "hostnme");
        assert_eq!(shown_key("passwrd"), Some("passwrd"));
        assert_eq!(shown_key("password hunter2"), None);
        assert_eq!(shown_key("passhunter2"), None);
    }
}
