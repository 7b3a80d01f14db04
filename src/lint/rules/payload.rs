//! The whole of it: size, envelopes, several parts, secrets.

use std::collections::HashSet;

use crate::diagnostic::Severity;
use crate::inspect::Kind;
use crate::lint::rule::examples;
use crate::lint::{Document, Edit, Findings, Fix, Part, Rule};
use crate::source::Span;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "passed-over",
        severity: Severity::Error,
        summary: "An envelope or a part that a machine does not open, or damages",
        boot: "The part is dropped, or all user-data is lost; the message says which.",
        advice: "`bootseed inspect` shows every envelope and part, and what becomes of it.",
        examples: examples!("passed-over"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/destinations/cloud_init.rs: cloud-init's own code does what is said",
        ],
        check: passed_over,
    },
    Rule {
        id: "oversized-user-data",
        severity: Severity::Warning,
        summary: "It is larger than EC2 takes (16,384 bytes)",
        boot: "EC2 refuses to launch the machine: `User data is limited to 16384 bytes`.",
        advice: "Compress it (`gzip -9`), or fetch what is large from somewhere else.",
        examples: examples!("oversized-user-data"),
        evidence: &["https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"],
        check: oversized,
    },
    Rule {
        id: "lists-lost-in-merge",
        severity: Severity::Warning,
        summary: "Several cloud-configs have the same list, and only that of the last one counts",
        boot: "Parts are merged key by key, and a list replaces the one before it: of two `runcmd` the first is \
               gone without a word.",
        advice: "Put the lists into one part, or write `merge_how: 'list(append)+dict(recurse_list)+str()'` into \
                 each part from the second on.",
        examples: examples!("lists-lost-in-merge"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/merging.html",
            "https://github.com/canonical/cloud-init/issues/4367",
        ],
        check: merged,
    },
    Rule {
        id: "mixed-line-endings",
        severity: Severity::Warning,
        summary: "Some lines of a script end as on Windows, and the first one does not",
        boot: "cloud-init mends line ends only where the first line has one of Windows: `bad interpreter` or \
               `$'\\r': command not found` otherwise.",
        advice: "Save the file with the line ends of Unix.",
        examples: examples!("mixed-line-endings"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/util.py",
        ],
        check: line_ends,
    },
    Rule {
        id: "private-key",
        severity: Severity::Hint,
        summary: "A private key in the user-data",
        boot: "It works. Everybody who can read the user-data has the key, too: the cloud's console, programs on the machine, \
               the repository.",
        advice: "Make the key on the machine, or fetch it from a store of secrets.",
        examples: examples!("private-key"),
        evidence: &["https://docs.cloud-init.io/en/latest/howto/index.html"],
        check: private_key,
    },
];

/// What other rules say better.
const OTHERS: &[&str] = &[
    "white space above the header",
    "the header is misspelt",
    "#cloud-config is not the first",
    "#cloud-config is missing",
    "byte order mark",
    "UTF-16",
    "YAML as cloud-init reads it",
    "it is a list, and keys",
    "it is a single value, and keys",
    "it begins with nothing",
    "it is empty",
    "this is plain text",
];

fn passed_over(document: &Document, findings: &mut Findings) {
    let machines = document.inspection.machines.iter();
    let all = machines.flat_map(|machine| &machine.warnings).chain(&document.inspection.warnings);
    let unknown = document.parts.iter().any(|part| part.kind == Kind::Unknown);
    for warning in all {
        let script = warning.contains("first line #!/bin/bash is not run") && document.is_bare();
        if OTHERS.iter().any(|words| warning.contains(words)) || script && unknown {
            continue;
        }
        let empty = warning.contains("it has no keys");
        // What another program on the machine reads is none of cloud-init's.
        let foreign = warning.contains("does not know the type application/");
        let severity = if foreign || empty { Severity::Hint } else { Severity::Error };
        let diagnostic = findings.diagnostic_as(severity, warning.clone());
        let help = "`bootseed inspect` shows all parts and what becomes of them";
        findings.push(diagnostic.help(help).at_span(document.first_line()));
    }
}

