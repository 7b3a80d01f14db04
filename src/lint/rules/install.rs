//! Commands that install: those that ask, those of another release, and those that are gone.

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::{Document, Family, Findings, Fix, Part, Rule, Shell};
use crate::source::yaml11::Tree;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "interactive-install",
        severity: Severity::Warning,
        summary: "A package is installed or removed without `-y`",
        boot: "The program asks `Do you want to continue?`, reads the end of /dev/null as no, and stops with \
               `Abort.`, if it needs more packages than were named.",
        advice: "Write `-y`, or better the package in `packages:`.",
        examples: examples!("interactive-install"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://manpages.debian.org/stable/apt/apt-get.8.en.html",
        ],
        check: interactive,
    },
    Rule {
        id: "apt-key",
        severity: Severity::Warning,
        summary: "`apt-key`, which is gone after Debian 11 and Ubuntu 22.04",
        boot: "On newer images there is no such program: the key is not there, and the repository is refused.",
        advice: "Write the key below `apt: {sources: {NAME: {key: …}}}`, or into /etc/apt/keyrings with `signed-by`.",
        examples: examples!("apt-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://manpages.debian.org/bookworm/apt/apt-key.8.en.html",
        ],
        check: apt_key,
    },
    Rule {
        id: "pip-system-wide",
        severity: Severity::Hint,
        summary: "`pip install` into the Python of the system",
        boot: "From Debian 12 and Ubuntu 23.04 on it stops with `externally-managed-environment`.",
        advice: "Make an environment (`python3 -m venv /opt/app`), or install the package of the distribution.",
        examples: examples!("pip-system-wide"),
        evidence: &["tests/oracles/evidence.py", "https://peps.python.org/pep-0668/"],
        check: pip,
    },
    Rule {
        id: "codename-mismatch",
        severity: Severity::Hint,
        summary: "The name of one release is written into the address of packages",
        boot: "On an image of another release apt installs what was built for that one, or refuses it.",
        advice: "Write `$RELEASE` in `apt: sources:`, which cloud-init puts the image's own name for.",
        examples: examples!("codename-mismatch"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#apt-configure",
        ],
        check: codename,
    },
    Rule {
        id: "command-in-apt-source",
        severity: Severity::Error,
        summary: "`$(…)` in the source of a repository, which no shell reads",
        boot: "The text is written into the list as it is, and `apt update` refuses the whole list.",
        advice: "Write `$RELEASE`, which cloud-init puts the name of the release for.",
        examples: examples!("command-in-apt-source"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#apt-configure",
        ],
        check: source_command,
    },
    Rule {
        id: "confusable-package",
        severity: Severity::Warning,
        summary: "A package that means something else, or that only another repository has",
        boot: "`docker` is a panel for windows on Ubuntu and Debian; `docker-ce`, `kubectl` and the like are not in \
               the distribution, and before 23.4 one name that is not found keeps all others from being installed.",
        advice: "Write `docker.io`, or add the repository below `apt: sources:`.",
        examples: examples!("confusable-package"),
        evidence: &[
            "https://packages.debian.org/stable/docker",
            "https://github.com/canonical/cloud-init/issues/3913",
        ],
        check: confusable,
    },
];

fn shells(document: &Document) -> impl Iterator<Item = (&Part, &Shell)> {
    document.parts.iter().flat_map(|part| part.shells.iter().map(move |shell| (part, shell)))
}

/// Programs that ask, the words behind them for which they do, and the options that answer.
const ASKING: &[(&str, &[&str], &[&str])] = &[
    (
        "apt-get",
        &["install", "remove", "purge", "upgrade", "dist-upgrade", "full-upgrade", "autoremove"],
        &[
            "-y",
            "--yes",
            "--assume-yes",
            "-qq",
            "--assume-no",
            "-s",
            "--simulate",
            "--download-only",
            "-d",
        ],
    ),
    (
        "apt",
        &["install", "remove", "purge", "upgrade", "dist-upgrade", "full-upgrade", "autoremove"],
        &[
            "-y",
            "--yes",
            "--assume-yes",
            "-qq",
            "--assume-no",
            "-s",
            "--simulate",
            "--download-only",
            "-d",
        ],
    ),
    ("aptitude", &["install", "remove", "upgrade"], &["-y", "--assume-yes"]),
    ("yum", &["install", "remove", "update", "upgrade", "groupinstall"], &["-y", "--assumeyes"]),
    ("dnf", &["install", "remove", "update", "upgrade", "groupinstall"], &["-y", "--assumeyes"]),
    (
        "zypper",
        &["install", "in", "remove", "update", "up"],
        &["-n", "-y", "--non-interactive", "--no-confirm"],
    ),
    ("pacman", &["-S", "-Sy", "-Syu", "-R"], &["--noconfirm"]),
    ("conda", &["install", "create", "update", "remove"], &["-y", "--yes"]),
    ("mamba", &["install", "create", "update", "remove"], &["-y", "--yes"]),
];

