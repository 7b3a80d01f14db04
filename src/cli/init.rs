//! `bootseed init`.

use std::path::PathBuf;

use bootseed::catalog::Listed;
use bootseed::destination::Artifact;

use super::output::{Outlet, Over};
use super::{Outcome, input};

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
    let preset = input::preset(args.preset.as_deref());
    let place = args.output.as_deref();
    if let Some(file) = place.filter(|file| file.is_dir()) {
        anyhow::bail!("{} is there already; choose another name", file.display());
    }
    let bytes = preset.source().text().as_bytes().into();
    let artifact = Artifact { name: format!("{}.yaml", preset.name()), bytes };
    Outlet { place, over: Over::Nothing, ..Outlet::default() }.deliver(&[artifact])?;
    Ok(Outcome::Fine)
}
