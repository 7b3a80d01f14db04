//! The command-line tool.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::Cli::try_parse() {
        Ok(arguments) => cli::run(arguments),
        Err(error) => cli::refuse(error),
    }
}
