//! Commands that end the boot: restarts, and switching off.

use super::Command;

/// What becomes of the machine, in the words of `power_state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It starts again.
    Reboot,
    /// It is switched off.
    Poweroff,
}

impl Ending {
    /// The word for `mode` of `power_state`.
    pub fn mode(self) -> &'static str {
        match self {
            Ending::Reboot => "reboot",
            Ending::Poweroff => "poweroff",
        }
    }
}

/// Programs that end a boot, and the word that has to follow.
const PROGRAMS: &[(&str, Option<&str>, Ending)] = &[
    ("reboot", None, Ending::Reboot),
    ("poweroff", None, Ending::Poweroff),
    ("halt", None, Ending::Poweroff),
    ("shutdown", Some("-r"), Ending::Reboot),
    ("shutdown", Some("-h"), Ending::Poweroff),
    ("shutdown", Some("-P"), Ending::Poweroff),
    ("shutdown", Some("now"), Ending::Poweroff),
    ("systemctl", Some("reboot"), Ending::Reboot),
    ("systemctl", Some("poweroff"), Ending::Poweroff),
    ("init", Some("6"), Ending::Reboot),
    ("init", Some("0"), Ending::Poweroff),
];

/// What becomes of the machine by this command, if that ends its boot.
pub fn ends_boot(command: &Command) -> Option<Ending> {
    let program = command.program();
    let is = |(name, word, _): &&(&str, Option<&str>, Ending)| {
        *name == program && word.is_none_or(|word| command.has(&[word]))
    };
    let help = command.has(&["--help", "--version"]);
    PROGRAMS.iter().find(is).filter(|_| !help).map(|(.., ending)| *ending)
}
