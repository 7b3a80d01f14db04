//! The command-line tool.

#[cfg(not(target_family = "wasm"))]
mod cli;

use std::process::ExitCode;

#[cfg(not(target_family = "wasm"))]
fn main() -> ExitCode {
    use clap::Parser;

    match cli::Cli::try_parse() {
        Ok(arguments) => cli::run(arguments),
        Err(error) => cli::refuse(error),
    }
}

#[cfg(target_family = "wasm")]
fn main() -> ExitCode {
    use std::io::Write;

    let why = b"bootseed's command needs the files and modes of Unix: on Windows, run it in WSL\n";
    let _ = std::io::stderr().write_all(why);
    ExitCode::from(2)
}
