//! Files that are not what they were meant to be, or not for long.

use super::accounts::home_of;
use crate::diagnostic::Severity;
use crate::lint::people::People;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Origin, Part, Rule};
use crate::source::yaml11::Tree;

const WRITE_FILES: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html#write-files";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "file-before-owner",
        severity: Severity::Error,
        summary: "A file is given to an account that is made only later",
        boot: "`write_files` comes before users: the file is left to root, the module fails, and no later file \
               of the list is written.",
        advice: "Write `defer: true` beside it: the file is written behind users and packages, before `runcmd`.",
        examples: examples!("file-before-owner"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            WRITE_FILES,
            "https://github.com/canonical/cloud-init/issues/2573",
        ],
        check: before_owner,
    },
    Rule {
        id: "early-home-file",
        severity: Severity::Warning,
        summary: "A file below a home that is made only later",
        boot: "`write_files` makes the folder of the home as root, before the account is there: it stays \
               root's, and /etc/skel is not copied into it.",
        advice: "Write `defer: true` beside it, with `owner`.",
        examples: examples!("early-home-file"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            WRITE_FILES,
            "https://github.com/canonical/cloud-init/issues/6042",
        ],
        check: early_home,
    },
    Rule {
        id: "file-in-tmp",
        severity: Severity::Warning,
        summary: "A file below /tmp that is written before /tmp is cleaned",
        boot: "systemd-tmpfiles may clean /tmp later in the same boot: the file is gone when a command looks \
               for it, on some boots.",
        advice: "Write it below /run or /opt, or with `defer: true`.",
        examples: examples!("file-in-tmp"),
        evidence: &[WRITE_FILES, "https://bugs.launchpad.net/bugs/1707222"],
        check: in_tmp,
    },
    Rule {
        id: "undecodable-content",
        severity: Severity::Error,
        summary: "The content of a file is not in the encoding that stands beside it",
        boot: "The module fails there: neither this file nor any later one of the list is written.",
        advice: "Leave `encoding` out for text, or write what `base64 -w0 FILE` prints.",
        examples: examples!("undecodable-content"),
        evidence: &["tests/oracles/evidence.py", WRITE_FILES],
        check: undecodable,
    },
    Rule {
        id: "split-list-item",
        severity: Severity::Error,
        summary: "One item of `write_files` became two, by a `- ` too much",
        boot: "The half without `path` is skipped, and what it says (owner, mode, content) is lost.",
        advice: "Take the second `- ` out, so that all keys of the file are in one map.",
        examples: examples!("split-list-item"),
        evidence: &["tests/oracles/evidence.py", WRITE_FILES],
        check: split,
    },
    Rule {
        id: "guessed-root-home",
        severity: Severity::Warning,
        summary: "/home/root, which is not the home of root",
        boot: "A folder of that name is made, which nothing reads: the home of root is /root.",
        advice: "Write /root.",
        examples: examples!("guessed-root-home"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch03s14.html",
        ],
        check: root_home,
    },
];

fn path(file: &Tree) -> Option<&str> {
    file.get("path")?.as_str()
}

fn is_deferred(file: &Tree) -> bool {
    file.get("defer").and_then(Tree::as_bool) == Some(true)
}

/// Items that cloud-init writes before users are made.
fn early(part: &Part) -> impl Iterator<Item = &Tree> {
    part.items("write_files").iter().filter(|file| !is_deferred(file))
}

fn before_owner(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for file in early(part) {
            let Some(owner) = file.get("owner") else { continue };
            let Some(text) = owner.as_str().filter(|text| !has_hole(text)) else { continue };
            let (user, group) = text.split_once(':').unwrap_or((text, ""));
            let later = |name: &str| {
                let own = part.people.makes(name) || part.people.groups.contains(name);
                !name.is_empty() && !People::is_early(name) && own
            };
            let Some(name) = [user, group].into_iter().find(|name| later(name)) else { continue };
            let message = format!("`{name}` is made only after this file is written");
            let help = "write `defer: true` beside it; as it stands the file stays root's, and no later file of \
                        the list is written";
            findings.at(part, owner.range.clone(), message, help);
        }
    }
}

