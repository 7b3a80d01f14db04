//! The commands of `bootseed`: arguments in, calls of the library, results out.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 fine, 1 the
//! input has mistakes, 2 wrong usage or input and output failed. To add a command: a file with its
//! arguments and `run`, a `mod` line and a variant of `Command`.

mod boot;
mod completions;
mod delivery;
mod folder;
mod init;
mod input;
mod inspect;
mod man;
mod output;
mod plan;
mod program;
mod progress;
mod render;
mod roster;
mod schema;
mod terraform;

use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};

/// From one parameter file to a cloud VM that sets itself up on its first boot.
#[derive(Parser)]
#[command(name = "bootseed", version, max_term_width = 96, propagate_version = false)]
#[command(after_help = "\
Examples:
  bootseed render                          the course machine, ready to paste
  bootseed init -o class.yaml              a parameter file to change
  bootseed plan class.yaml                 what will happen on the machine
  bootseed render class.yaml -o user-data  the user-data of your machine")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Render(render::Args),
    Init(init::Args),
    Plan(plan::Args),
    Program(program::Args),
    Roster(roster::Args),
    Boot(boot::Args),
    Inspect(inspect::Args),
    Terraform(terraform::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// The error of a call; one that names a file in place of a command says what to write.
pub(crate) fn explain(error: clap::Error) -> clap::Error {
    let named = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    let is_file = |word: &String| word.contains('.') || Path::new(word).is_file();
    match named.filter(is_file) {
        Some(file) => Cli::command().error(
            ErrorKind::InvalidSubcommand,
            format!("a command comes before the file: bootseed render {file}"),
        ),
        None => error,
    }
}

/// How a command ended.
pub(crate) enum Outcome {
    /// Everything is fine.
    Fine,
    /// The input has mistakes, which were reported.
    Mistakes,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Fine => ExitCode::SUCCESS,
            Outcome::Mistakes => ExitCode::from(1),
        }
    }
}

/// Runs the command that was asked for.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Outcome> {
    match cli.command {
        Command::Render(args) => render::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Program(args) => program::run(&args),
        Command::Roster(args) => roster::run(&args),
        Command::Boot(args) => boot::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Terraform(args) => terraform::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}
