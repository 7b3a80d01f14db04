//! Commands that fetch something and run it, or save what is no such thing.

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::{Document, Findings, Rule, Shell};
use crate::shell::{Command, Next, is_shell};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "pipe-to-shell",
        severity: Severity::Hint,
        summary: "A download is given to a shell at once",
        boot: "It works while the server sends what it sent yesterday. A download that is cut off runs half a \
               script, and an error page is run as one.",
        advice: "Fetch a fixed version into a file, compare its SHA-256, then run it.",
        examples: examples!("pipe-to-shell"),
        evidence: &["tests/oracles/evidence.py", "https://curl.se/docs/manpage.html#-f"],
        check: pipe,
    },
    Rule {
        id: "moving-download",
        severity: Severity::Hint,
        summary: "What is fetched and run changes with time: `latest`, `main`, `master`",
        boot: "It works today. Machines that are made next month get something else.",
        advice: "Name a version or a commit in the address.",
        examples: examples!("moving-download"),
        evidence: &[
            "https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files",
        ],
        check: moving,
    },
    Rule {
        id: "curl-without-fail",
        severity: Severity::Warning,
        summary: "`curl` without `-f` into a file or a program",
        boot: "For an error of the server (404, 503) curl ends with 0, and the error page is what is saved, \
               unpacked or run.",
        advice: "Write `curl -fsSL`; `--retry 5` helps over short failures.",
        examples: examples!("curl-without-fail"),
        evidence: &["tests/oracles/evidence.py", "https://curl.se/docs/manpage.html#-f"],
        check: without_fail,
    },
    Rule {
        id: "metadata-without-token",
        severity: Severity::Hint,
        summary: "EC2's metadata service is asked without a token",
        boot: "New images and accounts take requests with a token only (IMDSv2): the answer is 401, and the \
               variable is empty or holds an error page.",
        advice: "Fetch the token with `curl -X PUT …/latest/api/token` first, or use `cloud-init query`.",
        examples: examples!("metadata-without-token"),
        evidence: &[
            "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",
        ],
        check: metadata,
    },
];

fn shells(document: &Document) -> impl Iterator<Item = (&crate::lint::Part, &Shell)> {
    document.parts.iter().flat_map(|part| part.shells.iter().map(move |shell| (part, shell)))
}

fn fetches(command: &Command) -> bool {
    matches!(command.program(), "curl" | "wget")
}

/// Is it a shell or another program that runs what it is given?
fn runs_input(command: &Command) -> bool {
    let program = command.program();
    let interpreter =
        is_shell(program) || matches!(program, "python" | "python3" | "perl" | "ruby" | "node");
    let file = command
        .operands()
        .next()
        .is_some_and(|word| !matches!(word.text.as_str(), "-" | "/dev/stdin"));
    let arguments = command.has_letter('s') || command.has(&["-s", "--"]);
    interpreter && (!file || arguments)
}

fn pipe(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document) {
        for (one, two) in shell.pipes().filter(|(one, two)| fetches(one) && runs_input(two)) {
            let range = one.range.start..two.range.end.max(one.range.end);
            let message =
                format!("what `{}` fetches is run by `{}` at once", one.program(), two.program());
            let help = "fetch a fixed version into a file, compare its SHA-256, then run it";
            findings.at(part, range, message, help);
        }
        // sh -c "$(curl …)", bash <(curl …)
        for command in shell.commands.iter().filter(|command| is_shell(command.program())) {
            let given = |text: &str| {
                ["$(curl ", "$(wget ", "<(curl ", "<(wget ", "`curl "]
                    .iter()
                    .any(|start| text.contains(start))
            };
            if let Some(word) = command.words.iter().find(|word| given(&word.text)) {
                let message = format!("what is fetched is run by `{}` at once", command.program());
                let help = "fetch a fixed version into a file, compare its SHA-256, then run it";
                findings.at(part, word.range.clone(), message, help);
            }
        }
    }
}

