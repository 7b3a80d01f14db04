//! A command of `run` that would restart the machine for ever.
//!
//! In: a command. Out: a complaint. A command that was cut off runs again on the next boot, and one
//! that restarts the machine is cut off each time. Where a condition stands before it, it may well
//! be meant.

use super::waiting::command;
use crate::diagnostic::{Diagnostic, Report};
use crate::shell::{self, Command, ends_boot};
use crate::source::Path;

/// What makes a line decide for itself.
const CONDITIONS: &[&str] = &["||", "if ", "test ", "[", "case "];

/// Reports a line of shell that ends with such a command.
pub(super) fn check_shell(line: &str, at: &Path, report: &mut Report) {
    let script = shell::parse(line);
    let last = script.commands.iter().rfind(|command| !command.substituted);
    if !CONDITIONS.iter().any(|condition| line.contains(condition)) {
        last.into_iter().for_each(|command| check(command, at, report));
    }
}

/// Reports a program with its arguments.
pub(super) fn check_argv(words: &[&str], at: &Path, report: &mut Report) {
    check(&command(words), at, report);
}

fn check(command: &Command, at: &Path, report: &mut Report) {
    let Some(ending) = ends_boot(command) else { return };
    let message = "this would run again on every boot: it never comes to its end";
    let help = format!(
        "leave it out, and write `cloud_config: {{power_state: {{mode: {}}}}}`, which is done \
         once, at the end",
        ending.mode()
    );
    report.push(Diagnostic::error("endless-restarts", message).at(at).help(help));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ends_the_boot_is_found() {
        for (line, wanted) in [
            ("reboot", true),
            ("apt-get -y upgrade && sudo reboot", true),
            ("echo done; /sbin/shutdown -r now\n", true),
            ("systemctl reboot", true),
            ("shutdown -h now", true),
            ("test -e /srv/on || { touch /srv/on; reboot; }", false),
            ("if [ -e /var/run/reboot-required ]; then reboot; fi", false),
            ("echo reboot", false),
            ("shutdown -c", false),
            ("systemctl restart nginx", false),
            ("", false),
        ] {
            let mut report = Report::default();
            check_shell(line, &Path::default(), &mut report);
            assert_eq!(report.has_errors(), wanted, "{line}");
        }
    }
}
