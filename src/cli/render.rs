//! `bootseed render`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bootseed::cloud_config::{self, CloudConfig};
use bootseed::destination::Artifact;
use bootseed::diagnostic::Diagnostic;
use bootseed::machine::Size;
use bootseed::payload::Payload;
use bootseed::source::Kind;
use bootseed::template::Templates;

use super::delivery::Delivery;
use super::input::{self, Input};
use super::output::{Outlet, Over};
use super::roster::one::Pick;
use super::{Outcome, voice};

/// Print the user-data of a machine
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed render
  bootseed render class.yaml -o user-data
  bootseed render class.yaml --for nocloud-iso -o seed.iso
  bootseed render --preset flask --set hostname=lab-7
  bootseed render class.yaml -o user-data --check
  bootseed render class.yaml --student 20260001 --roster students.csv
  bootseed render --template mine.yaml.j2 --params values.yaml")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    pick: Pick,
    /// Write to FILE, or to DIR where there are several files, instead of standard output
    #[arg(short, long, value_name = "FILE|DIR")]
    output: Option<PathBuf>,
    /// Overwrite what -o names, whoever made it
    #[arg(long, requires = "output")]
    force: bool,
    /// Write nothing; exit with 1 unless -o names what would be written
    #[arg(long, requires = "output", conflicts_with = "force")]
    check: bool,
    #[command(flatten)]
    delivery: Delivery,
    /// Render a cloud-config template of your own, NAME.yaml.j2; the document itself comes out,
    /// without --for and --compress
    #[arg(long, value_name = "FILE", requires = "params", conflicts_with_all = ["spec", "preset", "set", "student", "destination", "compress", "program"])]
    template: Option<PathBuf>,
    /// Values for --template, a YAML map
    #[arg(long, value_name = "FILE", requires = "template")]
    params: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let (Some(template), Some(params)) = (&args.template, &args.params) else {
        return machine(args, &args.delivery.templates(None)?);
    };
    let text = std::fs::read_to_string(template)
        .with_context(|| format!("cannot read {}", template.display()))?;
    let templates = args.delivery.templates(Some(&text))?;
    let Some(document) = own(template, text, params, &templates)? else {
        return Ok(Outcome::Mistakes);
    };
    let artifact = Artifact { name: "user-data".into(), bytes: document.text().as_bytes().into() };
    // Nobody knows what the values of a template are.
    let outlet = args.outlet(vec![template.clone(), params.clone()], true);
    if args.check {
        return compared(&outlet, &[artifact]);
    }
    outlet.deliver(&[artifact])?;
    voice::note(&Size::on_ec2(&Payload::of(document.text().as_bytes())).to_string());
    Ok(Outcome::Fine)
}

impl Args {
    /// Where the result goes. `inputs` are read, beside the templates.
    fn outlet(&self, mut inputs: Vec<PathBuf>, secret: bool) -> Outlet<'_> {
        inputs.extend(self.delivery.files());
        let over = Over::forced(self.force);
        Outlet { place: self.output.as_deref(), over, inputs, secret }
    }
}

/// Renders the machine of a parameter file for its destination.
fn machine(args: &Args, templates: &Templates) -> anyhow::Result<Outcome> {
    let Some((plan, inputs)) = args.input.plan_of_files(&args.pick)? else {
        return Ok(Outcome::Mistakes);
    };
    let order = args.delivery.order(templates);
    let (machine, emission) = order.emission(plan)?;
    let outlet = args.outlet(inputs, machine.plan.holds_secrets());
    if args.check {
        return compared(&outlet, &emission.artifacts);
    }
    outlet.deliver(&emission.artifacts)?;
    for note in &emission.notes {
        voice::note(&format!("note: {note}"));
    }
    if !args.delivery.is_for_somebody() {
        let size = order.size(&machine)?;
        if !size.fits {
            voice::note(&format!("note: {size}"));
        }
    }
    Ok(Outcome::Fine)
}

/// Says which files are not what would be written.
fn compared(outlet: &Outlet<'_>, artifacts: &[Artifact]) -> anyhow::Result<Outcome> {
    let differing = outlet.differing(artifacts)?;
    for file in &differing {
        let message = format!("{} is not what would be written; render it anew", file.display());
        voice::wrong("out-of-date", &message);
    }
    Ok(if differing.is_empty() { Outcome::Fine } else { Outcome::Mistakes })
}

fn own(
    template: &Path,
    text: String,
    params: &Path,
    templates: &Templates,
) -> anyhow::Result<Option<CloudConfig>> {
    let tree = match input::values(params)? {
        Ok(tree) => tree,
        Err(mut report) => {
            input::tell(&mut report, None);
            return Ok(None);
        }
    };
    if !matches!(tree.kind, Kind::Map(_)) {
        let message = format!("the values must be a map, this is {}", tree.describe());
        let help = "write `name: value` on lines of their own";
        let wrong = Diagnostic::error("wrong-type", message).at_span(tree.span.clone()).help(help);
        input::tell(&mut wrong.into(), Some(&tree));
        return Ok(None);
    }
    let name = template.display().to_string();
    Ok(Some(cloud_config::render_own(&name, text, &tree.to_json(), templates)?))
}
