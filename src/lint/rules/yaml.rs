//! YAML as cloud-init's reader has it: what it refuses, and what it loses without a word.

use std::collections::HashMap;

use crate::diagnostic::Severity;
use crate::inspect::Kind;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Part, Rule};
use crate::source::yaml11::{Body, LoadError, Pair, Tree};
use crate::source::{self, Source};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "invalid-yaml",
        severity: Severity::Error,
        summary: "It is no YAML that cloud-init can read",
        boot: "cloud-init logs `Failed loading yaml blob` and drops the whole part: no account, no \
               file, no command of it.",
        advice: "Often it is a tab, an indentation that does not fit, a missing space behind `:` or \
                 `-`, or a value that begins with `%`, `@`, `` ` ``, `*`, `&`, `[` or `{` and needs \
                 quotes.",
        examples: examples!("invalid-yaml"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/issues/2180",
            "tests/values/pyyaml.rs: PyYAML refuses what this refuses",
        ],
        check: invalid,
    },
    Rule {
        id: "not-looked-at",
        severity: Severity::Warning,
        summary: "It has too many values, is nested too deep, or is a template that is no YAML",
        boot: "cloud-init may read it. bootseed looks at nothing of a document with more than 100,000 values or 200 \
               levels, or of a template that is no YAML, and at the first 50,000 commands of a script.",
        advice: "Keep what a machine needs in a file that it downloads, and let the user-data fetch it.",
        examples: examples!("not-looked-at"),
        evidence: &["tests/oracles/evidence.py"],
        check: beyond,
    },
    Rule {
        id: "duplicate-key",
        severity: Severity::Error,
        summary: "A key stands twice in one map",
        boot: "The last one counts, and the ones before it are gone without a word: of two `runcmd:` \
               the first is never run.",
        advice: "Put both under one key.",
        examples: examples!("duplicate-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            "https://github.com/uyuni-project/sumaform/issues/2228",
        ],
        check: duplicate,
    },
];

fn invalid(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let Some(LoadError::Refused(why)) = &part.failure else { continue };
        if part.template || lacks_hash(part) {
            continue;
        }
        let (at, why) = place(part, why);
        let hole = unfilled(part, at);
        let at = hole.unwrap_or(at);
        let line = part.line(at);
        let marks = ["{{", "{%", "%{"];
        let marked = marks.iter().any(|mark| part.text[line.clone()].contains(mark));
        let template = hole.is_some() || marked;
        let words = "this looks like a template that nothing has filled in".to_owned();
        let rendered = || Some("lint what the template renders to".to_owned());
        let own = if template { Some((words, rendered())) } else { own_words(part, at) };
        let (message, help) = match &own {
            Some((message, help)) => (message.clone(), help.clone()),
            None => (why.to_owned(), None),
        };
        let general = "cloud-init drops the whole part, so that nothing of it happens";
        let help = help.map_or_else(|| general.to_owned(), |help| format!("{help}; {general}"));
        let range = at.min(line.end)..line.end.max(at);
        let diagnostic = findings.diagnostic(message).help(help).at_span(part.span(range));
        findings.push(diagnostic);
    }
}

/// Is the first line a header without its `#`, so that a key with nothing behind it begins the text?
fn lacks_hash(part: &Part) -> bool {
    let first = part.text.trim_start().lines().next().unwrap_or_default();
    matches!(first.trim_end(), "cloud-config" | "cloud-config:")
}

/// Where a line that is a variable of a template alone begins, if that is why the place cannot be
/// read: PyYAML notices it in the next line only.
fn unfilled(part: &Part, at: usize) -> Option<usize> {
    let line = part.line(at);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let deepest = indent(&part.text[line.clone()]);
    let lines = part.text[..line.end].lines().rev().filter(|line| !line.trim().is_empty());
    // What is deeper may be text of a block.
    let alone = |line: &&str| {
        let variable = line.trim().starts_with("${") && line.trim().ends_with('}');
        variable && indent(line) <= deepest
    };
    let line = lines.take(2).find(alone)?;
    Some(line.as_ptr() as usize - part.text.as_ptr() as usize)
}

