//! `bootseed init`.

use std::path::PathBuf;

use super::{Outcome, input, output};

/// Write a commented parameter file to start from
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed init -o class.yaml
  bootseed init --preset static -o page.yaml")]
pub(super) struct Args {
    /// Which ready-made parameters
    #[arg(long, value_name = "NAME", value_parser = input::preset_parser())]
    preset: Option<String>,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if let Some(file) = args.output.as_deref().filter(|file| file.exists()) {
        anyhow::bail!("{} is there already; choose another name", file.display());
    }
    let preset = input::preset(args.preset.as_deref());
    output::write(preset.source().text(), args.output.as_deref(), false)?;
    Ok(Outcome::Fine)
}