/// Is `yes |` before it, or a file as its input?
fn is_answered(shell: &Shell, number: usize) -> bool {
    let command = &shell.commands[number];
    let before = number.checked_sub(1).and_then(|before| shell.commands.get(before));
    command.piped
        && before.is_some_and(|before| matches!(before.program(), "yes" | "echo" | "printf"))
        || command.redirects.iter().any(|one| one.operator == "<")
}

fn interactive(document: &Document, findings: &mut Findings) {
    for (part, shell) in shells(document) {
        let config = ["APT::Get::Assume-Yes", "assumeyes", "always_yes"]
            .iter()
            .any(|words| part.text.contains(words));
        for (number, command) in shell.commands.iter().enumerate() {
            let program = command.program();
            let Some((_, verbs, answers)) = ASKING.iter().find(|(name, ..)| *name == program)
            else {
                continue;
            };
            let verb = command.arguments().iter().find(|word| verbs.contains(&word.text.as_str()));
            let listed = verbs.is_empty() || verb.is_some();
            let answered = command.has(answers)
                || command.has_letter('y') && *program != *"pacman"
                || is_answered(shell, number);
            let help = command.has(&["--help", "-h"]);
            // Most removals and upgrades need nobody's word where there is nothing to do.
            let certain = command.operands().count() > usize::from(!verbs.is_empty());
            if !listed
                || answered
                || config
                || help
                || !certain && verb.is_some_and(|verb| verb.text == "autoremove")
            {
                continue;
            }
            let message = format!("`{program}` asks before it goes on, and nobody answers");
            let fix = verb
                .filter(|_| matches!(program, "apt-get" | "apt" | "yum" | "dnf"))
                .and_then(|verb| {
                    let end = verb.range.end;
                    let same = part.text.get(verb.range.clone()) == Some(verb.text.as_str());
                    same.then(|| Fix::replace(part, end..end, " -y", "answer with `-y`")).flatten()
                });
            let answer = answers.first().unwrap_or(&"-y");
            let help = format!(
                "write `{answer}`; packages of the distribution are better off in `packages:`"
            );
            let diagnostic =
                findings.diagnostic(message).help(help).at_span(part.span(command.range.clone()));
            findings.push_with(diagnostic, fix);
        }
    }
}

fn apt_key(document: &Document, findings: &mut Findings) {
    let target = &document.target;
    let old = target.image.is_some_and(|image| {
        image.family == Family::Ubuntu && image.release <= (22, 4)
            || image.family == Family::Debian && image.release <= (11, 0)
    });
    if old {
        return;
    }
    for (part, shell) in shells(document) {
        for command in shell.commands.iter().filter(|command| command.program() == "apt-key") {
            let message = "there is no `apt-key` after Debian 11 and Ubuntu 22.04";
            let help =
                "write the key below `apt: sources:`, or into /etc/apt/keyrings with `signed-by`";
            findings.at(part, command.range.clone(), message, help);
        }
    }
}

fn pip(document: &Document, findings: &mut Findings) {
    let target = &document.target;
    let refused =
        target.is_from(Family::Debian, (12, 0)) || target.is_from(Family::Ubuntu, (24, 4));
    if target.image.is_some() && !refused {
        return;
    }
    let severity = if refused { Severity::Error } else { Severity::Hint };
    for (part, shell) in shells(document) {
        let free = [
            "venv",
            "conda",
            "EXTERNALLY-MANAGED",
            "break-system-packages",
            "BREAK_SYSTEM_PACKAGES",
            "pyenv",
        ];
        if free.iter().any(|word| shell.text.contains(word)) {
            continue;
        }
        for command in &shell.commands {
            let first = command.words.first().map_or("", |word| word.text.as_str());
            let own = first.contains('/') && !first.starts_with("/usr/bin");
            let program = command.program();
            let module = program.starts_with("python") && command.value(&["-m"]) == Some("pip");
            let installs =
                command.has(&["install"]) && (matches!(program, "pip" | "pip3") || module);
            let elsewhere =
                command.has(&["--user", "--target", "-t", "--prefix", "--root", "download"]);
            if installs && !own && !elsewhere {
                let message = "newer images refuse this: `externally-managed-environment`";
                let help = "make an environment with `python3 -m venv`, or install the package of the distribution";
                let diagnostic = findings.diagnostic_as(severity, message).help(help);
                findings.push(diagnostic.at_span(part.span(command.range.clone())));
            }
        }
    }
}

/// Names of releases of Ubuntu and Debian.
const CODENAMES: &[&str] = &[
    "trusty", "xenial", "bionic", "focal", "jammy", "kinetic", "lunar", "mantic", "noble",
    "oracular", "plucky", "questing", "resolute", "stretch", "buster", "bullseye", "bookworm",
    "trixie",
];