fn beyond(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        if part.kind == Kind::Jinja && matches!(part.failure, Some(LoadError::Refused(_))) {
            let message = "what this template renders to was not looked at";
            let help = "lint what it renders to: `cloud-init devel render FILE` on a machine";
            let diagnostic = findings.diagnostic_as(Severity::Hint, message).help(help);
            findings.push(diagnostic.at_span(part.span(part.line(0))));
        }
        let Some(LoadError::Beyond(why)) = &part.failure else { continue };
        let (at, why) = place(part, why);
        let message = format!("nothing in this part was looked at: {why}");
        let help = "`cloud-init schema --config-file FILE` on a machine may say more";
        findings.at(part, part.line(at), message, help);
    }
    for part in &document.parts {
        for shell in part.shells.iter().filter(|shell| shell.cut) {
            let message = "of these commands only the first were looked at";
            let help = "keep what is so long in a file that the machine downloads";
            findings.at(part, shell.range.clone(), message, help);
        }
    }
}

/// `line 3, column 5: …`: the byte, and the rest.
fn place<'a>(part: &Part, why: &'a str) -> (usize, &'a str) {
    let number = |text: &str, word: &str| -> Option<usize> {
        let rest = text.strip_prefix(word)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let Some((place, rest)) = why.split_once(": ") else { return (0, why) };
    let (row, column) = place.split_once(", ").unwrap_or((place, ""));
    let Some(row) = number(row, "line ") else { return (0, why) };
    let column = number(column, "column ").unwrap_or(1);
    let before: usize =
        part.text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let line = &part.text[part.line(before)];
    let within: usize = line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    // The end of a text is no help: the last line that holds something.
    ((before + within).min(part.text.trim_end().len()), rest)
}

/// The same in the words that bootseed has for its own files, where it sees the mistake in the same
/// or the next line.
fn own_words(part: &Part, at: usize) -> Option<(String, Option<String>)> {
    let source = Source::new("", part.text.clone());
    let errors = source::parse(&source).err()?;
    let row = source.position(at).line;
    let near = errors.into_iter().find(|error| error.span.position().line.abs_diff(row) <= 1)?;
    let general = near.message.contains("not valid YAML");
    (!general).then_some((near.message, near.help))
}

fn duplicate(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let Some(tree) = &part.tree else { continue };
        let mut todo = vec![tree];
        while let Some(tree) = todo.pop() {
            match &tree.body {
                Body::Scalar(_) => {}
                Body::List(items) => todo.extend(items),
                Body::Map(pairs) => {
                    twice(part, pairs, findings);
                    todo.extend(pairs.iter().map(|pair| &pair.value));
                }
            }
        }
    }
}

fn twice(part: &Part, pairs: &[Pair], findings: &mut Findings) {
    let mut last: HashMap<&str, &Pair> = HashMap::new();
    for pair in pairs.iter().filter(|pair| !pair.merged) {
        let Some(name) = pair.key.as_str() else { continue };
        if has_hole(name) {
            continue;
        }
        if let Some(first) = last.insert(name, pair) {
            let same = first.value.body == pair.value.body || like(&first.value, &pair.value);
            let severity = if same { Severity::Warning } else { Severity::Error };
            let message =
                format!("`{name}` stands here a second time, and only the last one counts");
            let help = match same {
                true => "leave one of the two out; both say the same".to_owned(),
                false => "put both under one key: what the first one says is lost".to_owned(),
            };
            let diagnostic = findings.diagnostic_as(severity, message).help(help);
            let diagnostic = diagnostic
                .at_span(part.span(pair.key.range.clone()))
                .related(part.span(first.key.range.clone()), "this one is lost");
            findings.push(diagnostic);
        }
    }
}

/// Are two values the same but for their places?
fn like(one: &Tree, other: &Tree) -> bool {
    match (&one.body, &other.body) {
        (Body::Scalar(one), Body::Scalar(other)) => one == other,
        (Body::List(one), Body::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| like(one, other))
        }
        (Body::Map(one), Body::Map(other)) => {
            let pairs = one.iter().zip(other);
            let mut pairs = pairs.map(|(a, b)| like(&a.key, &b.key) && like(&a.value, &b.value));
            one.len() == other.len() && pairs.all(|same| same)
        }
        _ => false,
    }
}
