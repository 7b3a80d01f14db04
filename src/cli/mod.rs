//! The commands of `bootseed`: arguments in, calls of the library, results out.
//!
//! Results go to standard output, everything else to standard error. Exit status: 0 fine, 1 the
//! input has mistakes or a comparison found a difference, 2 wrong usage or input and output failed.
//! To add a command: a file with its arguments and `run`, a `mod` line and a variant of `Command`.

#[cfg(unix)]
mod boot;
mod check;
mod completions;
mod delivery;
mod duration;
mod explain;
mod folder;
mod init;
mod input;
mod inspect;
mod lint;
mod lsp;
mod man;
#[cfg(not(unix))]
mod no_boot;
mod output;
mod page;
mod plan;
mod program;
#[cfg(unix)]
mod progress;
mod render;
mod roster;
mod schema;
mod terraform;
mod voice;
mod watch;

use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
#[cfg(not(unix))]
use no_boot as boot;

/// The version, with the commit and its date in a build for use.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), env!("BOOTSEED_SOURCE"));

/// From one parameter file to a cloud VM that sets itself up on its first boot.
#[derive(Parser)]
#[command(name = "bootseed", version = VERSION, max_term_width = 96, propagate_version = false)]
#[command(color = voice::help_color())]
#[command(after_help = "\
Examples:
  bootseed render                          the course machine, ready to paste
  bootseed init -o class.yaml              a parameter file to change
  bootseed plan class.yaml                 what will happen on the machine
  bootseed render class.yaml -o user-data  the user-data of your machine")]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    voice: voice::Voice,
}

#[derive(Subcommand)]
enum Command {
    Render(render::Args),
    Init(init::Args),
    Plan(plan::Args),
    Program(program::Args),
    Roster(roster::Args),
    Boot(boot::Args),
    Watch(watch::Args),
    Inspect(inspect::Args),
    Lint(lint::Args),
    Check(check::Args),
    Lsp(lsp::Args),
    Explain(explain::Args),
    Terraform(terraform::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
    Page(page::Args),
}

/// Prints what was asked for in place of a run, such as the help, or what is wrong with the call.
pub(crate) fn refuse(error: clap::Error) -> ExitCode {
    let error = explain(error);
    if error.use_stderr() && voice::usage(&error.to_string()) {
        return ExitCode::from(2);
    }
    error.exit()
}

/// The error of a call; one that names a file in place of a command says what to write.
fn explain(error: clap::Error) -> clap::Error {
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
    /// The input has mistakes, which were reported; or what was compared differs.
    Mistakes,
}

/// A mistake in the input, with its id: a file in the folder of templates that nothing uses.
#[derive(Debug, thiserror::Error)]
#[error("{1}")]
struct Mistake(&'static str, String);

/// The id of a mistake in the input, if the error is one.
fn mistake(error: &anyhow::Error) -> Option<&'static str> {
    use bootseed::cloud_config::RenderError;
    use bootseed::destination::{DestinationError, TEMPLATE};
    use bootseed::machine::MachineError;
    use bootseed::roster::table::TableError;
    use bootseed::template::TemplateError;

    let machine = || error.downcast_ref::<MachineError>().filter(|one| one.is_the_users());
    let wrapped = || error.downcast_ref::<DestinationError>().filter(|one| one.is_the_users());
    let render = || error.downcast_ref::<RenderError>().filter(|one| one.is_the_users());
    let template = || error.downcast_ref::<TemplateError>().filter(|one| one.is_the_users());
    let table = || error.downcast_ref::<TableError>().filter(|one| !one.is_of_the_disk());
    let known = error.downcast_ref::<Mistake>().map(|one| one.0);
    known
        .or_else(|| machine().map(MachineError::id))
        .or_else(|| wrapped().map(DestinationError::id))
        .or_else(|| render().map(|_| TEMPLATE))
        .or_else(|| template().map(|_| TEMPLATE))
        .or_else(|| table().map(|_| "roster"))
}

/// Says why a command ended early.
fn failed(error: &anyhow::Error) -> ExitCode {
    match mistake(error) {
        Some(id) => {
            voice::wrong(id, &format!("{error:#}"));
            Outcome::Mistakes.into()
        }
        None => {
            voice::failure(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        match outcome {
            Outcome::Fine => ExitCode::SUCCESS,
            Outcome::Mistakes => ExitCode::from(1),
        }
    }
}

/// Runs the command that was asked for, and tells what went wrong.
pub(crate) fn run(mut cli: Cli) -> ExitCode {
    if let Some(format) = cli.command.format() {
        cli.voice.for_result(format);
    }
    cli.voice.take_on();
    let code = command(cli.command).map_or_else(|error| failed(&error), ExitCode::from);
    voice::finish();
    code
}

impl Command {
    /// What messages look like, of a command whose result they are.
    fn format(&self) -> Option<voice::Format> {
        match self {
            Command::Lint(args) => args.format,
            Command::Check(args) => args.format,
            _ => None,
        }
    }
}

fn command(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Render(args) => render::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Program(args) => program::run(&args),
        Command::Roster(args) => roster::run(&args),
        Command::Boot(args) => boot::run(&args),
        Command::Watch(args) => watch::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Lsp(args) => lsp::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Terraform(args) => terraform::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
        Command::Page(args) => page::run(&args),
    }
}
