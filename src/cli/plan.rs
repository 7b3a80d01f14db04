//! `bootseed plan`.

use bootseed::cloud_config::CloudConfig;
use bootseed::machine::Order;
use bootseed::template::Templates;

use super::input::Input;
use super::roster::one::Pick;
use super::{Outcome, output};

/// Say what will happen on the machine, what it downloads and what it needs
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed plan
  bootseed plan class.yaml
  bootseed plan class.yaml --student 20260001 --roster students.csv")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    pick: Pick,
}

/// Bytes of user-data that EC2 takes, before base64.
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html>
pub(super) const EC2_LIMIT: usize = 16_384;

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Some(plan) = args.input.plan(&args.pick)? else { return Ok(Outcome::Mistakes) };
    let machine = Order::new(&Templates::default()).machine(plan)?;
    output::write(&format!("{}{}\n", machine.summary(), size(&machine.document)))?;
    Ok(Outcome::Fine)
}

/// The size of a document against the limit of EC2.
pub(super) fn size(document: &CloudConfig) -> String {
    let bytes = document.text().len();
    let share = bytes * 100 / EC2_LIMIT;
    let verdict = if bytes > EC2_LIMIT { "TOO LARGE for EC2" } else { "fits" };
    format!("Size: {bytes} bytes of the {EC2_LIMIT} that EC2 takes ({share} %), {verdict}")
}
