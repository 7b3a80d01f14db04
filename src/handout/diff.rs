//! What changes in a file, line by line, without showing a secret.
//!
//! In: both states of a file. Out: the unified form that `diff -u` writes; a line whose secret
//! changed is there twice, with stars in both.

use std::fmt::Write;

use similar::TextDiff;
use similar::udiff::UnifiedHunkHeader;

use super::reveal;
use crate::diagnostic;

/// Lines shown around a change.
const AROUND: usize = 3;
const STARS: &str = "***";
/// Identifiers of hashes of passwords: crypt(5).
const HASHES: &[&str] = &["1", "2a", "2b", "2y", "5", "6", "7", "gy", "sm3", "sha1", "y"];

/// What changes in the file `name`; `None` stands for no file. Text out of gzip, base64 and JSON is
/// compared as text; of other content, the sizes are told.
pub fn diff(name: &str, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    let head = |sign: &str, there: bool| {
        format!("{sign} {}\n", visible(if there { name } else { "/dev/null" }))
    };
    let head = head("---", old.is_some()) + &head("+++", new.is_some());
    let text = |bytes: Option<&[u8]>| reveal::text(bytes.unwrap_or_default());
    let what = match (text(old), text(new)) {
        _ if old == new => return String::new(),
        (Some(before), Some(after)) if before != after => return head + &hunks(&before, &after),
        (Some(_), Some(_)) => "the same text, packed otherwise",
        _ => "not text",
    };
    let [old, new] = [old, new].map(|bytes| bytes.map_or(0, <[u8]>::len));
    format!("{head}{what}: {old} -> {new} bytes\n")
}

/// All stretches of lines that differ.
fn hunks(old: &str, new: &str) -> String {
    let (before, after) = (lines(old), lines(new));
    let shown = (masked(old), masked(new));
    let diff = TextDiff::from_slices(&before, &after);
    let mut text = String::new();
    for group in diff.grouped_ops(AROUND) {
        let _ = writeln!(text, "{}", UnifiedHunkHeader::new(&group));
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let line = match (change.old_index(), change.new_index()) {
                (_, Some(line)) => shown.1.get(line),
                (Some(line), None) => shown.0.get(line),
                (None, None) => None,
            };
            let _ = writeln!(text, "{}{}", change.tag(), line.map_or("", String::as_str));
            if !change.value().ends_with('\n') {
                text += "\\ No newline at end of file\n";
            }
        }
    }
    text
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The lines of a text as they may be shown.
fn masked(text: &str) -> Vec<String> {
    let mut in_key = false;
    let shown = diagnostic::hide(text);
    let lines = shown.split_inclusive('\n').map(|line| {
        let line = line.trim_end_matches(['\n', '\r']);
        let marks_key = line.contains("PRIVATE KEY-----");
        let inside = in_key && !marks_key;
        in_key = if marks_key { line.contains("-----BEGIN") } else { in_key };
        if inside { STARS.to_string() } else { visible(&without_user(&without_hash(line))) }
    });
    lines.collect()
}

/// A line without the hash of a password: `$`, the kind of hash, `$` and the rest of the word.
fn without_hash(line: &str) -> String {
    let end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ':' | '<' | ')');
    let found = line.match_indices('$').find_map(|(at, _)| {
        let rest = &line[at + 1..];
        let kind = rest.split('$').next().filter(|kind| HASHES.contains(kind))?;
        let hash = &rest[kind.len()..];
        let length = hash.find(end).unwrap_or(hash.len());
        (length > 8).then(|| (at, at + 1 + kind.len() + length))
    });
    match found {
        Some((from, to)) => format!("{}{STARS}{}", &line[..from], without_hash(&line[to..])),
        None => line.to_string(),
    }
}

/// A line whose URLs have no password: `https://name:***@host`.
fn without_user(line: &str) -> String {
    let found = line.match_indices("://").find_map(|(at, sign)| {
        let from = at + sign.len();
        let end = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>');
        let host = &line[from..][..line[from..].find(end).unwrap_or(line.len() - from)];
        let user = &host[..host.rfind('@')?];
        Some((from + user.find(':')? + 1, from + user.len()))
    });
    match found {
        Some((from, to)) => format!("{}{STARS}{}", &line[..from], without_user(&line[to..])),
        None => line.to_string(),
    }
}

