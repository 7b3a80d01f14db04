//! Commands that count on what is not there: a home, bash, a shell at all; and those in the wrong
//! list.

use std::collections::HashSet;
use std::ops::Range;

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::{Document, Family, Findings, Origin, Part, Rule, Shell};
use crate::shell::{Command, Next};
use crate::source::yaml11::Tree;

const RUNCMD: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html#runcmd";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "unset-home",
        severity: Severity::Warning,
        summary: "`~`, `$HOME` or `$USER`, which cloud-init does not set",
        boot: "There is no HOME in cloud-init's environment: `sh` takes `~` as it is, `$HOME/x` is `/x`, and \
               installers stop with `HOME: unbound variable`.",
        advice: "Write /root, or `export HOME=/root` first.",
        examples: examples!("unset-home"),
        evidence: &["tests/oracles/evidence.py", "tests/boot/lint.rs", RUNCMD],
        check: home,
    },
    Rule {
        id: "setup-in-bootcmd",
        severity: Severity::Warning,
        summary: "Packages are installed or accounts made in `bootcmd`",
        boot: "It runs at every boot, before files, accounts, repositories and, on some clouds, the network are there.",
        advice: "Write it in `runcmd`, or use `packages:` and `users:`.",
        examples: examples!("setup-in-bootcmd"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#bootcmd",
            "https://github.com/canonical/cloud-init/issues/4201",
        ],
        check: in_bootcmd,
    },
    Rule {
        id: "command-without-effect",
        severity: Severity::Warning,
        summary: "`ulimit`, `export`, `cd` or `alias` as the last command, or in a list of its own",
        boot: "It holds for the shell that runs the list, and that ends at once.",
        advice: "Write it where it is to hold: /etc/security/limits.d, /etc/environment, a unit.",
        examples: examples!("command-without-effect"),
        evidence: &["tests/oracles/evidence.py", RUNCMD],
        check: without_effect,
    },
    Rule {
        id: "shell-syntax-in-list",
        severity: Severity::Error,
        summary: "A command as a list has words of the shell in it: `*`, `$NAME`, `>`, `&&`",
        boot: "Each word is quoted: the program gets `*` and `>` as they are.",
        advice: "Write the command as one text, which a shell reads.",
        examples: examples!("shell-syntax-in-list"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            RUNCMD,
            "https://github.com/canonical/cloud-init/issues/1498",
        ],
        check: in_list,
    },
    Rule {
        id: "exit-ends-runcmd",
        severity: Severity::Warning,
        summary: "`exit` in an item that is not the last one",
        boot: "All items are one script: none behind it runs.",
        advice: "Put the item into parentheses: `(…; exit 1)`, or leave `exit` out.",
        examples: examples!("exit-ends-runcmd"),
        evidence: &["tests/oracles/evidence.py", "tests/boot/lint.rs", RUNCMD],
        check: exits,
    },
    Rule {
        id: "bashism-in-sh",
        severity: Severity::Warning,
        summary: "Words of bash in a script for `sh`",
        boot: "On Debian and Ubuntu `sh` is dash: `source: not found`, `[[: not found`, and before Debian 13 and Ubuntu \
               26.04 `set -o pipefail` ends the whole script.",
        advice: "Write it as `sh` has it, or `bash -c '…'`; a script can begin with #!/bin/bash.",
        examples: examples!("bashism-in-sh"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            "https://manpages.debian.org/stable/dash/dash.1.en.html",
        ],
        check: bashisms,
    },
];

fn shells(document: &Document) -> impl Iterator<Item = (&Part, &Shell)> {
    document.parts.iter().flat_map(|part| part.shells.iter().map(move |shell| (part, shell)))
}

/// What runs a command as somebody, whose home is known there.
const OF_SOMEBODY: [&str; 5] = ["su", "sudo", "runuser", "ssh", "docker"];

