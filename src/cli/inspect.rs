//! `bootseed inspect`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bootseed::destination::Artifact;
use bootseed::inspect::{self, Inspection, Part};

use super::{Outcome, input, output};

/// Open any user-data: its envelopes, its parts, and what a machine would pass over
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed inspect user-data
  bootseed inspect launch-template.json --extract parts
  aws ec2 describe-instance-attribute … --output text | bootseed inspect -")]
pub(super) struct Args {
    /// The payload, whoever made it; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the parts, decoded, into DIR
    #[arg(long, value_name = "DIR")]
    extract: Option<PathBuf>,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let inspection = inspect::inspect(&input::bytes(&args.file)?);
    if let Some(folder) = &args.extract {
        extract(&inspection.parts, folder)?;
    }
    let text = match args.json {
        true => serde_json::to_string_pretty(&inspection)? + "\n",
        false => describe(&inspection),
    };
    output::write(&text, None, false)?;
    Ok(if inspection.warnings.is_empty() { Outcome::Fine } else { Outcome::Mistakes })
}

fn describe(inspection: &Inspection) -> String {
    let mut text = format!("{} bytes\n", inspection.bytes);
    for layer in &inspection.layers {
        text += &format!("  {}: {} bytes inside\n", layer.envelope, layer.bytes);
    }
    text += "\nParts\n";
    for (i, part) in inspection.parts.iter().enumerate() {
        let kind = serde_json::to_value(&part.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default();
        let name = part.name.as_deref().unwrap_or("(no name)");
        text +=
            &format!("  {:>2}  {kind:<20} {:>8} bytes  {}\n", i + 1, part.bytes, one_line(name));
        text += &format!("      {}\n", part.action);
    }
    for note in &inspection.notes {
        text += &format!("\nNote: {}\n", one_line(note));
    }
    if !inspection.warnings.is_empty() {
        text += "\nWhat a machine would pass over or damage\n";
        for warning in &inspection.warnings {
            text += &format!("  - {}\n", one_line(warning));
        }
    }
    text + &format!("\nFits: {}\n", inspection.fits.join(", "))
}

/// Text of others, without anything that could change the terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Writes each part under its name, or its number; a name never leads out of the folder.
fn extract(parts: &[Part], folder: &Path) -> anyhow::Result<()> {
    let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let artifacts: Vec<Artifact> = parts
        .iter()
        .enumerate()
        .map(|(i, part)| {
            let name: String = part.name.iter().flat_map(|name| name.chars()).map(safe).collect();
            let name = match name.trim_matches('.') {
                "" => format!("part-{:03}", i + 1),
                name => format!("{:03}-{name}", i + 1),
            };
            Artifact { name, bytes: part.content.clone() }
        })
        .collect();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for artifact in artifacts {
        output::deliver(std::slice::from_ref(&artifact), Some(&folder.join(&artifact.name)), true)?;
    }
    Ok(())
}
