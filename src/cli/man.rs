//! `bootseed man`.

use std::path::PathBuf;

use bootseed::destination::Artifact;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::output::{Outlet, Over};
use super::{Cli, Outcome, output};

/// Print the manual page, of bootseed or of a command
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed man | man -l -
  bootseed man render | man -l -
  bootseed man --dir ~/.local/share/man/man1")]
pub(super) struct Args {
    /// Which command
    #[arg(value_parser = command_parser())]
    command: Option<String>,
    /// Write the pages of bootseed and of all its commands into DIR
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

/// What every command ends with.
const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "All is well."),
    (
        "1",
        "The input has mistakes: parameters, a roster, a template of one's own, user-data that a \
         machine would pass over or that does not fit. Or what was compared differs: render \
         --check, roster --diff. Or the machine of a rehearsal is not ready.",
    ),
    ("2", "Wrong usage, or reading or writing failed."),
    ("130", "Stopped by Ctrl-C while files were written: nothing is left of them."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("NO_COLOR", "Where it is set and not empty, messages have no colors."),
    (
        "CLICOLOR_FORCE",
        "Where it is set and not 0, messages have colors even if they go to no terminal.",
    ),
    ("CLICOLOR", "Where it is 0, messages have no colors."),
    ("TMPDIR", "Where a rehearsal keeps its disk, and a roster that is piped in."),
];

/// The names of the commands, before there is a [`Cli`] to ask.
fn command_parser() -> PossibleValuesParser {
    const NAMES: &[&str] = &[
        "render",
        "init",
        "plan",
        "program",
        "roster",
        "boot",
        "watch",
        "inspect",
        "lint",
        "check",
        "lsp",
        "explain",
        "terraform",
        "schema",
        "completions",
        "man",
        "page",
    ];
    NAMES.iter().map(PossibleValue::new).collect::<Vec<_>>().into()
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let commands: Vec<&Command> = command.get_subcommands().collect();
    if let Some(folder) = &args.dir {
        let mut pages = vec![artifact(&command)?];
        for sub in commands {
            pages.push(artifact(sub)?);
        }
        // Pages of an earlier version are there to be replaced.
        Outlet { over: Over::All, ..Outlet::default() }.fill(&pages, folder)?;
        return Ok(Outcome::Fine);
    }
    let named = commands.iter().find(|sub| Some(sub.get_name()) == args.command.as_deref());
    output::write(&String::from_utf8_lossy(&page(named.map_or(&command, |sub| sub))?))?;
    Ok(Outcome::Fine)
}

fn artifact(command: &Command) -> std::io::Result<Artifact> {
    let name = format!("{}.1", command.get_display_name().unwrap_or(command.get_name()));
    Ok(Artifact { name, bytes: page(command)?.into() })
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_extra_section(&mut page)?;
    page.extend(table("EXIT STATUS", EXIT_STATUS));
    page.extend(table("ENVIRONMENT", ENVIRONMENT));
    Ok(page)
}

/// A section of words and what they mean.
fn table(title: &str, lines: &[(&str, &str)]) -> Vec<u8> {
    let mut roff = Roff::new();
    roff.control("SH", [title]);
    for (word, meaning) in lines {
        roff.control("TP", []);
        roff.text([bold(*word)]);
        roff.text([roman(*meaning)]);
    }
    roff.to_roff().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let command = Cli::command();
        let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        let known = command_parser();
        let known: Vec<String> = clap::builder::TypedValueParser::possible_values(&known)
            .into_iter()
            .flatten()
            .map(|value| value.get_name().to_owned())
            .collect();
        assert_eq!(names, known);
        for sub in command.get_subcommands() {
            let page = String::from_utf8(page(sub).unwrap()).unwrap();
            for section in ["NAME", "SYNOPSIS", "\"EXIT STATUS\"", "ENVIRONMENT"] {
                assert!(page.contains(&format!(".SH {section}\n")), "{section}: {page}");
            }
        }
    }
}
