//! `bootseed completions`.

use clap::{CommandFactory, ValueEnum};
use clap_complete::{Shell as Known, generate};
use clap_complete_nushell::Nushell;

use super::{Cli, Outcome, output};

/// Print the completions of a shell
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed completions bash > ~/.local/share/bash-completion/completions/bootseed
  bootseed completions nushell | save bootseed.nu    then, in config.nu: source bootseed.nu")]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

/// A shell that completes.
#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Nushell,
    Powershell,
    Zsh,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (mut command, mut text) = (Cli::command(), Vec::new());
    let mut known = |shell: Known| generate(shell, &mut command, "bootseed", &mut text);
    match args.shell {
        Shell::Bash => known(Known::Bash),
        Shell::Elvish => known(Known::Elvish),
        Shell::Fish => known(Known::Fish),
        Shell::Nushell => generate(Nushell, &mut command, "bootseed", &mut text),
        Shell::Powershell => known(Known::PowerShell),
        Shell::Zsh => known(Known::Zsh),
    }
    output::write(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Fine)
}
