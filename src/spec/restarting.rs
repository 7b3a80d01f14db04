//! A command of `run` that would restart the machine for ever.
//!
//! In: a command. Out: a complaint. A command that was cut off runs again on the next boot, and one
//! that restarts the machine is cut off each time. Where a condition stands before it, it may well
//! be meant.

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// Programs that end a boot, the word that has to follow, and what power_state calls it.
const PROGRAMS: &[(&str, Option<&str>, &str)] = &[
    ("reboot", None, "reboot"),
    ("poweroff", None, "poweroff"),
    ("halt", None, "halt"),
    ("shutdown", Some("-r"), "reboot"),
    ("shutdown", Some("-h"), "poweroff"),
    ("shutdown", Some("now"), "poweroff"),
    ("systemctl", Some("reboot"), "reboot"),
    ("systemctl", Some("poweroff"), "poweroff"),
    ("init", Some("6"), "reboot"),
    ("init", Some("0"), "poweroff"),
];

/// What makes a line decide for itself.
const CONDITIONS: &[&str] = &["||", "if ", "test ", "[", "case "];

/// Reports a line of shell that ends with such a command.
pub(super) fn check_shell(line: &str, at: &Path, report: &mut Report) {
    let last = line.trim_end_matches([';', '\n', ' ']).rsplit(['\n', ';', '&']).next();
    let words: Vec<&str> = last.unwrap_or_default().split_whitespace().collect();
    if !CONDITIONS.iter().any(|condition| line.contains(condition)) {
        check_argv(&words, at, report);
    }
}

/// Reports a program with its arguments.
pub(super) fn check_argv(words: &[&str], at: &Path, report: &mut Report) {
    let words = words.strip_prefix(&["sudo"]).unwrap_or(words);
    let Some((program, rest)) = words.split_first() else { return };
    let program = program.rsplit('/').next().unwrap_or(program);
    let is = |(name, word, _): &&(&str, Option<&str>, &str)| {
        *name == program && word.is_none_or(|word| rest.contains(&word))
    };
    let Some((.., mode)) = PROGRAMS.iter().find(is) else { return };
    let message = "this would run again on every boot: it never comes to its end";
    let help = format!(
        "leave it out, and write `cloud_config: {{power_state: {{mode: {mode}}}}}`, which is done \
         once, at the end"
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
