//! `bootseed render`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bootseed::cloud_config::{self, CloudConfig};
use bootseed::diagnostic::Report;
use bootseed::source;
use bootseed::template::Templates;

use super::input::{self, Input};
use super::{Outcome, output};

/// Print the user-data of a machine
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed render
  bootseed render class.yaml -o user-data
  bootseed render --preset flask --set hostname=lab-7
  bootseed render --template mine.yaml.j2 --params values.yaml")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    /// Write to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Templates that replace or add to the built-in ones
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
    /// Render a cloud-config template of your own, NAME.yaml.j2
    #[arg(long, value_name = "FILE", requires = "params", conflicts_with_all = ["spec", "preset", "set"])]
    template: Option<PathBuf>,
    /// Values for --template, a YAML map
    #[arg(long, value_name = "FILE", requires = "template")]
    params: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    if let Some(folder) = args.templates.as_deref().filter(|folder| !folder.is_dir()) {
        anyhow::bail!("--templates {}: there is no such folder", folder.display());
    }
    let templates = Templates::with_folder(args.templates.clone());
    let (document, secret) = match (&args.template, &args.params) {
        (Some(template), Some(params)) => match own(template, params, &templates)? {
            Some(document) => (document, false),
            None => return Ok(Outcome::Mistakes),
        },
        _ => match args.input.plan()? {
            Some(plan) => (cloud_config::render(&plan, &templates)?, plan.keys.hold_secret()),
            None => return Ok(Outcome::Mistakes),
        },
    };
    output::write(document.text(), args.output.as_deref(), secret)?;
    if args.template.is_some() || document.text().len() > super::plan::EC2_LIMIT {
        output::note(&super::plan::size(&document));
    }
    Ok(Outcome::Fine)
}

fn own(
    template: &Path,
    params: &Path,
    templates: &Templates,
) -> anyhow::Result<Option<CloudConfig>> {
    let text = std::fs::read_to_string(template)
        .with_context(|| format!("cannot read {}", template.display()))?;
    let params = input::read(params)?;
    let tree = match source::parse(&params) {
        Ok(tree) => tree,
        Err(errors) => {
            input::tell(&mut Report::from(errors), None);
            return Ok(None);
        }
    };
    let name = template.display().to_string();
    Ok(Some(cloud_config::render_own(&name, text, &tree.to_json(), templates)?))
}
