//! `bootseed schema`.

use bootseed::diagnostic::Message;
use bootseed::machine::Summary;

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
    #[command(flatten)]
    other: Other,
}

#[derive(clap::Args)]
#[group(multiple = false)]
struct Other {
    /// Print the schema of a machine's status.json instead
    #[arg(long)]
    status: bool,
    /// Print the schema of `bootseed plan --json` instead
    #[arg(long)]
    plan: bool,
    /// Print the schema of the lines of --message-format json instead
    #[arg(long)]
    messages: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if args.other.status {
        output::write(STATUS)?;
        return Ok(Outcome::Fine);
    }
    let schema = match args.other {
        Other { plan: true, .. } => schemars::schema_for!(Summary).to_value(),
        Other { messages: true, .. } => schemars::schema_for!(Message).to_value(),
        _ => bootseed::spec::schema(),
    };
    let text = serde_json::to_string_pretty(&schema)?;
    output::write(&(text + "\n"))?;
    Ok(Outcome::Fine)
}
