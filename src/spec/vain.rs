//! A command of `run` that changes nothing but its own shell, which ends with it.
//!
//! In: a command. Out: a complaint. Each command is a program of its own: what `cd`, `export` or
//! `conda activate` does is gone when the next one begins.

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// Words of the shell that change only the shell itself.
const OWN_SHELL: &[&str] = &[
    ".", "alias", "cd", "declare", "export", "popd", "pushd", "readonly", "set", "shopt", "source",
    "typeset", "ulimit", "umask", "unset",
];

/// The same of programs, by their first two words.
const ACTIVATIONS: &[[&str; 2]] = &[
    ["conda", "activate"],
    ["conda", "deactivate"],
    ["mamba", "activate"],
    ["micromamba", "activate"],
    ["module", "load"],
    ["nvm", "use"],
    ["pyenv", "shell"],
];

/// Words that do nothing by themselves.
const NOTHING: &[&str] = &[":", "exit", "false", "true"];

/// Reports a text with nothing but such commands in it.
pub(super) fn check_shell(text: &str, at: &Path, report: &mut Report) {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let commands: Vec<Vec<&str>> = lines
        .flat_map(|line| line.split([';', '&', '|']))
        .map(|command| command.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.first().is_some_and(|first| !NOTHING.contains(first)))
        .collect();
    // What is in it may do something else.
    let nested = ["$(", "`", "<(", ">"].iter().any(|sign| text.contains(sign));
    let vain = |words: &Vec<&str>| is_vain(words) || words.iter().all(|word| is_assignment(word));
    if !nested && !commands.is_empty() && commands.iter().all(vain) {
        report.push(diagnostic(&commands[0], at));
    }
}

/// Reports a program with its arguments; words of the shell are no programs.
pub(super) fn check_argv(words: &[&str], at: &Path, report: &mut Report) {
    if is_vain(words) {
        report.push(diagnostic(words, at));
    }
}

fn is_vain(words: &[&str]) -> bool {
    let [first, rest @ ..] = words else { return false };
    OWN_SHELL.contains(first)
        || rest.first().is_some_and(|second| ACTIVATIONS.contains(&[first, second]))
}

/// `NAME=value`
fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name).unwrap_or_default();
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn diagnostic(words: &[&str], at: &Path) -> Diagnostic {
    let first = words.first().copied().unwrap_or_default();
    let message = if is_assignment(first) {
        "this sets a variable of its own shell, and the next command has another one".to_string()
    } else {
        let shown = match first {
            "." => "source".into(),
            first if OWN_SHELL.contains(&first) => first.to_string(),
            _ => words.iter().take(2).copied().collect::<Vec<_>>().join(" "),
        };
        format!("`{shown}` changes only its own shell, and the next command has another one")
    };
    if [".", "source"].contains(&first) {
        let help = "write what needs it behind it in the same command, as several lines (`- |`); a \
                    script that does its work by itself is run with `bash FILE`";
        return Diagnostic::error("vain-command", message).at(at).help(help);
    }
    let help = "write the lines that belong together as one command of several lines: `- |`, and \
                below it the lines";
    Diagnostic::error("vain-command", message).at(at).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_leaves_nothing_behind_is_found() {
        for (line, wanted) in [
            ("cd /srv", true),
            ("cd /srv || exit 1", true),
            ("set -eu\n# then\nexport A=1 B=2\n", true),
            ("A=1", true),
            ("A=1 B='x'; umask 022", true),
            ("source /opt/venv/bin/activate", true),
            (". ~/.bashrc && conda activate hello", true),
            ("cd /srv && ./install", false),
            ("cd /srv\n./install", false),
            ("A=1 ./install", false),
            ("export A=$(./install)", false),
            ("conda install -y flask", false),
            ("set -x; make", false),
            ("echo cd /srv", false),
            ("true", false),
            ("", false),
        ] {
            let mut report = Report::default();
            check_shell(line, &Path::default(), &mut report);
            assert_eq!(report.has_errors(), wanted, "{line}");
        }
    }
}
