//! Commands that never end, that end the boot, or that nobody answers.

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::{Document, Findings, Origin, Part, Rule, Shell};
use crate::shell::{Command, Loop, Next, ends_boot, waits_for_cloud_init};

const BOOT: &str = "https://docs.cloud-init.io/en/latest/explanation/boot.html";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "waiting-for-itself",
        severity: Severity::Error,
        summary: "A command waits for the end of cloud-init, of which it is a part",
        boot: "The boot never ends: cloud-init waits for the command, and the command for cloud-init.",
        advice: "Leave it out. At this point everything before it is done.",
        examples: examples!("waiting-for-itself"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/howto/debugging.html",
        ],
        check: for_itself,
    },
    Rule {
        id: "reboot-in-runcmd",
        severity: Severity::Warning,
        summary: "A command ends the boot while cloud-init is at work",
        boot: "cloud-init is stopped in the middle: commands and scripts behind it never run, not after the restart \
               either, and nothing says so: the status is `done` then. In `bootcmd` the machine restarts for ever.",
        advice: "Write `power_state: {mode: reboot}`, which is done once, when cloud-init has ended.",
        examples: examples!("reboot-in-runcmd"),
        evidence: &[
            "tests/boot/lint.rs",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#power-state-change",
            "https://github.com/canonical/cloud-init/issues/5699",
        ],
        check: reboot,
    },
    Rule {
        id: "never-returns",
        severity: Severity::Warning,
        summary: "A program that does not end by itself",
        boot: "cloud-init waits for it: commands behind it never run, and its status stays `running`.",
        advice: "Make a service of it (a unit below /etc/systemd/system), or start it detached: `docker run -d`.",
        examples: examples!("never-returns"),
        evidence: &["tests/oracles/evidence.py", BOOT],
        check: endless,
    },
    Rule {
        id: "unbounded-wait",
        severity: Severity::Warning,
        summary: "A loop that waits without an end",
        boot: "If what it waits for never comes, cloud-init never ends.",
        advice: "Count the tries, or write `timeout 300 sh -c '…'`.",
        examples: examples!("unbounded-wait"),
        evidence: &["tests/oracles/evidence.py", BOOT],
        check: wait,
    },
    Rule {
        id: "background-job",
        severity: Severity::Warning,
        summary: "A command in the background that keeps cloud-init's output open",
        boot: "cloud-init reads the output of its scripts to the end: its status stays `running` while the job runs, \
               and the job is nobody's.",
        advice: "Make a service of it, or write `setsid … >/var/log/job.log 2>&1 </dev/null &`.",
        examples: examples!("background-job"),
        evidence: &["tests/oracles/evidence.py", BOOT],
        check: background,
    },
    Rule {
        id: "interactive-program",
        severity: Severity::Warning,
        summary: "A program that asks a person",
        boot: "Its input is /dev/null: it fails, or waits for ever.",
        advice: "Give it its answers as options, such as `npm init -y`.",
        examples: examples!("interactive-program"),
        evidence: &["tests/oracles/evidence.py", BOOT],
        check: asks,
    },
];

fn shells(document: &Document) -> impl Iterator<Item = (&Part, &Shell)> {
    document.parts.iter().flat_map(|part| part.shells.iter().map(move |shell| (part, shell)))
}

/// Those that cloud-init itself runs and waits for.
fn own(document: &Document) -> impl Iterator<Item = (&Part, &Shell)> {
    shells(document).filter(|(_, shell)| shell.origin.is_of_cloud_init())
}

/// What cloud-init writes at its very end:
/// <https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_final_message.py>.
const LAST_FILE: &str = "/boot-finished";

/// Does the loop wait for the file that cloud-init writes at its end, for ever and before anything
/// else is done?
fn waits_for_last_file(shell: &Shell, one: &Loop) -> bool {
    let condition = shell.commands.get(one.condition.clone()).unwrap_or_default();
    let mut words = condition.iter().flat_map(|command| &command.words);
    let beside = ["done &", "done) &", ") &", "} &"].iter().any(|end| {
        shell
            .text
            .match_indices(end)
            .any(|(at, end)| !shell.text[at + end.len()..].starts_with('&'))
    });
    words.any(|word| word.text.ends_with(LAST_FILE)) && is_endless_loop(shell, one) && !beside
}