fn early_home(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for file in early(part) {
            let Some(name) = path(file).and_then(|path| home_of(part, path)) else { continue };
            let Some(tree) = file.get("path") else { continue };
            let message = format!("the home of `{name}` is made only after this file is written");
            let help =
                "write `defer: true` and `owner` beside it; as it stands the home belongs to root";
            findings.at(part, tree.range.clone(), message, help);
        }
    }
}

fn in_tmp(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for file in early(part) {
            if !path(file).is_some_and(|path| path.starts_with("/tmp/")) {
                continue;
            }
            let Some(tree) = file.get("path") else { continue };
            let message = "files below /tmp may be cleaned away later in the same boot";
            findings.at(
                part,
                tree.range.clone(),
                message,
                "write it below /run or /opt, or with `defer: true`",
            );
        }
    }
}

fn undecodable(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for file in part.items("write_files") {
            let Some(encoding) = file.get("encoding").and_then(Tree::as_str) else { continue };
            let Some(content) = file.get("content") else { continue };
            let Some(text) = content.as_str().filter(|text| !has_hole(text)) else { continue };
            let encoding = encoding.to_lowercase();
            let outcome = match encoding.contains("64") {
                true => decoded(text),
                // Text of YAML cannot hold gzip as it is.
                false if encoding.contains("gz") => Decoded::Refused,
                false => Decoded::Whole,
            };
            if outcome == Decoded::Whole || super::placeholders::is_placeholder(text) {
                continue;
            }
            let refused = outcome == Decoded::Refused;
            let severity = if refused { Severity::Error } else { Severity::Warning };
            let message = format!("this is not in the encoding `{encoding}`");
            let help = match refused {
                true => {
                    "leave `encoding` out where it is text; as it stands neither this file nor any later one \
                     is written"
                }
                false => {
                    "characters that do not belong are passed over: the file becomes something else"
                }
            };
            let diagnostic = findings.diagnostic_as(severity, message).help(help);
            findings.push(diagnostic.at_span(part.span(content.range.clone())));
        }
    }
}

/// What Python's decoder makes of a text.
#[derive(PartialEq)]
enum Decoded {
    Whole,
    /// It passes over what is no letter of the alphabet.
    Other,
    /// `Incorrect padding`
    Refused,
}

/// <https://docs.python.org/3/library/base64.html#base64.b64decode>, without `validate`
fn decoded(text: &str) -> Decoded {
    let letter = |c: &char| c.is_ascii_alphanumeric() || "+/".contains(*c);
    let letters = text.chars().filter(letter).count();
    let padding = text.chars().filter(|c| *c == '=').count();
    let odd = text.chars().any(|c| !letter(&c) && c != '=' && !c.is_ascii_whitespace());
    match letters % 4 {
        1 => Decoded::Refused,
        rest if rest > 0 && padding + rest < 4 => Decoded::Refused,
        _ if odd => Decoded::Other,
        _ => Decoded::Whole,
    }
}

fn split(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let files = part.items("write_files");
        for pair in files.windows(2) {
            let (one, two) = (&pair[0], &pair[1]);
            let has = |file: &Tree, key: &str| file.get(key).is_some();
            let lacking =
                |file: &Tree| file.is_map() && !has(file, "path") && file.pairs().count() > 0;
            let apart = one.pairs().all(|own| own.key.as_str().is_none_or(|key| !has(two, key)));
            let first = lacking(one) && has(two, "path") && apart;
            let second = lacking(two) && has(one, "path") && apart && !has(one, "content");
            if !(first || second) {
                continue;
            }
            let half = if first { one } else { two };
            let message =
                "these keys belong to the item beside them: a `- ` too much makes two items";
            let help = "take the `- ` out; this half is skipped, and what it says is lost";
            findings.at(part, half.range.clone(), message, help);
        }
    }
}

fn root_home(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for file in part.items("write_files") {
            let Some(tree) = file.get("path") else { continue };
            if tree.as_str().is_some_and(|path| path.starts_with("/home/root/")) {
                findings.at(part, tree.range.clone(), "the home of root is /root", "write /root");
            }
        }
    }
    for part in &document.parts {
        for shell in part.shells.iter().filter(|shell| shell.origin != Origin::Bootcmd) {
            let words = shell.commands.iter().flat_map(|command| &command.words);
            for word in words
                .filter(|word| word.text.starts_with("/home/root/") || word.text == "/home/root")
            {
                findings.at(part, word.range.clone(), "the home of root is /root", "write /root");
            }
        }
    }
}
