//! `bootseed completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Cli, Outcome, output};

/// Print the completions of a shell
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  bootseed completions bash > ~/.local/share/bash-completion/completions/bootseed")]
pub(super) struct Args {
    /// Which shell
    shell: Shell,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bootseed", &mut text);
    output::write(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Fine)
}
