//! `bootseed inspect`.

use std::path::PathBuf;

use bootseed::destination::Artifact;
use bootseed::diagnostic::{self, Report, Severity, visible};
use bootseed::inspect::{self, Inspection, Part};
use bootseed::lint::{self, Settings};
use bootseed::spec;

use super::output::{Outlet, Over};
use super::{Outcome, input, output, voice};

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
    /// Overwrite files in DIR
    #[arg(long, requires = "extract")]
    force: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let bytes = input::bytes(&args.file)?;
    let inspection = inspect::inspect(&bytes);
    if spec::parameters("", &bytes).is_some() {
        let file = args.file.display();
        voice::note(&format!(
            "note: {file} looks like a parameter file; `bootseed render {file}` makes user-data of it"
        ));
    }
    if let Some(folder) = &args.extract {
        let mut parts = Vec::new();
        collect(&inspection, "", &mut parts);
        let inputs = vec![args.file.clone()];
        Outlet { over: Over::forced(args.force), inputs, secret: true, ..Outlet::default() }
            .fill(&parts, folder)?;
    }
    let found = findings(args, &bytes);
    let text = match args.json {
        true => json(&inspection, &found)?,
        false => format!("{} bytes\n{}", inspection.bytes, describe(&inspection)),
    };
    output::write(&text)?;
    if !args.json && !found.is_empty() {
        voice::report(&found, None);
    }
    let wrong = inspection.has_warnings() || found.has_errors();
    Ok(if wrong { Outcome::Mistakes } else { Outcome::Fine })
}

/// What `bootseed lint` says of it, but for hints and for what the list of parts says already.
fn findings(args: &Args, bytes: &[u8]) -> Report {
    let settings = Settings { ignore: vec!["passed-over".into()], ..Settings::default() };
    let stdin = args.file.as_os_str() == "-";
    let name = if stdin { "<stdin>".into() } else { args.file.display().to_string() };
    let found = lint::lint(&visible(&name), bytes, &settings);
    let found = lint::report(&found).into_iter();
    found.filter(|one| one.severity != Severity::Hint).collect()
}

fn json(inspection: &Inspection, found: &Report) -> anyhow::Result<String> {
    let mut value = serde_json::to_value(inspection)?;
    value["findings"] = serde_json::to_value(diagnostic::messages(found, None))?;
    Ok(serde_json::to_string_pretty(&value)? + "\n")
}

fn describe(inspection: &Inspection) -> String {
    let mut text = String::new();
    for layer in &inspection.layers {
        text += &format!("  {}: {} bytes inside\n", visible(&layer.envelope), layer.bytes);
    }
    if inspection.machines.is_empty() {
        text += "\nParts\n";
    }
    for (i, part) in inspection.parts.iter().enumerate() {
        let kind = serde_json::to_value(&part.kind).unwrap_or_default();
        let kind = kind.as_str().unwrap_or_default();
        let name = part.name.as_deref().unwrap_or("(no name)");
        text += &format!("  {:>2}  {kind:<20} {:>8} bytes  {}\n", i + 1, part.bytes, visible(name));
        text += &format!("      {}\n", part.action);
        for file in &part.files {
            let packed = file.encoding.as_ref().map(|how| format!(", {how}")).unwrap_or_default();
            text += &format!("      {} ({} bytes{packed})\n", visible(&file.path), file.bytes);
        }
    }
    for note in &inspection.notes {
        text += &format!("\nNote: {}\n", visible(note));
    }
    if !inspection.warnings.is_empty() {
        text += "\nWhat a machine would pass over or damage\n";
        for warning in &inspection.warnings {
            text += &format!("  - {}\n", visible(warning));
        }
    }
    for machine in &inspection.machines {
        text += &format!("\nMachine {}: {} bytes\n", visible(name(machine)), machine.bytes);
        text += &describe(machine);
    }
    match inspection.machines.is_empty() {
        true if inspection.fits.is_empty() => text + "\nFits: nothing\n",
        true => text + &format!("\nFits: {}\n", inspection.fits.join(", ")),
        false => text,
    }
}

fn name(machine: &Inspection) -> &str {
    machine.machine.as_deref().unwrap_or_default()
}

/// Each part under its name, or its number, in a folder `files` what it writes, and in a folder for
/// each machine where there are several; a name never leads out of the folder.
fn collect(inspection: &Inspection, above: &str, files: &mut Vec<Artifact>) {
    for (i, Part { name, content, .. }) in inspection.parts.iter().enumerate() {
        let name = safe(i, name.as_deref().unwrap_or_default());
        let name = name.unwrap_or_else(|| format!("part-{:03}", i + 1));
        files.push(Artifact { name: above.to_owned() + &name, bytes: content.as_slice().into() });
    }
    let written = inspection.parts.iter().flat_map(|part| &part.files);
    for (i, file) in written.enumerate() {
        let name = safe(i, &file.path.replace('/', "_")).unwrap_or_default();
        let bytes = file.content.as_slice().into();
        files.push(Artifact { name: format!("{above}files/{name}"), bytes });
    }
    for (i, machine) in inspection.machines.iter().enumerate() {
        let name = safe(i, name(machine)).unwrap_or_else(|| format!("machine-{:03}", i + 1));
        collect(machine, &format!("{above}{name}/"), files);
    }
}

/// A name for a file, with its number; `None` where nothing of the name is left.
fn safe(number: usize, name: &str) -> Option<String> {
    const LONGEST: usize = 80;
    let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = name.chars().take(LONGEST).map(safe).collect();
    let name = name.trim_matches('.');
    (!name.is_empty()).then(|| format!("{:03}-{name}", number + 1))
}
