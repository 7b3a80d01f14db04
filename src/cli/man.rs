//! `bootseed man`.

use clap::{Command, CommandFactory};

use super::{Cli, Outcome, output};

/// Print the manual page
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  bootseed man > bootseed.1 && man -l bootseed.1")]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> anyhow::Result<Outcome> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        page.extend(section(sub)?);
    }
    output::write(&String::from_utf8_lossy(&page))?;
    Ok(Outcome::Fine)
}

/// A command's part of the page: its synopsis, description and options.
fn section(sub: &Command) -> std::io::Result<Vec<u8>> {
    let mut text = format!(".SH COMMAND {}\n", sub.get_name().to_uppercase()).into_bytes();
    let page = clap_mangen::Man::new(sub.clone());
    page.render_description_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_options_section(&mut text)?;
    Ok(text)
}
