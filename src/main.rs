//! The command-line tool.

mod cli;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = match cli::Cli::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => cli::explain(error).exit(),
    };
    match cli::run(arguments) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bootseed: {error:#}");
            ExitCode::from(2)
        }
    }
}