fn codename(document: &Document, findings: &mut Findings) {
    let image = document.target.image;
    let say = |part: &Part, range: std::ops::Range<usize>, text: &str, findings: &mut Findings| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let Some(name) = words.into_iter().find(|word| CODENAMES.contains(word)) else { return };
        let severity = match image {
            Some(image) if image.codename == name => return,
            Some(_) => Severity::Warning,
            None => Severity::Hint,
        };
        let message = format!("`{name}` is one release: packages of it may not fit another");
        let help = "write `$RELEASE` in `apt: sources:`, or `$(lsb_release -cs)` in a command";
        let diagnostic = findings.diagnostic_as(severity, message).help(help);
        findings.push(diagnostic.at_span(part.span(range)));
    };
    for part in document.configs() {
        let sources = part.get("apt").and_then(|apt| apt.get("sources"));
        for pair in sources.into_iter().flat_map(Tree::pairs) {
            let Some(tree) = pair.value.get("source") else { continue };
            if let Some(text) = tree.as_str() {
                say(part, tree.range.clone(), text, findings);
            }
        }
    }
    for (part, shell) in shells(document) {
        for command in &shell.commands {
            let line = |text: &str| text.starts_with("deb ") || text.starts_with("deb [");
            if let Some(word) = command.words.iter().find(|word| line(&word.text)) {
                say(part, word.range.clone(), &word.text, findings);
            }
        }
    }
}

fn source_command(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let sources = part.get("apt").and_then(|apt| apt.get("sources"));
        for pair in sources.into_iter().flat_map(Tree::pairs) {
            let Some(tree) = pair.value.get("source") else { continue };
            let Some(text) = tree.as_str() else { continue };
            if text.contains("$(") || text.contains('`') {
                let message =
                    "no shell reads this: the text goes into the list of sources as it is";
                let help = "write `$RELEASE`, which cloud-init puts the name of the release for";
                findings.at(part, tree.range.clone(), message, help);
            }
        }
    }
}

/// Packages, and what to say; the second is a word of a repository that has it.
const PACKAGES: &[(&str, &str, &str)] = &[
    ("docker", "docker", "on Ubuntu and Debian `docker` is a panel for windows: write `docker.io`"),
    (
        "docker-ce",
        "docker",
        "only Docker's own repository has it: add that below `apt: sources:`, or write `docker.io`",
    ),
    (
        "docker-ce-cli",
        "docker",
        "only Docker's own repository has it: add that below `apt: sources:`",
    ),
    (
        "containerd.io",
        "docker",
        "only Docker's own repository has it: write `containerd`, or add the repository",
    ),
    ("kubectl", "k8s", "only the repository of Kubernetes has it: add that below `apt: sources:`"),
    ("kubeadm", "k8s", "only the repository of Kubernetes has it: add that below `apt: sources:`"),
    ("kubelet", "k8s", "only the repository of Kubernetes has it: add that below `apt: sources:`"),
    (
        "terraform",
        "hashicorp",
        "only HashiCorp's repository has it: add that below `apt: sources:`",
    ),
    (
        "google-chrome-stable",
        "google",
        "only Google's repository has it: add that below `apt: sources:`",
    ),
    ("mongodb-org", "mongodb", "only MongoDB's repository has it: add that below `apt: sources:`"),
    ("grafana", "grafana", "only Grafana's repository has it: add that below `apt: sources:`"),
];

/// Programs and keys of distributions that have packages of other names.
const OTHER_PROGRAMS: &[&str] =
    &["yum", "dnf", "tdnf", "rpm", "amazon-linux-extras", "zypper", "apk", "pacman"];
const OTHER_KEYS: &[&str] = &["yum_repos", "yum_repo_dir", "zypper", "repo_update"];

/// Is it plainly for another distribution than Debian or Ubuntu?
fn is_of_another_family(document: &Document, part: &Part) -> bool {
    let shells = document.parts.iter().flat_map(|part| &part.shells);
    let mut commands = shells.flat_map(|shell| &shell.commands);
    OTHER_KEYS.iter().any(|key| part.get(key).is_some())
        || part.people.named.iter().any(|(name, _)| name == "ec2-user")
        || commands.any(|command| OTHER_PROGRAMS.contains(&command.program()))
}

fn confusable(document: &Document, findings: &mut Findings) {
    if document.target.is(Family::RedHat) {
        return;
    }
    for part in document.configs() {
        let has_sources = is_of_another_family(document, part);
        for tree in part.items("packages") {
            let name = tree
                .as_str()
                .or_else(|| tree.items().first().and_then(Tree::as_str))
                .unwrap_or_default();
            let Some((name, word, help)) = PACKAGES.iter().find(|(known, ..)| *known == name)
            else {
                continue;
            };
            let sources = part.get("apt").and_then(|apt| apt.get("sources"));
            let text =
                sources.and_then(|tree| part.text.get(tree.range.clone())).unwrap_or_default();
            let early = part
                .get("bootcmd")
                .and_then(|tree| part.text.get(tree.range.clone()))
                .unwrap_or_default();
            let files = part
                .get("write_files")
                .and_then(|tree| part.text.get(tree.range.clone()))
                .unwrap_or_default();
            let known = [text, early, files].iter().any(|text| text.to_lowercase().contains(word));
            if has_sources || known && *name != "docker" {
                continue;
            }
            let message = format!(
                "the package `{name}` is not what its name says, or not in the distribution"
            );
            findings.at(part, tree.range.clone(), message, *help);
        }
    }
}
