//! Parameters of what is brought to the machine: packages, services, files, commands, other keys.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Spec, restarting, vain, waiting, word};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// A file on the machine.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Where it goes: an absolute path. Directories on the way are made.
    #[schemars(example = &"/etc/motd")]
    pub path: String,
    /// Its text, as it stands. Either `content` or `from`.
    pub content: Option<String>,
    /// A file on this computer whose bytes it gets, relative to the parameter file; text or binary.
    pub from: Option<String>,
    /// What becomes of lines that end as on Windows, in two characters: `unix` makes one of them, so
    /// that a file is the same from whichever computer; `keep` leaves them. Default: they are kept,
    /// with a warning where a machine would stumble over them.
    pub line_endings: Option<LineEndings>,
    /// `user` or `user:group`. Default: `root:root`, and below `/home/NAME` that account. A file of an
    /// account that a package brings is put in its place before the first command of `run`.
    pub owner: Option<String>,
    /// Octal mode. Default: `0644`.
    #[schemars(example = &"0644")]
    pub mode: Option<String>,
}

/// What becomes of the ends of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineEndings {
    /// Each is one character, as Linux has it.
    Unix,
    /// They stay as they are.
    Keep,
}

/// A command: bash, or a program with its arguments.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Command {
    /// Bash, one line or several.
    Shell(String),
    /// A program and its arguments, taken as they are.
    Argv(Vec<String>),
}

pub(super) fn check(spec: &Spec, report: &mut Report) {
    let root = Path::default();
    for (i, package) in spec.packages.iter().enumerate() {
        word::PACKAGE.check(package, &root.key("packages").index(i), report);
    }
    for (i, service) in spec.services.iter().enumerate() {
        word::SERVICE.check(service, &root.key("services").index(i), report);
    }
    for (i, file) in spec.files.iter().enumerate() {
        let at = root.key("files").index(i);
        file.check(&at, report);
    }
    for (i, command) in spec.run.iter().enumerate() {
        command.check(&root.key("run").index(i), report);
    }
}

impl File {
    /// The account whose home directory it is in.
    pub fn home(&self) -> Option<&str> {
        self.path.strip_prefix("/home/")?.split_once('/').map(|(user, _)| user)
    }

    fn check(&self, at: &Path, report: &mut Report) {
        self.check_path(&at.key("path"), report);
        if let Some(owner) = &self.owner
            && word::OWNER.check(owner, &at.key("owner"), report)
            && !is_owner(owner)
        {
            let message = format!("`{}` is not `user` or `user:group`", word::shorten(owner));
            report.push(
                Diagnostic::error("file-owner", message)
                    .at(&at.key("owner"))
                    .help(word::OWNER.help),
            );
        }
        if let Some(mode) = &self.mode
            && word::MODE.check(mode, &at.key("mode"), report)
            && (mode.len() < 3 || u32::from_str_radix(mode, 8).is_ok_and(|mode| mode > 0o7777))
        {
            let message = format!("`{mode}` is not a file mode");
            report.push(
                Diagnostic::error("file-mode", message).at(&at.key("mode")).help(word::MODE.help),
            );
        }
        let (message, help) = match (&self.content, &self.from) {
            (Some(_), Some(_)) => {
                ("`content` and `from` contradict each other", "keep one of the two")
            }
            (None, None) => {
                ("the file has no content", "add `content:`, or `from:` with a local file")
            }
            _ => return,
        };
        report.push(Diagnostic::error("file-content", message).at(at).help(help));
    }

    /// `/tmp` is cleaned while cloud-init writes files: <https://bugs.launchpad.net/bugs/1707222>
    fn check_path(&self, at: &Path, report: &mut Report) {
        if !word::absolute_path(&self.path, at, report) {
            return;
        }
        let (message, help) = if self.path.ends_with('/') {
            ("the path names a directory", "add the name of the file")
        } else if self.path.starts_with("/tmp/") {
            (
                "a file below /tmp may vanish during the first boot",
                "choose a place such as /var/tmp or /srv",
            )
        } else {
            return;
        };
        report.push(Diagnostic::error("file-path", message).at(at).help(help));
    }
}

/// One or two names; a number is one that Linux has, of which the last stands for none.
fn is_owner(owner: &str) -> bool {
    let fits = |name: &str| {
        let digits = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit());
        !name.is_empty() && (!digits || name.parse::<u32>().is_ok_and(|id| id < u32::MAX))
    };
    owner.splitn(2, ':').all(|name| !name.contains(':') && fits(name))
}

impl Command {
    fn check(&self, at: &Path, report: &mut Report) {
        let empty = match self {
            Command::Shell(line) => {
                word::no_nul(line, at, report);
                waiting::check_shell(line, at, report);
                restarting::check_shell(line, at, report);
                vain::check_shell(line, at, report);
                line.trim().is_empty()
            }
            Command::Argv(words) => {
                for (i, word) in words.iter().enumerate() {
                    word::no_nul(word, &at.index(i), report);
                }
                let all: Vec<&str> = words.iter().map(String::as_str).collect();
                waiting::check_argv(&all, at, report);
                restarting::check_argv(&all, at, report);
                vain::check_argv(&all, at, report);
                words.first().is_none_or(String::is_empty)
            }
        };
        if empty {
            let message = "the command is empty";
            let help = "write a line of bash, or a list of a program and its arguments";
            report.push(Diagnostic::error("empty-command", message).at(at).help(help));
        }
    }
}
