//! Services that are started by a name, in a way or at a time that does not work.

use std::collections::HashSet;

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::{Document, Findings, Fix, Part, Rule, Shell};
use crate::shell::{Command, Next};
use crate::source::yaml11::Tree;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "unit-after-cloud-init",
        severity: Severity::Error,
        summary: "A command starts a unit that is ordered behind the end of cloud-init",
        boot: "The boot never ends: `systemctl` waits until the unit is started, systemd starts it when cloud-init has \
               ended, and cloud-init waits for `systemctl`.",
        advice: "Write `systemctl start --no-block`, or take `cloud-final.service` and `cloud-init.target` out of the \
                 unit's `After=`.",
        examples: examples!("unit-after-cloud-init"),
        evidence: &[
            "tests/boot/lint.rs",
            "https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Before=",
            "https://github.com/projectatomic/container-storage-setup/issues/77",
        ],
        check: later_unit,
    },
    Rule {
        id: "upstart-command",
        severity: Severity::Warning,
        summary: "`restart NAME` and the like, which were commands of Upstart",
        boot: "`restart: not found`: images of today have systemd, and no such programs.",
        advice: "Write `systemctl restart NAME`.",
        examples: examples!("upstart-command"),
        evidence: &["tests/oracles/evidence.py", "https://wiki.ubuntu.com/SystemdForUpstartUsers"],
        check: upstart,
    },
    Rule {
        id: "sshd-unit-name",
        severity: Severity::Warning,
        summary: "`systemctl … sshd`, where the unit is called ssh (needs --image of Ubuntu 24.04 or later)",
        boot: "The alias sshd.service is there only once ssh is enabled; `Unit sshd.service not found` otherwise.",
        advice: "Write `systemctl restart ssh`.",
        examples: examples!("sshd-unit-name"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://packages.ubuntu.com/noble/openssh-server",
        ],
        check: sshd,
    },
];

fn shells(document: &Document) -> impl Iterator<Item = (&Part, &Shell)> {
    document.parts.iter().flat_map(|part| part.shells.iter().map(move |shell| (part, shell)))
}

/// What is reached only when cloud-init has ended: `systemctl cat cloud-final.service`.
const ENDS: &[&str] = &["cloud-final.service", "cloud-init.target"];

/// Verbs of `systemctl` that wait until a unit is started.
const STARTS: &[&str] =
    &["start", "restart", "reload-or-restart", "try-restart", "try-reload-or-restart", "isolate"];

fn later_unit(document: &Document, findings: &mut Findings) {
    let later: HashSet<String> = document.configs().flat_map(later_units).collect();
    if later.is_empty() {
        return;
    }
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin.is_of_cloud_init()) {
        for command in shell.commands.iter().filter(|command| waits_for_start(command)) {
            let mut names = command.operands().skip(1);
            let Some(word) = names.find(|word| later.contains(bare(&word.text))) else { continue };
            let message = format!(
                "`{}` is started when cloud-init has ended, and cloud-init waits for this",
                bare(&word.text)
            );
            let help = "write `--no-block` behind `systemctl`, or take cloud-init out of the unit's `After=`";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

fn waits_for_start(command: &Command) -> bool {
    let verb = command.operands().next().map_or("", |word| word.text.as_str());
    let now = matches!(verb, "enable" | "reenable") && command.has(&["--now"]);
    command.program() == "systemctl"
        && (now || STARTS.contains(&verb))
        && !command.has(&["--no-block"])
        && command.next != Next::Background
        && !command.words.iter().any(|word| word.text == "timeout")
}

/// The units that a part writes and that are started behind cloud-init.
fn later_units(part: &Part) -> Vec<String> {
    let name = |file: &Tree| {
        let path = file.get("path")?.as_str()?;
        let (folder, file) = path.rsplit_once('/')?;
        let within = folder.rsplit('/').next().and_then(|folder| folder.strip_suffix(".d"));
        path.contains("/systemd/system/").then(|| bare(within.unwrap_or(file)).to_owned())
    };
    let is_later = |file: &&Tree| {
        let content = file.get("content").and_then(Tree::as_str).unwrap_or_default();
        let after = content.lines().filter_map(|line| line.trim().strip_prefix("After="));
        after.flat_map(str::split_whitespace).any(|unit| ENDS.contains(&unit))
    };
    part.items("write_files").iter().filter(is_later).filter_map(name).collect()
}

fn bare(unit: &str) -> &str {
    unit.strip_suffix(".service").unwrap_or(unit)
}

fn upstart(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin.is_list()) {
        for command in &shell.commands {
            let Some((word, [name])) = command.words.split_first() else { continue };
            let verb = matches!(word.text.as_str(), "start" | "stop" | "restart" | "reload");
            let unit = |c: char| c.is_ascii_alphanumeric() || "-_.@".contains(c);
            if !verb || word.quoted || name.text.is_empty() || !name.text.chars().all(unit) {
                continue;
            }
            let message =
                format!("`{}` was a command of Upstart; there is no such program", word.text);
            let meant = format!("systemctl {}", word.text);
            let help = format!("write `{meant} {}`", name.text);
            let fix = Fix::replace(part, word.range.clone(), meant, "write `systemctl` before it");
            let diagnostic = findings.diagnostic(message).help(help);
            findings.push_with(diagnostic.at_span(part.span(command.range.clone())), fix);
        }
    }
}

fn sshd(document: &Document, findings: &mut Findings) {
    if !document.target.is_from(crate::lint::Family::Ubuntu, (24, 4)) {
        return;
    }
    for (part, shell) in shells(document) {
        for command in &shell.commands {
            let unit = |text: &str| matches!(text, "sshd" | "sshd.service");
            let word = command.arguments().iter().find(|word| unit(&word.text));
            let verb = command.has(&["restart", "reload", "try-restart"]);
            if let Some(word) =
                word.filter(|_| matches!(command.program(), "systemctl" | "service") && verb)
            {
                let message = "the unit is called `ssh` on Ubuntu";
                findings.at(part, word.range.clone(), message, "write `systemctl restart ssh`");
            }
        }
    }
}
