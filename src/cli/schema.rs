//! `bootseed schema`.

use super::{Outcome, output};

/// The schema of `status.json`, as the program on the machine writes it.
const STATUS: &str = include_str!("../status.schema.json");

/// Print the JSON Schema of the parameter file, for editors
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  bootseed schema > bootseed.schema.json

With the first line `# yaml-language-server: $schema=bootseed.schema.json` an editor with the
YAML language server completes and checks the parameter file.")]
pub(super) struct Args {
    /// Print the schema of a machine's status.json instead
    #[arg(long)]
    status: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if args.status {
        output::write(STATUS)?;
        return Ok(Outcome::Fine);
    }
    let text = serde_json::to_string_pretty(&bootseed::spec::schema())?;
    output::write(&(text + "\n"))?;
    Ok(Outcome::Fine)
}
