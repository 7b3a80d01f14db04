//! `bootseed plan`.

use super::delivery::Delivery;
use super::input::Input;
use super::roster::one::Pick;
use super::{Outcome, output};

/// Say what will happen on the machine, what it downloads and what it needs
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed plan
  bootseed plan class.yaml
  bootseed plan class.yaml --for hetzner
  bootseed plan class.yaml --json
  bootseed plan class.yaml --student 20260001 --roster students.csv

With --for the exit status is 1 when the user-data does not fit there.")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    pick: Pick,
    #[command(flatten)]
    delivery: Delivery,
    /// Print the plan as JSON; `bootseed schema --plan` describes it
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let templates = args.delivery.templates(None)?;
    let Some(plan) = args.input.plan(&args.pick)? else { return Ok(Outcome::Mistakes) };
    let order = args.delivery.order(&templates);
    let machine = order.machine(plan)?;
    let summary = machine.summary(order.size(&machine)?);
    let text = match args.json {
        true => serde_json::to_string_pretty(&summary)?,
        false => summary.to_string(),
    };
    output::write(&(text + "\n"))?;
    if args.delivery.is_for_somebody() {
        order.packed(&machine)?;
    }
    Ok(Outcome::Fine)
}
