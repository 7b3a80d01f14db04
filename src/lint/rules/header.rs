//! The first characters of user-data, which decide what all of it is.

use super::foreign::whose;
use crate::diagnostic::Severity;
use crate::inspect::Kind;
use crate::lint::rule::examples;
use crate::lint::schema::top_keys;
use crate::lint::{Document, Edit, Findings, Fix, Part, Rule};
use crate::source::Span;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "missing-header",
        severity: Severity::Error,
        summary: "The first line is not exactly `#cloud-config`, or that of another kind of user-data",
        boot: "Nothing. cloud-init logs `Unhandled non-multipart (text/x-not-multipart) userdata`, \
               and the machine boots with its defaults.",
        advice: "Write `#cloud-config` as the very first line, or `#!/bin/bash` above a script. \
                 Multipass writes the header itself: `--image multipass`.",
        examples: examples!("missing-header"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/explanation/format.html",
            "https://github.com/canonical/cloud-init/issues/6114",
        ],
        check: missing,
    },
    Rule {
        id: "byte-order-mark",
        severity: Severity::Error,
        summary: "The file begins with a byte order mark, or is UTF-16",
        boot: "Nothing: the mark stands before the header, which is not recognised then.",
        advice: "Save the file as UTF-8 without BOM; in Notepad: Save as, Encoding: UTF-8.",
        examples: examples!("byte-order-mark"),
        evidence: &["tests/oracles/evidence.py", "https://github.com/hetznercloud/cli/issues/511"],
        check: byte_order_mark,
    },
    Rule {
        id: "whitespace-before-header",
        severity: Severity::Hint,
        summary: "Blank lines or spaces stand above the header",
        boot: "cloud-init passes over them, and all of it is used. Some clouds and tools compare the \
               first characters themselves, and take the text for something else.",
        advice: "Take them out.",
        examples: examples!("whitespace-before-header"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/woodpecker-ci/autoscaler/issues/655",
        ],
        check: whitespace,
    },
    Rule {
        id: "key-behind-header",
        severity: Severity::Warning,
        summary: "A key stands on the line of the header",
        boot: "The header is known by its first characters, and the whole line is a comment: the key and its value are \
               lost without a word.",
        advice: "Write the key on a line of its own.",
        examples: examples!("key-behind-header"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/handlers/__init__.py",
        ],
        check: behind,
    },
];

const MARK: char = '\u{FEFF}';

fn missing(document: &Document, findings: &mut Findings) {
    if document.target.multipass {
        return;
    }
    for part in document.parts.iter().filter(|part| part.kind == Kind::Unknown) {
        let said = part.text.starts_with(MARK) || is_wide(document) || whose(part).is_some();
        if said {
            continue;
        }
        match misspelt(part) {
            Some(number) => misspelt_at(part, number, findings),
            None if part.is_config() => absent(part, findings),
            None if document.is_bare() => nothing(document, part, findings),
            None => {}
        }
    }
}

/// The line of a header that is misspelt, or not the first one.
fn misspelt(part: &Part) -> Option<usize> {
    let lines = part.text.lines().take(20);
    let near = |line: &str| {
        let word: String = line.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let bare = line.trim().trim_end_matches(':');
        let comment = line.starts_with('#') && word.starts_with("cloudconfig");
        comment && word.len() < 40 || bare == "cloud-config" || bare == "#cloud-config"
    };
    lines.enumerate().find(|(_, line)| near(line)).map(|(number, _)| number)
}

/// The line that says that a document is a template, as it may be misspelt: cloud-init knows it by
/// its first characters.
const JINJA: &str = "## template: jinja";

fn misspelt_at(part: &Part, number: usize, findings: &mut Findings) {
    let first = part.text.lines().next().unwrap_or_default();
    let letters: String = first.chars().filter(|c| c.is_alphabetic()).collect();
    if first.starts_with('#') && letters.eq_ignore_ascii_case("templatejinja") {
        let range = part.line(0);
        let message =
            format!("the first line is misspelt: a machine passes over all of this (`{first}`)");
        let help = format!("write exactly `{JINJA}`; what is below it is a template then");
        let fix = Fix::replace(part, range.clone(), JINJA, "write the line as it must be");
        let diagnostic = findings.diagnostic(message).help(help).at_span(part.span(range));
        return findings.push_with(diagnostic, fix);
    }
    let before: usize = part.text.split_inclusive('\n').take(number).map(str::len).sum();
    let line = part.line(before);
    let text = &part.text[line.clone()];
    let first = part.text[..before].trim().is_empty();
    let (message, help) = match text.trim_end() == "#cloud-config" && !first {
        true => (
            "the header is not the first line: a machine passes over all of this".to_owned(),
            "move `#cloud-config` to the very top; comments may follow it".to_owned(),
        ),
        false => (
            format!(
                "the header is misspelt: a machine passes over all of this (`{}`)",
                text.trim()
            ),
            "write exactly `#cloud-config` as the first line".to_owned(),
        ),
    };
    let fix = match first {
        true => Fix::replace(part, line.clone(), "#cloud-config", "write the header as it must be"),
        false => moved(part, before..(line.end + 1).min(part.text.len())),
    };
    let diagnostic = findings.diagnostic(message).help(help).at_span(part.span(line));
    findings.push_with(diagnostic, fix);
}

