//! `bootseed boot`, where there is neither KVM nor a container.

use std::ffi::OsString;

use anyhow::bail;

use super::Outcome;

/// Rehearse the first boot on this computer: on Linux, or in WSL
#[derive(clap::Args)]
pub(super) struct Args {
    #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<OsString>,
}

pub(super) fn run(_: &Args) -> anyhow::Result<Outcome> {
    bail!("a first boot is rehearsed on Linux; on Windows, install bootseed in WSL for that")
}
