//! `bootseed explain`.

use anyhow::bail;
use bootseed::diagnostic::{Severity, nearest};
use bootseed::lint::{self, Explained, Rule};

use super::{Outcome, output};

/// Say what a finding or a mistake means, by the id that is shown with it
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  bootseed explain
  bootseed explain command-becomes-map")]
pub(super) struct Args {
    /// The id, as it stands in `error[ID]`; without one, all of them
    #[arg(value_name = "ID")]
    id: Option<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let text = match &args.id {
        None => list(),
        Some(id) => match lint::explain(id) {
            Some(Explained::Rule(rule)) => explained(rule),
            Some(Explained::Other(id, summary)) => other(id, summary),
            None => {
                let near = nearest(id, lint::explained().map(|one| one.id()));
                match near {
                    Some(near) => bail!("there is no id {id}; did you mean {near}?"),
                    None => bail!("there is no id {id}; `bootseed explain` lists them"),
                }
            }
        },
    };
    output::write(&text)?;
    Ok(Outcome::Fine)
}

fn list() -> String {
    let all: Vec<Explained> = lint::explained().collect();
    let width = all.iter().map(|one| one.id().len()).max().unwrap_or_default();
    let line = |one: &Explained| format!("{:<width$}  {}\n", one.id(), one.summary());
    all.iter().map(line).collect()
}

fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "hint",
    }
}

fn explained(rule: &Rule) -> String {
    let indented = |text: &str| -> String {
        let line =
            |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
        text.lines().map(line).collect()
    };
    let mut text = format!("{} ({})\n{}.\n", rule.id, severity(rule), rule.summary);
    text += &format!("\nWhat the machine does\n{}", indented(&filled(rule.boot)));
    text += &format!("\nWhat to write\n{}", indented(&filled(rule.advice)));
    text += &format!("\nWrong\n{}", indented(rule.examples.bad));
    text += &format!("\nRight\n{}", indented(rule.examples.good));
    if !rule.evidence.is_empty() {
        text += &format!("\nWhere it is known from\n{}", indented(&rule.evidence.join("\n")));
    }
    text + &format!("\nTo allow it in one place: # bootseed: allow {}\n", rule.id)
}

fn other(id: &str, summary: &str) -> String {
    format!(
        "{id}\n{summary}.\n\nIt is about a parameter file, a table or a call; each message says what \
         to write instead.\n"
    )
}

/// Lines of at most 88 characters.
fn filled(text: &str) -> String {
    const WIDTH: usize = 88;
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        if !line.is_empty() && line.len() + word.len() >= WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines.push(line);
    lines.join("\n")
}