/// The header above everything.
fn moved(part: &Part, old: std::ops::Range<usize>) -> Option<Fix> {
    let top = Edit { span: part.exact(0..0)?, text: "#cloud-config\n".into() };
    let gone = Edit { span: Span::new(part.source(), old), text: String::new() };
    let title = "move the header to the top".into();
    part.exact(0..0).map(|_| Fix { title, edits: vec![top, gone] })
}

fn absent(part: &Part, findings: &mut Findings) {
    let first = part.text.lines().next().unwrap_or_default();
    let dashes = first.trim_end() == "---";
    let message = "the first line `#cloud-config` is missing: a machine passes over all of this";
    let help = match dashes {
        true => "write `#cloud-config` in the place of `---`; `multipass launch` adds it by itself",
        false => "write it above everything else; `multipass launch` adds it by itself",
    };
    let edit = part.exact(0..if dashes { first.len() } else { 0 });
    let text = if dashes { "#cloud-config" } else { "#cloud-config\n" };
    let fix = edit.map(|span| Fix {
        title: "write the header".into(),
        edits: vec![Edit { span, text: text.into() }],
    });
    let place = part.span(part.line(0));
    findings.push_with(findings.diagnostic(message).help(help).at_span(place), fix);
}

/// What begins with nothing that cloud-init knows.
fn nothing(document: &Document, part: &Part, findings: &mut Findings) {
    let why = document.inspection.warnings.last().map_or("", |why| why.as_str());
    let message = format!("a machine passes over all of this: {why}");
    let help = "write `#cloud-config` above keys, or `#!/bin/bash` above commands";
    findings.at(part, part.line(0), message, help);
}

/// Is it UTF-16?
fn is_wide(document: &Document) -> bool {
    let starts: [&[u8]; 4] = [b"\xff\xfe", b"\xfe\xff", b"#\0c\0", b"\0#\0c"];
    starts.iter().any(|start| document.head.starts_with(start))
}

fn byte_order_mark(document: &Document, findings: &mut Findings) {
    if is_wide(document) {
        let message = "the file is UTF-16: a machine passes over all of it";
        let help = "save the file as UTF-8";
        let place = Span::new(&document.outer, 0..0);
        return findings.push(findings.diagnostic(message).help(help).at_span(place));
    }
    for part in document.parts.iter().filter(|part| part.text.starts_with(MARK)) {
        let message = "a byte order mark, which no editor shows, stands before the first line";
        let help =
            "save the file as UTF-8 without BOM: a machine passes over all of it as it stands";
        let range = 0..MARK.len_utf8();
        let fix = Fix::replace(part, range.clone(), "", "take the byte order mark out");
        findings.push_with(findings.diagnostic(message).help(help).at_span(part.span(range)), fix);
    }
}

fn whitespace(document: &Document, findings: &mut Findings) {
    for part in document.parts.iter().filter(|part| part.kind == Kind::CloudConfig) {
        let bare = part.text.trim_start();
        let blank = part.text.len() - bare.len();
        if blank == 0 || !bare.starts_with('#') || !document.is_bare() {
            continue;
        }
        let range = blank..blank + "#cloud-config".len();
        let message = "there is white space above the header";
        let help = "take it out: cloud-init copes, some clouds and tools do not";
        let fix = Fix::replace(part, 0..blank, "", "take the white space out");
        findings.push_with(findings.diagnostic(message).help(help).at_span(part.span(range)), fix);
    }
}

/// Anything else behind the header is a comment, which harms nobody.
fn behind(document: &Document, findings: &mut Findings) {
    for part in document.parts.iter().filter(|part| part.kind == Kind::CloudConfig) {
        let start = part.text.len() - part.text.trim_start().len();
        let line = part.line(start);
        let text = &part.text[line.clone()];
        // Within a message the type may be said by its header alone.
        if !text.starts_with('#') {
            continue;
        }
        let mut words = text.split_inclusive(char::is_whitespace).scan(line.start, |at, word| {
            *at += word.len();
            Some((*at - word.len(), word.trim_end()))
        });
        let key = words.find_map(|(at, word)| {
            let quotes = ['{', '"', '\''];
            let name = word.strip_suffix(':')?.trim_matches(quotes);
            top_keys().any(|known| known == name).then_some((at, name))
        });
        if let Some((at, name)) = key {
            let message = format!("`{name}` is lost: the line of the header is a comment");
            let help = "write the key on a line of its own, below the header";
            findings.at(part, at..line.end, message, help);
        }
    }
}
