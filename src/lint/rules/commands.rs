//! Items that YAML makes something else of than the text that was meant.

use super::keys::faults;
use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::schema::{FaultKind, has_hole};
use crate::lint::{Document, Findings, Rule};
use crate::shell;
use crate::source::yaml11::Style;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "command-becomes-map",
        severity: Severity::Error,
        summary: "A command became a map, because of a `: ` in it",
        boot: "`Unable to shellify type 'dict'`: cloud-init writes no script, and no command of the \
               list runs.",
        advice: "Put the whole command in single quotes, or write it in a block behind `- |`.",
        examples: examples!("command-becomes-map"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            "https://github.com/canonical/cloud-init/issues/3117",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::CommandBecomesMap, "put the command in quotes")
        },
    },
    Rule {
        id: "comment-cuts-command",
        severity: Severity::Error,
        summary: "A `#` within the quotes of a command ends it, because YAML takes it for a comment",
        boot: "The shell gets the text up to the `#`, in which a quote is open: it is a syntax error, and \
               no command of the list runs.",
        advice: "Put the whole command in single quotes, or write it in a block behind `- |`.",
        examples: examples!("comment-cuts-command"),
        evidence: &["tests/oracles/evidence.py", "https://yaml.org/spec/1.1/#id864687"],
        check: cut,
    },
    Rule {
        id: "non-string-command",
        severity: Severity::Error,
        summary: "A command that YAML reads as true, false or a number",
        boot: "cloud-init stops with a TypeError, and no command of the list runs.",
        advice: "Put it in quotes: `- 'true'`.",
        examples: examples!("non-string-command"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/util.py",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::NonStringCommand, "put it in quotes")
        },
    },
    Rule {
        id: "unquoted-mode",
        severity: Severity::Error,
        summary: "A file mode without quotes, which YAML reads as a number",
        boot: "0644 becomes the number 420, which is the right mode by luck, with a warning; 644 \
               becomes the mode 01204.",
        advice: "Write it in quotes with a 0 in front: `'0644'`.",
        examples: examples!("unquoted-mode"),
        evidence: &["tests/oracles/evidence.py", "https://github.com/coreos/bugs/issues/1040"],
        check: |document, findings| {
            faults(document, findings, FaultKind::UnquotedMode, "put the mode in quotes")
        },
    },
    Rule {
        id: "unclosed-heredoc",
        severity: Severity::Error,
        summary: "The end of a text behind `<<` never comes",
        boot: "The shell takes everything up to its own end for the text: nothing behind it runs, of `runcmd` no later \
               item, and it stands in the file that the text was for.",
        advice: "Write the command as a block (`- |`), with the text on lines of its own and its end alone on the last \
                 one, indented as the command is.",
        examples: examples!("unclosed-heredoc"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_07_04",
        ],
        check: heredoc,
    },
];

fn cut(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let items = ["runcmd", "bootcmd"].into_iter().flat_map(|key| part.items(key));
        for item in items.filter(|item| item.style == Style::Plain) {
            let Some(text) = item.as_str() else { continue };
            let line = part.line(item.range.end);
            let rest = part.text.get(item.range.end..line.end).unwrap_or_default();
            if rest.trim_start().starts_with('#')
                && rest.starts_with(' ')
                && shell::parse(text).open
            {
                let message =
                    "YAML takes what follows the `#` for a comment, and a quote stays open";
                let help = "put the whole command in quotes, or write it in a block behind `- |`";
                findings.at(part, item.range.start..line.end, message, help);
            }
        }
    }
}

fn heredoc(document: &Document, findings: &mut Findings) {
    for part in &document.parts {
        for (shell, range) in part
            .shells
            .iter()
            .flat_map(|shell| shell.unclosed.iter().map(move |range| (shell, range.clone())))
        {
            let end = part.text.get(range.clone()).unwrap_or_default().trim_matches(['\'', '"']);
            if has_hole(end) || part.template {
                continue;
            }
            let message =
                format!("the line `{end}` never comes: everything behind this is its text");
            let help = match shell.origin.is_list() {
                true => format!(
                    "write the command as a block (`- |`), with `{end}` alone on its last line"
                ),
                false => {
                    format!("write `{end}` alone on a line, with nothing before and behind it")
                }
            };
            findings.at(part, range, message, help);
        }
    }
}
