//! `bootseed program`.

use bootseed::machine::Order;
use bootseed::template::Templates;

use super::input::Input;
use super::roster::one::Pick;
use super::{Outcome, output};

/// Print the program that sets a machine up, as it is on the machine
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed program
  bootseed program class.yaml | less")]
pub(super) struct Args {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    pick: Pick,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let Some(plan) = args.input.plan(&args.pick)? else { return Ok(Outcome::Mistakes) };
    let machine = Order::new(&Templates::default()).machine(plan)?;
    output::write(machine.program.text())?;
    Ok(Outcome::Fine)
}
