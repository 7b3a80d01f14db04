//! A command that would wait for the end of what it is a part of.
//!
//! In: a command. Out: a complaint. bootseed's program is a part of cloud-init, and so are runcmd,
//! bootcmd and the scripts of `parts`.

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// Words that a command may stand behind.
const BEFORE: &[&str] = &["!", "do", "else", "exec", "if", "sudo", "then", "until", "while"];

/// Reports a line of shell, or several, with such a command in it.
pub(super) fn check_shell(text: &str, at: &Path, report: &mut Report) {
    let commands = text.split(['\n', ';', '&', '|', '(', ')', '{', '}']);
    if commands.map(words).any(|words| waits(&words)) {
        report.push(diagnostic().at(at));
    }
}

/// Reports a program with its arguments.
pub(super) fn check_argv(words: &[&str], at: &Path, report: &mut Report) {
    if waits(words) {
        report.push(diagnostic().at(at));
    }
}

fn words(command: &str) -> Vec<&str> {
    command.split_whitespace().skip_while(|word| BEFORE.contains(word)).collect()
}

/// With a time limit of its own (`timeout 60 cloud-init …`) it ends.
fn waits(words: &[&str]) -> bool {
    let [program, "status", options @ ..] = words else { return false };
    program.rsplit('/').next() == Some("cloud-init")
        && options.iter().any(|option| ["-w", "-lw", "-wl", "--wait"].contains(option))
}

fn diagnostic() -> Diagnostic {
    let message = "this waits for the end of cloud-init, which waits for this";
    let help = "leave it out: at this point everything before it is done";
    Diagnostic::error("waiting-for-itself", message).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_waits_for_itself_is_found_in_a_line() {
        for (line, wanted) in [
            ("cloud-init status --wait", true),
            ("echo a && sudo /usr/bin/cloud-init status -w --long", true),
            ("if ! cloud-init status --wait; then exit 1; fi", true),
            ("a=$(cloud-init status --wait)", true),
            ("cloud-init status", false),
            ("timeout 60 cloud-init status --wait", false),
            ("echo cloud-init status --wait", false),
            ("cloud-init query --wait", false),
        ] {
            let mut report = Report::default();
            check_shell(line, &Path::default(), &mut report);
            assert_eq!(report.has_errors(), wanted, "{line}");
        }
    }
}
