//! A command that would wait for the end of what it is a part of.
//!
//! In: a command. Out: a complaint. bootseed's program is a part of cloud-init, and so are runcmd,
//! bootcmd and the scripts of `parts`. What such a command is, `shell` knows; `lint` finds the same in
//! any user-data.

use crate::diagnostic::{Diagnostic, Report};
use crate::shell::{self, Command, Word, waits_for_cloud_init};
use crate::source::Path;

/// Reports a line of shell, or several, with such a command in it.
pub(super) fn check_shell(text: &str, at: &Path, report: &mut Report) {
    if shell::parse(text).commands.iter().any(waits_for_cloud_init) {
        report.push(diagnostic().at(at));
    }
}

/// Reports a program with its arguments.
pub(super) fn check_argv(words: &[&str], at: &Path, report: &mut Report) {
    if waits_for_cloud_init(&command(words)) {
        report.push(diagnostic().at(at));
    }
}

/// A program with its arguments, without places.
pub(super) fn command(words: &[&str]) -> Command {
    let word = |text: &&str| Word { text: (*text).into(), ..Word::default() };
    Command::of(words.iter().map(word).collect())
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
