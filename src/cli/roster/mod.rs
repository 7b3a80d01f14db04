//! `bootseed roster`.

mod list;
mod mistakes;
pub(super) mod one;
mod outcome;
mod progress;
mod result;

use std::path::{Path, PathBuf};

use anyhow::bail;
use bootseed::diagnostic::{Diagnostic, Report};
use bootseed::handout::{Folder, Present};
use bootseed::roster::credentials::Credentials;
use bootseed::roster::table::{Options, Table};
use bootseed::roster::tokens::Tokens;
use bootseed::roster::{Doubts, Family, Order, Passwords, People, Text, name_column, reference};

use super::delivery::Delivery;
use super::input::{self, Input};
use super::{Outcome, voice};
use mistakes::Mistakes;
use progress::Progress;
pub(super) use result::TOKENS;

/// Make a machine for each student of a roster
#[derive(clap::Args)]
#[command(after_help = "\
The roster is CSV, XLSX, JSON or YAML. A column named like a parameter sets it (hostname,
conda.environments[0].name); every column can be used in the texts of the parameter file, as
{{ student.COLUMN }}, also with a default and in a form for host names:
  hostname: lab-{{ student.id | slug }}
  index: <h1>{{ student.name | default(\"Hello\") }}</h1>

Examples:
  bootseed roster students.csv class.yaml -o class
  bootseed roster students.xlsx class.yaml -o class --name '{{ student.id }}' --for tfvars
  bootseed roster students.csv class.yaml -o class --check
  bootseed roster students.csv class.yaml -o class --passwords kim")]
pub(super) struct Args {
    /// The roster; `-` reads standard input
    #[arg(value_name = "ROSTER")]
    roster: PathBuf,
    #[command(flatten)]
    input: Input,
    /// Folder for the results; it is named after the class
    #[arg(short, long, value_name = "DIR", required_unless_present = "check")]
    output: Option<PathBuf>,
    /// Name of each student's file. Default: the column `id`, or else the first one
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[command(flatten)]
    delivery: Delivery,
    /// Encoding of a CSV roster, such as cp949, where it is not found out
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// What separates the cells of a CSV roster, where it is not found out
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<char>,
    /// Sheet of a workbook, if not the first
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Check everything and write nothing
    #[arg(long)]
    check: bool,
    /// Show for each student what would change, and write nothing; exit with 1 if something would
    #[arg(long, conflicts_with = "check")]
    diff: bool,
    /// Remove the files of students that are gone from the roster
    #[arg(long)]
    prune: bool,
    /// Give this account of each student's machine a password of its own, kept in credentials.csv;
    /// later runs into the same folder do so by themselves
    #[arg(long, value_name = "USER")]
    passwords: Option<String>,
    /// Make new passwords for everybody
    #[arg(long)]
    rotate: bool,
    /// Stop after so many mistakes
    #[arg(long, value_name = "NUMBER", default_value = "20")]
    max_errors: usize,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut report = Report::default();
    let parameters = args.parameters(&mut report)?;
    let table = args.table()?;
    voice::note(&format!("{}: {}", table.name(), table.found()));
    let Some(tree) = parameters.filter(|_| !report.has_errors()) else {
        input::tell(&mut report, None);
        return Ok(Outcome::Mistakes);
    };
    // Before anything is said of the students: the folder tells whether they have passwords.
    let goal = args.goal()?;
    let passwords = args.accounts(goal.present())?;
    let title = (table.name(), table.unit());
    let account = passwords.as_ref().map(Passwords::account);
    let family = Family::new(title, table.header(), tree.clone(), account);
    let name = args.name_text(&table);
    let (family, name) = match (family, name) {
        (Ok(family), Ok(name)) => (family, name),
        (family, name) => {
            report.extend(family.err().into_iter().chain(name.err()).flatten());
            input::tell(&mut report, Some(&tree));
            return Ok(Outcome::Mistakes);
        }
    };
    report.extend(family.doubts(name.columns()));
    input::tell(&mut report, Some(&tree));
    let tokens = args.tokens(&family, goal.present())?;
    args.make(&family, People::new(table, &family, name, passwords, tokens), goal)
}

impl Args {
    fn parameters(&self, report: &mut Report) -> anyhow::Result<Option<bootseed::source::Node>> {
        if self.input.is_stdin() && self.roster == Path::new("-") {
            bail!("both ROSTER and SPEC are `-`; standard input can be read once");
        }
        self.input.parameters(report)
    }

    fn table(&self) -> anyhow::Result<Table> {
        let options = Options {
            encoding: self.encoding.clone(),
            delimiter: self.delimiter,
            sheet: self.sheet.clone(),
        };
        list::open(&self.roster, &options)
    }

    /// What names the files: `--name`, or a column.
    fn name_text(&self, table: &Table) -> Result<Text, Report> {
        let header = table.header();
        let wrong = |message: String, help: String| {
            Report::from(Diagnostic::error("roster-name", format!("--name: {message}")).help(help))
        };
        if let Some(name) = &self.name {
            let text =
                Text::parse(name, header).map_err(|error| wrong(error.message, error.help))?;
            let column = reference(&header[name_column(header)]);
            let help = format!("write it as --name '{{{{ {column} }}}}'");
            return text.ok_or_else(|| wrong("all students would share it".into(), help));
        }
        let column = name_column(header);
        voice::note(&format!("files are named by the column `{}`", header[column]));
        Ok(Text::column(column))
    }

    /// What is made of the machines. Opens the folder.
    fn goal(&self) -> anyhow::Result<Goal> {
        let place = self.output.as_deref();
        if self.check {
            return Ok(Goal::Check(place.map(Present::open).transpose()?));
        }
        let place = place.unwrap_or(Path::new(""));
        Ok(match self.diff {
            true => Goal::Diff(Present::open(place)?),
            false => Goal::Write(Box::new(Folder::begin(place)?)),
        })
    }

    /// Makes all machines, and one result of them.
    fn make(&self, family: &Family, people: People<'_>, goal: Goal) -> anyhow::Result<Outcome> {
        let templates = self.delivery.templates(None)?;
        let class = class_of(self.output.as_deref().unwrap_or(Path::new("")));
        let folder = self.input.folder();
        let order =
            Order { family, class: &class, folder: &folder, line: self.delivery.order(&templates) };
        self.work(&order, people, &goal)?.map_or(Ok(Outcome::Mistakes), |outcome| {
            goal.commit()?;
            Ok(outcome)
        })
    }

    /// Makes the machines and lays everything down; `None` if there were mistakes.
    fn work(
        &self,
        order: &Order<'_>,
        mut people: People<'_>,
        goal: &Goal,
    ) -> anyhow::Result<Option<Outcome>> {
        let accounts = people.passwords().map(|(name, old)| result::Accounts { name, old });
        let mut mistakes = Mistakes::new(self.max_errors);
        let (mut progress, mut doubts) = (Progress::new(), Doubts::default());
        let mut result = result::Result::begin(order, goal, accounts)?;
        for person in people.by_ref() {
            progress.tick();
            match outcome::make(order, person) {
                Ok(done) => {
                    if let Some(found) = &done.machine.warnings {
                        progress.pause(|| mistakes.warn(found));
                    }
                    doubts.see((&done.name, done.row), &done.machine, &done.sum);
                    // After a mistake nothing is written, and the rest is only checked.
                    if mistakes.none() {
                        result.add(done)?;
                    }
                }
                Err(complaint) => progress.pause(|| mistakes.tell(complaint))?,
            }
            if mistakes.enough() {
                break;
            }
        }
        progress.end();
        if !mistakes.none() {
            mistakes.sum_up();
            return Ok(None);
        }
        mistakes.report(&doubts.report(people.unit()), None);
        mistakes.name_the_rest();
        let differs = result.end(people.skipped(), self.prune)?;
        Ok(Some(if differs { Outcome::Mistakes } else { Outcome::Fine }))
    }

    /// The tokens of the last run, if the machines have some.
    fn tokens(&self, family: &Family, present: Option<&Present>) -> anyhow::Result<Option<Tokens>> {
        if !family.wants_tokens() {
            return Ok(None);
        }
        let old = match present.filter(|_| !self.rotate) {
            Some(present) => present.old(result::TOKENS)?,
            None => None,
        };
        Ok(Some(old.map(Tokens::read).transpose()?.unwrap_or_default()))
    }

    /// The passwords: of the account that is named, or that the folder has some for.
    fn accounts(&self, present: Option<&Present>) -> anyhow::Result<Option<Passwords>> {
        let old = match present.filter(|_| !self.rotate || self.passwords.is_none()) {
            Some(present) => present.old(result::CREDENTIALS)?,
            None => None,
        };
        let old = old.map(Credentials::read).transpose()?.unwrap_or_default();
        let Some(account) = old.account(self.passwords.as_deref())?.map(str::to_owned) else {
            if self.rotate {
                bail!("--rotate: there are no passwords yet; add --passwords USER");
            }
            return Ok(None);
        };
        if self.passwords.is_none() {
            let again = "delete credentials.csv to make machines without";
            voice::note(&format!("the account `{account}` has passwords as before; {again}"));
        }
        let old = if self.rotate { Credentials::default() } else { old };
        Ok(Some(Passwords::new(&account, old)))
    }
}

/// What is made of the machines.
pub(super) enum Goal {
    /// Nothing: they are only checked.
    Check(Option<Present>),
    /// What would change is shown.
    Diff(Present),
    /// The folder of results.
    Write(Box<Folder>),
}

impl Goal {
    fn present(&self) -> Option<&Present> {
        match self {
            Goal::Check(present) => present.as_ref(),
            Goal::Diff(present) => Some(present),
            Goal::Write(folder) => Some(folder.present()),
        }
    }

    fn commit(self) -> anyhow::Result<()> {
        match self {
            Goal::Write(folder) => Ok(folder.commit()?),
            Goal::Check(_) | Goal::Diff(_) => Ok(()),
        }
    }
}

/// The class is named after the folder of its results.
fn class_of(place: &Path) -> String {
    let full = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let name = full.file_name().map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "class".into())
}