fn for_itself(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document) {
        for one in shell.loops.iter().filter(|one| waits_for_last_file(shell, one)) {
            let message = "this waits for the file that cloud-init writes when it ends, and cloud-init \
                           waits for this";
            let help = "leave it out: at this point everything before it is done";
            findings.at(part, one.range.clone(), message, help);
        }
        for command in shell.commands.iter().filter(|one| waits_for_cloud_init(one)) {
            if command.next == Next::Background {
                continue;
            }
            let message = "this waits for the end of cloud-init, which waits for this";
            let help = "leave it out: at this point everything before it is done";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

fn reboot(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document) {
        for command in &shell.commands {
            let Some(ending) = ends_boot(command) else { continue };
            // With a delay, or in the background, cloud-init may well be at its end.
            let later = command.arguments().iter().any(|word| word.text.starts_with('+'));
            if later || command.next == Next::Background || command.substituted {
                continue;
            }
            let early =
                matches!(shell.origin, Origin::Bootcmd | Origin::Boothook) && !command.conditional;
            let severity = if early { Severity::Error } else { Severity::Warning };
            let message = match early {
                true => "the machine would restart at every boot, for ever",
                false => "this stops cloud-init in the middle of its work",
            };
            let help = format!(
                "write `power_state: {{mode: {}}}`, which is done once, at the end",
                ending.mode()
            );
            let diagnostic = findings.diagnostic_as(severity, message).help(help);
            findings.push(diagnostic.at_span(part.span(command.range.clone())));
        }
    }
}

/// Programs that serve or show until they are stopped.
const SERVERS: &[&str] = &["uvicorn", "tensorboard", "http-server", "yes", "htop", "watch"];

/// Modules of Python that do.
const MODULES: &[&str] =
    &["http.server", "SimpleHTTPServer", "flask", "uvicorn", "gunicorn", "streamlit"];

/// Is it told to go on without its terminal: `-d`, `-dit`, `--detach`?
fn is_detached(command: &Command) -> bool {
    let letters = command.arguments().iter().any(|word| {
        let letters = word.text.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
        letters.is_some_and(|letters| {
            let plain = letters.chars().all(|c| c.is_ascii_alphabetic());
            letters.len() <= 4 && plain && letters.contains('d')
        })
    });
    letters || command.arguments().iter().any(|word| word.text.starts_with("--detach"))
}

/// Does a program of containers stay with the ones that it starts?
fn is_container(command: &Command, first: &str) -> bool {
    let up = command.has(&["up"]) && !command.has(&["--wait", "--no-start"]);
    // A container without ports may well do its work and end.
    let ports = command.arguments().iter().any(|word| {
        let text = word.text.as_str();
        text == "-p" || text.starts_with("--publish") || text.starts_with("-p")
    });
    let stays = match command.program() {
        "docker-compose" | "podman-compose" => up,
        _ if first == "compose" => up,
        _ => first == "run" && ports,
    };
    stays && !is_detached(command)
}

fn is_endless(command: &Command) -> bool {
    let first = command.operands().next().map_or("", |word| word.text.as_str());
    if command.has(&["--help", "--version", "-h", "-V", "version"]) {
        return false;
    }
    match command.program() {
        "docker" | "podman" | "docker-compose" | "podman-compose" => is_container(command, first),
        "npm" | "yarn" | "pnpm" => {
            first == "start" || first == "run" && command.has(&["start", "dev", "serve"])
        }
        "python" | "python3" => {
            let module = command.value(&["-m"]).unwrap_or_default();
            MODULES.contains(&module) || command.has(&["runserver"])
        }
        "flask" | "streamlit" => first == "run",
        "gunicorn" => !command.has(&["--daemon", "-D"]),
        "node" => first.ends_with("app.js") || first.ends_with("server.js"),
        "tail" => command.has_letter('f') || command.has(&["-F", "--follow"]),
        "journalctl" => command.has_letter('f') || command.has(&["--follow"]),
        "jupyter" => {
            command.has(&["notebook", "lab"])
                && !command.has(&[
                    "--generate-config",
                    "list",
                    "build",
                    "clean",
                    "stop",
                    "password",
                ])
        }
        "top" => !command.has_letter('n'),
        "sleep" => first == "infinity",
        program => SERVERS.contains(&program),
    }
}

fn endless(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document) {
        for command in &shell.commands {
            let before = command.words.first().map_or("", |word| word.text.as_str());
            let ended = matches!(command.next, Next::Background | Next::Pipe)
                || command.substituted
                || before == "timeout";
            if ended
                || command.condition
                || !is_endless(command)
                || command.words.iter().any(|word| word.text == "screen" || word.text == "tmux")
            {
                continue;
            }
            let message = format!(
                "`{}` does not end by itself, and cloud-init waits for it",
                command.program()
            );
            let help = "make a service of it, or start it detached, as `docker run -d` or `docker compose up -d` do";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

/// Commands of a loop that are looked at.
const LONGEST_LOOP: usize = 500;

/// Does it wait, and neither count nor give up?
fn is_endless_loop(shell: &Shell, one: &Loop) -> bool {
    let condition = shell.commands.get(one.condition.clone()).unwrap_or_default();
    let end = one.body.end.min(one.body.start + LONGEST_LOOP);
    let body = shell.commands.get(one.body.start..end).unwrap_or_default();
    let sleeps = body.iter().chain(condition).any(|command| command.program() == "sleep");
    let ends = body
        .iter()
        .any(|command| matches!(command.program(), "break" | "exit" | "return") || counts(command));
    let counted = condition.iter().any(|command| {
        let program = command.program();
        let tests = matches!(program, "[" | "test" | "[[" | "((" | "read");
        let number = ["-lt", "-le", "-gt", "-ge", "<", ">", "-eq", "-ne"];
        tests
            && (program == "read"
                || command.words.iter().any(|word| number.contains(&word.text.as_str())))
    });
    one.keyword != "for" && sleeps && !ends && !counted
}

fn wait(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document) {
        for one in &shell.loops {
            if is_endless_loop(shell, one) && !waits_for_last_file(shell, one) {
                let message = "this waits for ever if what it waits for does not come";
                let help = "count the tries, or write `timeout 300` before the shell that waits";
                findings.at(part, one.range.clone(), message, help);
            }
        }
    }
}

/// `i=$((i + 1))`, `let i++`, `((i++))`
fn counts(command: &Command) -> bool {
    command.assigned.iter().any(|word| word.text.contains("$(("))
        || matches!(command.program(), "let" | "expr")
}

fn background(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document).filter(|(_, shell)| shell.origin != Origin::Bootcmd) {
        let waited = shell.commands.iter().any(|command| command.program() == "wait");
        for command in shell.commands.iter().filter(|command| command.next == Next::Background) {
            let away = |number: &str| {
                command.redirects.iter().any(|one| {
                    let operator = one.operator.as_str();
                    operator.starts_with("&>")
                        || operator.starts_with(">&")
                        || operator.trim_end_matches(['>', '|']) == number
                })
            };
            let detached = away("") || away("1");
            let short = matches!(
                command.program(),
                "sleep" | "reboot" | "shutdown" | "systemctl" | "disown"
            );
            if waited || detached || short || command.substituted {
                continue;
            }
            let message = "the job keeps cloud-init's output open, and its status at `running`";
            let help =
                "make a service of it, or write `setsid … >/var/log/job.log 2>&1 </dev/null &`";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

fn asks(document: &Document, findings: &mut Findings) {
    for (part, shell) in own(document) {
        for command in &shell.commands {
            let first = command.operands().next().map_or("", |word| word.text.as_str());
            let alone = command.arguments().is_empty();
            let answered = command.piped
                || command.here_document
                || command.redirects.iter().any(|one| one.operator == "<");
            let asks = match command.program() {
                "npm" => first == "init" && !command.has_letter('y') && !command.has(&["--yes"]),
                "passwd" => {
                    !command.arguments().is_empty() && !command.arguments()[0].text.starts_with('-')
                }
                "vi" | "vim" | "nano" | "visudo" if !command.has_letter('c') => {
                    !command.has(&["-f", "-c"]) || alone
                }
                "mysql_secure_installation" | "raspi-config" => alone,
                "newgrp" => true,
                "su" => {
                    command.inner().is_none()
                        && command.words.len() <= 3
                        && command.words.first().is_some_and(|word| word.text == "su")
                }
                "ssh-keygen" => !command.arguments().iter().any(|word| {
                    word.text.starts_with("-N")
                        || word.text.starts_with("-q") && command.has(&["-N"])
                        || matches!(
                            word.text.as_str(),
                            "-A" | "-R" | "-l" | "-y" | "-F" | "-i" | "-e"
                        )
                }),
                _ => false,
            };
            if asks && !answered {
                let message = format!("`{}` asks a person, and there is none", command.program());
                findings.at(
                    part,
                    command.range.clone(),
                    message,
                    "give it its answers as options or on its input",
                );
            }
        }
    }
}
