//! What a part is, by its MIME type or its first characters.
//!
//! <https://docs.cloud-init.io/en/latest/explanation/format.html>

use serde::Serialize;

use super::found::Label;

/// A kind of user-data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// `#cloud-config`
    CloudConfig,
    /// `#cloud-config-archive`
    Archive,
    /// `#cloud-config-jsonp`
    JsonPatch,
    /// `#!`
    Script,
    /// Scripts by frequency.
    ScriptByFrequency,
    /// `#cloud-boothook`
    Boothook,
    /// `#include`, `#include-once`
    Include,
    /// `#part-handler`
    PartHandler,
    /// `## template: jinja`
    Jinja,
    /// Nothing that cloud-init knows.
    Unknown,
}

/// First characters, in small letters, and what they mean; the longest first.
const HEADERS: &[(&str, Kind)] = &[
    ("#cloud-config-archive", Kind::Archive),
    ("#cloud-config-jsonp", Kind::JsonPatch),
    ("#cloud-config", Kind::CloudConfig),
    ("#cloud-boothook", Kind::Boothook),
    ("#part-handler", Kind::PartHandler),
    ("## template: jinja", Kind::Jinja),
    ("#include", Kind::Include),
    ("#!", Kind::Script),
];

/// MIME types.
pub(super) const TYPES: &[(&str, Kind)] = &[
    ("text/cloud-config", Kind::CloudConfig),
    ("text/cloud-config-archive", Kind::Archive),
    ("text/cloud-config-jsonp", Kind::JsonPatch),
    ("text/x-shellscript", Kind::Script),
    ("text/x-shellscript-per-boot", Kind::ScriptByFrequency),
    ("text/x-shellscript-per-instance", Kind::ScriptByFrequency),
    ("text/x-shellscript-per-once", Kind::ScriptByFrequency),
    ("text/cloud-boothook", Kind::Boothook),
    ("text/part-handler", Kind::PartHandler),
    ("text/jinja2", Kind::Jinja),
    ("text/x-include-url", Kind::Include),
    ("text/x-include-once-url", Kind::Include),
];

/// Types whose content decides after all: `handlers/__init__.py` of cloud-init.
const SNIFFED: &[&str] = &["text/plain", "text/x-not-multipart", SCRIPT];

const SCRIPT: &str = "text/x-shellscript";

impl Kind {
    /// The kind of a part, and why it is of none.
    pub(super) fn of(label: &Label, content: &[u8]) -> (Kind, Option<String>) {
        match label {
            Label::Mime(name) if SNIFFED.contains(&name.as_str()) => match sniff(content) {
                (Kind::Unknown, _) if name == SCRIPT => (Kind::Script, None),
                found => found,
            },
            Label::Mime(name) | Label::Item(name) => by_type(name),
            Label::Content => sniff(content),
        }
    }

    /// What the machine does with it.
    pub(super) fn action(&self) -> &'static str {
        match self {
            Kind::CloudConfig => "cloud-init's modules act on its keys",
            Kind::Archive => "its items are user-data again, each for itself",
            Kind::JsonPatch => "changes the cloud-config before it",
            Kind::Script => "runs once as root, at the end of the first boot",
            Kind::ScriptByFrequency => {
                "runs as root at the end of a boot, as often as its type says"
            }
            Kind::Boothook => "runs as root early on every boot",
            Kind::Include => "its URLs are fetched, and are user-data again",
            Kind::PartHandler => "Python that handles other parts",
            Kind::Jinja => "rendered with the machine's own data, then read again",
            Kind::Unknown => NOTHING,
        }
    }
}

/// What the machine does with what it passes over.
pub(super) const NOTHING: &str = "nothing";

fn by_type(name: &str) -> (Kind, Option<String>) {
    let known = TYPES.iter().find(|(known, _)| *known == name);
    let unknown = || (Kind::Unknown, Some(format!("cloud-init does not know the type {name}")));
    known.map_or_else(unknown, |(_, kind)| (kind.clone(), None))
}

/// White space at the start, as Python has it: four separators more than in Unicode.
pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c))
}

/// The kind by the first characters.
pub(super) fn sniff(content: &[u8]) -> (Kind, Option<String>) {
    let white = |byte: &u8| byte.is_ascii_whitespace() || (0x1c..=0x1f).contains(byte);
    let blanks = content.iter().take_while(|byte| white(byte)).count();
    let head = &content[blanks..content.len().min(blanks + HEAD)];
    let text = String::from_utf8_lossy(head);
    let start = trim_start(&text);
    let lower: String = start.chars().take(LONGEST).flat_map(char::to_lowercase).collect();
    let found = HEADERS.iter().find(|(header, _)| lower.starts_with(header));
    match found {
        Some((_, kind)) => (kind.clone(), None),
        None => (Kind::Unknown, Some(why_unknown(head, start).to_string())),
    }
}

/// Bytes that are looked at.
const HEAD: usize = 4096;

/// Characters of the longest header.
const LONGEST: usize = 32;

/// Why nothing would happen.
fn why_unknown(content: &[u8], start: &str) -> &'static str {
    let lower = start.to_ascii_lowercase();
    let near_header = |line: &str| {
        let word = line.trim_start_matches(['#', ' ']).replace(['_', ' '], "-");
        line.starts_with('#') && word.starts_with("cloud") && word.contains("config")
    };
    if content.is_empty() || start.is_empty() {
        "it is empty"
    } else if content.starts_with(b"\xef\xbb\xbf") {
        "a byte order mark hides the header: save the file as UTF-8 without BOM"
    } else if content.starts_with(b"\xff\xfe") || content.starts_with(b"\xfe\xff") {
        "it is UTF-16: save the file as UTF-8"
    } else if lower.lines().next().is_some_and(near_header) {
        "the header is misspelt: the first line must be exactly #cloud-config"
    } else if lower.lines().any(|line| line.starts_with("#cloud-config")) {
        "the line #cloud-config is not the first one: nothing may stand above it"
    } else if looks_like_keys(start) {
        "the first line #cloud-config is missing: without it a machine passes over everything"
    } else if looks_like_commands(start) {
        "a script without a first line #!/bin/bash is not run"
    } else {
        "it begins with nothing that cloud-init knows: no header, no script, no MIME message"
    }
}

/// Is the first line that says anything `key:`, as in a cloud-config?
fn looks_like_keys(text: &str) -> bool {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let key = lines.find(|line| *line != "---").and_then(|line| line.split_once(':'));
    key.is_some_and(|(key, value)| {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        !key.is_empty() && key.chars().all(word) && (value.is_empty() || value.starts_with(' '))
    })
}

fn looks_like_commands(text: &str) -> bool {
    const PROGRAMS: &[&str] =
        &["apt", "echo", "sudo", "set", "export", "cd", "yum", "curl", "wget", "mkdir"];
    text.lines()
        .any(|line| line.split([' ', '-']).next().is_some_and(|word| PROGRAMS.contains(&word)))
}