fn home(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin.is_of_cloud_init()) {
        let sets = |shell: &Shell| {
            shell.commands.iter().any(|command| {
                let exported = command.program() == "export"
                    && command.operands().any(|word| word.text.starts_with("HOME="));
                exported || command.assigned.iter().any(|word| word.text.starts_with("HOME="))
            })
        };
        if sets(shell) {
            continue;
        }
        let theirs = behind(shell, &OF_SOMEBODY);
        let by_bash = behind(shell, &["bash"]);
        for command in shell.commands.iter().filter(|command| !theirs.contains(&command.range)) {
            let other =
                command.words.first().is_some_and(|word| OF_SOMEBODY.contains(&word.text.as_str()));
            let redirected = command.redirects.iter().map(|one| &one.target);
            for word in command.words.iter().chain(redirected).chain(&command.assigned) {
                // bash knows the home of root by itself where it reads `~`.
                let read_by_bash = shell.bash || by_bash.contains(&command.range);
                let tilde = !(read_by_bash || word.quoted)
                    && (word.text == "~" || word.text.starts_with("~/"));
                let text = part.text.get(word.range.clone()).unwrap_or_default();
                let single = text.starts_with('\'') && text.ends_with('\'');
                let named = |name: &str| {
                    word.text.contains(&format!("${name}/"))
                        || word.text.ends_with(&format!("${name}"))
                        || word.text.contains(&format!("${{{name}}}"))
                };
                let variable = word.expands && !single && (named("HOME") || named("USER"));
                if !other && (tilde || variable) {
                    let message = "cloud-init sets neither HOME nor USER";
                    let help = "write /root, or `export HOME=/root` in an item before it";
                    findings.at(part, word.range.clone(), message, help);
                    break;
                }
            }
        }
    }
}

/// Programs, and the word that has to follow, by which something is set up.
const SETUP: &[(&str, &[&str])] = &[
    ("apt-get", &["install", "upgrade", "dist-upgrade"]),
    ("apt", &["install", "upgrade", "dist-upgrade"]),
    ("yum", &["install", "update"]),
    ("dnf", &["install", "update"]),
    ("snap", &["install"]),
    ("pip", &["install"]),
    ("pip3", &["install"]),
    ("docker", &["run", "pull", "compose"]),
    ("useradd", &[]),
    ("adduser", &[]),
    ("git", &["clone"]),
];

fn in_bootcmd(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin == Origin::Bootcmd) {
        for command in &shell.commands {
            let once = command.words.first().is_some_and(|word| word.text == "cloud-init-per")
                || command.conditional;
            let is = |(program, verbs): &&(&str, &[&str])| {
                *program == command.program() && (verbs.is_empty() || command.has(verbs))
            };
            if !once && SETUP.iter().any(|one| is(&one)) {
                let message =
                    "this runs at every boot, before accounts, files and repositories are there";
                let help = "write it in `runcmd`, or use `packages:` and `users:`";
                findings.at(part, command.range.clone(), message, help);
            }
        }
    }
}

fn without_effect(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin.is_list()) {
        let last = shell.commands.iter().rev().find(|command| !command.substituted);
        for command in &shell.commands {
            let program = command.program();
            let end = last.is_some_and(|last| std::ptr::eq(last, command));
            let early = shell.origin == Origin::Bootcmd && program == "ulimit";
            let vain = matches!(program, "ulimit" | "export" | "alias" | "cd" | "umask")
                && end
                && !command.conditional;
            let reads = program == "ulimit"
                && command.operands().count() == 0
                && !command.arguments().iter().any(|word| word.text.len() > 2);
            if (vain || early) && command.next == Next::Then && !reads {
                let message = format!("`{program}` holds for this shell alone, which ends here");
                let help = "write it where it is to hold: /etc/security/limits.d, /etc/environment, a unit";
                findings.at(part, command.range.clone(), message, help);
            }
        }
    }
}

/// Programs that take such words themselves.
const OWN_SYNTAX: &[&str] = &[
    "sed",
    "awk",
    "grep",
    "egrep",
    "find",
    "sh",
    "bash",
    "dash",
    "zsh",
    "perl",
    "python3",
    "python",
    "jq",
    "yq",
    "echo",
    "printf",
    "expr",
    "su",
    "sudo",
    "cloud-init-per",
    "test",
    "[",
    "env",
    "systemd-run",
    "ssh",
    "mysql",
    "psql",
    "runuser",
    "xargs",
    "crontab",
];

