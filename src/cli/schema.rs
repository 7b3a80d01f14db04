//! `bootseed schema`.

use super::{Outcome, output};

/// Print the JSON Schema of the parameter file, for editors
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  bootseed schema > bootseed.schema.json

With the first line `# yaml-language-server: $schema=bootseed.schema.json` an editor with the
YAML language server completes and checks the parameter file.")]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> anyhow::Result<Outcome> {
    let text = serde_json::to_string_pretty(&bootseed::spec::schema())?;
    output::write(&(text + "\n"))?;
    Ok(Outcome::Fine)
}
