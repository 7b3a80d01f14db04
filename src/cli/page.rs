//! `bootseed page`.

use std::path::PathBuf;

use bootseed::destination::Artifact;

use super::Outcome;
use super::output::{Outlet, Over};

/// Write the page that makes user-data in a browser, without a network
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed page -o bootseed.html           then open it, or put it on any web server")]
pub(super) struct Args {
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite what -o names, whoever made it
    #[arg(long, requires = "output")]
    force: bool,
}

/// The page, in a program that was built with it.
#[cfg(carries_page)]
const PAGE: Option<&[u8]> = Some(include_bytes!(env!("BOOTSEED_PAGE_FILE")));
#[cfg(not(carries_page))]
const PAGE: Option<&[u8]> = None;

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Some(bytes) = PAGE else {
        anyhow::bail!(
            "this build of bootseed does not carry the page; the packages and the binaries of a \
             release do. In a clone of the source ./web/build makes it, target/web/bootseed.html"
        );
    };
    let artifact = Artifact { name: "bootseed.html".into(), bytes: bytes.into() };
    let over = Over::forced(args.force);
    Outlet { place: args.output.as_deref(), over, ..Outlet::default() }.deliver(&[artifact])?;
    Ok(Outcome::Fine)
}