fn in_list(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for key in ["runcmd", "bootcmd"] {
            for item in part.items(key).iter().filter(|item| item.is_list()) {
                list_item(part, item, findings);
            }
        }
    }
}

fn list_item(part: &Part, item: &Tree, findings: &mut Findings) {
    let words = item.items();
    let Some(program) = words.first().and_then(Tree::as_str) else { return };
    let base = program.rsplit('/').next().unwrap_or(program);
    let help = "write the command as one text, which a shell reads";
    if words.len() == 1 && program.contains(' ') && !program.starts_with('/') {
        let message =
            "this is one word with blanks in it, and a program of that name is looked for";
        return findings.at(part, words[0].range.clone(), message, help);
    }
    if OWN_SYNTAX.contains(&base) {
        return;
    }
    for word in &words[1..] {
        let Some(text) = word.as_str() else { continue };
        let operator = matches!(text, ">" | ">>" | "<" | "|" | "&&" | "||" | ";" | "2>&1" | "&");
        let glob = text.starts_with('/') && text.contains('*') && !text.contains("://");
        let variable = text.strip_prefix('$').is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{' || c == '(')
        });
        if operator || glob || variable {
            let message = format!("`{base}` gets `{text}` as it is: no shell reads a list");
            return findings.at(part, word.range.clone(), message, help);
        }
    }
}

fn exits(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document).filter(|(_, shell)| shell.origin == Origin::Runcmd) {
        let Some(last) = shell.items.last() else { continue };
        for command in shell.commands.iter().filter(|command| command.program() == "exit") {
            let end = command.range.start >= last.start;
            // Behind a test that failed nothing more is to be done.
            let failing = command.operands().next().is_some_and(|word| word.text != "0");
            if end || command.depth > 0 || failing && command.conditional || command.substituted {
                continue;
            }
            let message = "no item behind this one runs: all of them are one script";
            findings.at(
                part,
                command.range.clone(),
                message,
                "leave `exit` out, or put the item into parentheses",
            );
        }
    }
}

fn bashism(command: &Command, pipefail: bool) -> Option<&'static str> {
    match command.program() {
        "source" => Some("write `. FILE`"),
        "[[" => Some("write `[ … ]`"),
        "pushd" | "popd" => Some("write `cd`"),
        "shopt" | "declare" | "typeset" | "mapfile" | "readarray" => Some("only bash has it"),
        "set" if command.has(&["pipefail"]) && !pipefail => {
            Some("leave `pipefail` out, or write a script that begins with #!/bin/bash")
        }
        "function" => Some("write `name() { …; }`"),
        "conda" if command.operands().next().is_some_and(|word| word.text == "activate") => {
            Some("write `conda run -n NAME …`")
        }
        _ if command.redirects.iter().any(|one| one.operator.starts_with("&>")) => {
            Some("write `>FILE 2>&1`")
        }
        _ if command.redirects.iter().any(|one| one.operator == "<<<") => {
            Some("write `echo … |` before it")
        }
        _ if command.words.iter().any(|word| !word.quoted && word.text.starts_with("<(")) => {
            Some("use a file")
        }
        _ => None,
    }
}

fn bashisms(document: &Document, findings: &mut Findings) {
    if document.target.is(Family::RedHat) {
        return;
    }
    let target = &document.target;
    let pipefail =
        target.is_from(Family::Debian, (13, 0)) || target.is_from(Family::Ubuntu, (26, 4));
    for (part, shell) in shells(document).filter(|(_, shell)| !shell.bash) {
        let within = behind(shell, &["bash", "su", "runuser", "zsh"]);
        for command in shell.commands.iter().filter(|command| !within.contains(&command.range)) {
            let Some(help) = bashism(command, pipefail) else { continue };
            let message = "only bash knows this, and `sh` is dash on Debian and Ubuntu";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

/// The words that these programs are given behind `-c`.
fn behind(shell: &Shell, programs: &[&str]) -> HashSet<Range<usize>> {
    let outer = |command: &&Command| {
        let first = command.words.first().map_or("", |word| word.text.as_str());
        programs.contains(&command.program()) || programs.contains(&first)
    };
    let words = shell.commands.iter().filter(outer).filter_map(Command::inner);
    words.map(|word| word.range.clone()).collect()
}