const EC2: usize = 16_384;

fn oversized(document: &Document, findings: &mut Findings) {
    let plain = document.inspection.layers.is_empty();
    let large = document.bytes > EC2 && plain && document.parts.iter().any(|part| part.used);
    if large {
        let message = format!("{} bytes of user-data; EC2 takes {EC2}", document.bytes);
        let help =
            "compress it with `gzip -9`, which cloud-init undoes by itself; other clouds take more";
        let severity = match document.target.image {
            Some(image) if image.name.starts_with("amazon") => Severity::Error,
            _ => Severity::Hint,
        };
        let place = Span::new(&document.outer, document.outer.line_range(0));
        findings.push(findings.diagnostic_as(severity, message).help(help).at_span(place));
    }
}

/// Lists that people spread over several parts.
const LISTS: &[&str] = &[
    "runcmd",
    "bootcmd",
    "packages",
    "write_files",
    "users",
    "ssh_authorized_keys",
    "mounts",
    "groups",
];

fn merged(document: &Document, findings: &mut Findings) {
    if !document.inspection.machines.is_empty() {
        return;
    }
    let mut before = HashSet::new();
    let header = document.outer.text().to_lowercase().contains("merge-type:");
    for part in document.configs().filter(|part| part.used && !header) {
        let says = part.get("merge_how").or_else(|| part.get("merge_type")).is_some();
        for key in LISTS {
            let pair = part.tree.as_ref().and_then(|tree| tree.pair(key));
            let Some(pair) = pair.filter(|_| !before.insert(key) && !says) else { continue };
            let message = format!("this `{key}` replaces that of a part before it");
            let help = "put both into one part, or write `merge_how: 'list(append)+dict(recurse_list)+str()'` here";
            findings.at(part, pair.key.range.clone(), message, help);
        }
    }
}

fn line_ends(document: &Document, findings: &mut Findings) {
    for part in &document.parts {
        let script = matches!(part.kind, Kind::Script | Kind::Boothook | Kind::ScriptByFrequency);
        let first = part.text.split_inclusive('\n').next().unwrap_or_default();
        if script
            && !first.ends_with("\r\n")
            && let Some(at) = part.text.find("\r\n")
        {
            let line = part.line(at);
            let help = "save the file with the line ends of Unix: `sed -i 's/\\r$//' FILE`";
            let message = "this line ends as on Windows, and the first one does not";
            let diagnostic =
                findings.diagnostic(message).help(help).at_span(part.span(line.start..at));
            findings.push_with(diagnostic, unix_ends(part));
        }
    }
}

fn unix_ends(part: &Part) -> Option<Fix> {
    let ends = part.text.match_indices("\r\n");
    let edit = |at: usize| Some(Edit { span: part.exact(at..at + 1)?, text: String::new() });
    let edits = ends.map(|(at, _)| edit(at)).collect::<Option<_>>()?;
    Some(Fix { title: "end lines as on Unix".into(), edits })
}

fn private_key(document: &Document, findings: &mut Findings) {
    for part in document.parts.iter().filter(|part| part.used) {
        let marks = part.text.match_indices("-----BEGIN ");
        let key = |at: usize| {
            let line = &part.text[part.line(at)];
            line.contains("PRIVATE KEY-----") && !line.contains("PUBLIC")
        };
        for (at, _) in marks.filter(|(at, _)| key(*at)).take(3) {
            let own = part.get("ssh_keys").is_some_and(|keys| keys.range.contains(&at));
            if own {
                continue;
            }
            let message = "a private key, which everybody has who can read the user-data";
            let help = "make it on the machine, or fetch it from a store of secrets";
            findings.at(part, at..at + "-----BEGIN".len(), message, help);
        }
    }
}