/// A line that tells a terminal nothing.
fn visible(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '·' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn changes(old: &str, new: &str) -> Vec<String> {
        let text = diff("a", Some(old.as_bytes()), Some(new.as_bytes()));
        text.lines().skip(3).map(str::to_string).collect()
    }

    #[test]
    fn it_is_the_unified_form() {
        let (old, new) = ("a\nb\nc\nd\ne\nf\ng\n", "a\nb\nc\nD\ne\nf\ng");
        assert_eq!(
            diff("machines/kim.yaml", Some(old.as_bytes()), Some(new.as_bytes())),
            "--- machines/kim.yaml\n+++ machines/kim.yaml\n@@ -1,7 +1,7 @@\n a\n b\n c\n-d\n+D\n e\n \
             f\n-g\n+g\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("k", None, Some(b"a\n")), "--- /dev/null\n+++ k\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(diff("k", Some(b"a\n"), None), "--- k\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(diff("k", Some(b"a"), Some(b"a")), "");
        assert_eq!(
            diff("k", Some(b"\0"), Some(b"\xff\0")),
            "--- k\n+++ k\nnot text: 1 -> 2 bytes\n"
        );
        let packed = diff("k", Some(b"{\"a\": 1}"), Some(b"{\"a\":1}"));
        assert_eq!(packed, "--- k\n+++ k\nthe same text, packed otherwise: 8 -> 7 bytes\n");
    }

    #[test]
    fn a_secret_that_changes_is_seen_to_change_and_not_shown() {
        for (old, new, shown) in [
            (
                "    hashed_passwd: $6$abc$XYZ12345",
                "    hashed_passwd: $6$abd$XYZ12346",
                "    hashed_passwd: ***",
            ),
            ("password: hunter2", "password: hunter3", "password: ***"),
            ("  API_TOKEN=hunter2", "  API_TOKEN=hunter3", "  API_TOKEN=***"),
            ("x kim:$6$salt$hunter2hunter2:1", "x kim:$6$salt$hunter3hunter3:1", "x kim:***:1"),
            ("'$y$j9T$hunter2hunter2'", "'$y$j9T$hunter3hunter3'", "'***'"),
            (
                "- git clone https://kim:hunter2@h/x",
                "- git clone https://kim:hunter3@h/x",
                "- git clone https://kim:***@h/x",
            ),
        ] {
            let (old, new) = (format!("{old}\n"), format!("{new}\n"));
            assert_eq!(changes(&old, &new), [format!("-{shown}"), format!("+{shown}")]);
        }
    }

    #[test]
    fn secrets_of_several_lines_are_not_shown() {
        let text = |secret: &str, rest: &str| {
            format!(
                "key: |\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  {secret}\n  x\n  -----END OPENSSH \
                 PRIVATE KEY-----\npassword: |\n  {secret}\nhostname: {rest}\n"
            )
        };
        let shown = changes(&text("hunter2", "a"), &text("hunter3", "b")).join("\n");
        assert!(!shown.contains("hunter"), "{shown}");
        assert!(shown.contains("\n-hostname: a\n") && shown.ends_with("\n+hostname: b"), "{shown}");
        let packed = |text: &str| {
            let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            writer.write_all(text.as_bytes()).unwrap();
            writer.finish().unwrap()
        };
        let states = [text("hunter2", "a"), text("hunter3", "b")].map(|text| packed(&text));
        let shown = diff("k", Some(&states[0]), Some(&states[1]));
        assert!(!shown.contains("hunter") && shown.contains("+hostname: b"), "{shown}");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        let shown = diff("\u{1b}[2J", Some(b"a\n"), Some("\u{1b}[2Jb\tc\r\n".as_bytes()));
        assert_eq!(shown, "--- ·[2J\n+++ ·[2J\n@@ -1 +1 @@\n-a\n+·[2Jb\tc\n");
    }

    proptest! {
        #[test]
        fn without_secrets_it_is_what_similar_writes(
            old in "([abc]{0,2}\n){0,12}[ab]?",
            new in "([abc]{0,2}\n){0,12}[ab]?",
        ) {
            let ours = diff("k", Some(old.as_bytes()), Some(new.as_bytes()));
            let diff = TextDiff::from_lines(&old, &new);
            let expected = diff.unified_diff().header("k", "k").to_string();
            prop_assert_eq!(ours, expected);
        }
    }
}