fn moving(document: &Document, findings: &mut Findings) {
    const MARKS: &[&str] =
        &["/latest/download/", "/main/", "/master/", "/HEAD/", "-latest.", "/releases/latest/"];
    for (part, shell) in shells(document) {
        for (number, command) in shell.commands.iter().enumerate().filter(|(_, one)| fetches(one)) {
            let Some(word) = command.words.iter().find(|word| {
                word.text.contains("://") && MARKS.iter().any(|mark| word.text.contains(mark))
            }) else {
                continue;
            };
            let next = shell.commands.get(number + 1);
            let piped = command.next == Next::Pipe && next.is_some_and(runs_input);
            let file = word.text.rsplit('/').next().unwrap_or_default();
            let script =
                [".sh", ".deb", ".rpm", ".py", ".run"].iter().any(|end| file.ends_with(end));
            if piped || script || word.text.contains("/latest/download/") {
                let message = "what is fetched here changes with time";
                findings.at(
                    part,
                    word.range.clone(),
                    message,
                    "name a version or a commit in the address",
                );
            }
        }
    }
}

/// Options of curl that make it fail or ask for headers alone.
fn is_safe(command: &Command) -> bool {
    command.has(&["--fail", "--fail-with-body", "--fail-early", "-I", "--head", "--version", "-V"])
        || command.has_letter('f')
        || command.arguments().iter().any(|word| short(&word.text, 'I'))
}

fn short(word: &str, letter: char) -> bool {
    word.strip_prefix('-').is_some_and(|rest| !rest.starts_with('-') && rest.contains(letter))
}

fn without_fail(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document) {
        for (number, command) in shell.commands.iter().enumerate() {
            if command.program() != "curl" || is_safe(command) {
                continue;
            }
            let next = shell.commands.get(number + 1).filter(|_| command.next == Next::Pipe);
            let reader = next.map_or("", |next| next.program());
            let kept = next.is_some_and(runs_input)
                || matches!(
                    reader,
                    "tar"
                        | "apt-key"
                        | "gpg"
                        | "tee"
                        | "gunzip"
                        | "unzip"
                        | "dpkg"
                        | "apt-add-repository"
                        | "sudo"
                );
            let file = command.arguments().iter().any(|word| {
                short(&word.text, 'o')
                    || short(&word.text, 'O')
                    || word.text.starts_with("--output")
                    || word.text == "--remote-name"
            });
            let null = command.value(&["-o", "--output"]).is_some_and(|file| file == "/dev/null");
            let redirected = command.redirects.iter().any(|one| {
                one.operator.trim_start_matches('1').starts_with('>')
                    && !one.target.text.starts_with("/dev/")
                    && !one.target.text.starts_with('&')
            });
            let post = command.has(&["-X", "-d", "--data", "--request", "-T"]);
            let local = command.words.iter().any(|word| {
                word.text.contains("169.254.")
                    || word.text.contains("localhost")
                    || word.text.contains("127.0.0.1")
            });
            if (kept || (file && !null) || redirected) && !post && !local {
                let message = "an error page would be taken for the file";
                let help = "write `curl -fsSL`: with `-f` it fails for an error of the server, such as 404";
                findings.at(part, command.range.clone(), message, help);
            }
        }
    }
}

fn metadata(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document) {
        if shell.text.contains("aws-ec2-metadata-token") || shell.text.contains("/latest/api/token")
        {
            continue;
        }
        for command in shell.commands.iter().filter(|command| fetches(command)) {
            let asked = |text: &str| text.contains("169.254.169.254/latest/");
            let header = command.words.iter().any(|word| word.text.contains("Metadata"));
            if let Some(word) =
                command.words.iter().find(|word| asked(&word.text)).filter(|_| !header)
            {
                let message = "EC2 answers this with 401 where it wants a token (IMDSv2)";
                let help = "fetch a token first, or write `cloud-init query ds.meta_data`";
                findings.at(part, word.range.clone(), message, help);
            }
        }
    }
}
