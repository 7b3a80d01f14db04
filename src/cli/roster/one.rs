//! One student of a roster, for the commands that make one machine.
//!
//! In: the tree of a parameter file, and who is meant. Out: the plan that `bootseed roster` makes of
//! it for that student, or what is wrong.

use std::path::{Path, PathBuf};

use anyhow::bail;
use bootseed::diagnostic::{Diagnostic, Report, nearest};
use bootseed::plan::{self, Plan};
use bootseed::roster::table::{Options, Table};
use bootseed::roster::{Family, People, Person, Text, Unfilled, name_column};
use bootseed::source::Node;

use super::list;

/// Whose machine is meant.
#[derive(clap::Args)]
pub(in super::super) struct Pick {
    /// Make the machine of this student, as `bootseed roster` does
    #[arg(long, value_name = "ID", requires = "roster")]
    student: Option<String>,
    /// The roster that --student is on
    #[arg(long, value_name = "FILE", requires = "student")]
    roster: Option<PathBuf>,
}

/// What is made of a parameter file.
pub(in super::super) struct Made {
    /// The plan, if nothing is wrong.
    pub(in super::super) plan: Option<Plan>,
    /// The tree that the report is about.
    pub(in super::super) tree: Node,
    /// Everything that is wrong.
    pub(in super::super) report: Report,
}

/// What to do about a text that waits for a student.
const NOBODY: &str = "add --student ID --roster FILE, or make a machine for everybody with \
                      `bootseed roster`; a text that is to have these braces in it comes from a \
                      file (`from`)";

impl Pick {
    /// Is somebody meant?
    #[cfg(unix)]
    pub(in super::super) fn is_somebody(&self) -> bool {
        self.student.is_some()
    }

    /// The file that says who there is.
    pub(in super::super) fn file(&self) -> Option<&Path> {
        self.roster.as_deref()
    }

    /// The plan of a parameter file, for the student if there is one. `folder` is what files named
    /// in it are relative to.
    ///
    /// # Errors
    /// The roster cannot be read.
    pub(in super::super) fn plan(&self, tree: Node, folder: &Path) -> anyhow::Result<Made> {
        match (&self.student, &self.roster) {
            (Some(student), Some(roster)) => of_student(student, roster, tree, folder),
            _ => Ok(of_nobody(tree, folder, NOBODY)),
        }
    }
}

/// The plan of a parameter file that is for nobody in particular.
pub(in super::super) fn of_nobody(tree: Node, folder: &Path, help: &str) -> Made {
    let (plan, mut report) = plan::read(&tree, folder);
    let Some(unfilled) = Unfilled::find(&tree) else { return Made { plan, tree, report } };
    report = unfilled.beside(report, &tree);
    report.push(unfilled.diagnostic(help));
    Made { plan: None, tree, report }
}

fn of_student(id: &str, roster: &Path, tree: Node, folder: &Path) -> anyhow::Result<Made> {
    let table = list::open(roster, &Options::default())?;
    let (title, header) = ((table.name(), table.unit()), table.header());
    let family = match Family::new(title, header, tree.clone(), None) {
        Ok(family) => family,
        Err(report) => return Ok(Made { plan: None, tree, report }),
    };
    let person = match find(id, table, &family)? {
        Ok(person) => person,
        Err(report) => return Ok(Made { plan: None, tree, report }),
    };
    Ok(match family.plan(&person.student(), folder) {
        Ok(planned) => {
            let (tree, report) =
                planned.warnings.map_or((tree, Report::default()), |found| found.all());
            Made { plan: Some(planned.plan), tree, report }
        }
        Err(found) => {
            let (tree, report) = found.all();
            Made { plan: None, tree, report }
        }
    })
}

/// The student of this id, or what is wrong in the rows if one of them may be meant.
fn find(id: &str, table: Table, family: &Family) -> anyhow::Result<Result<Person, Report>> {
    let column = name_column(table.header());
    let (file, called) = (table.name().to_owned(), table.header()[column].clone());
    let (mut wrong, mut names) = (Report::default(), Vec::new());
    for person in People::new(table, family, Text::column(column), None, None) {
        match person {
            Ok(person) if person.name == id => return Ok(Ok(person)),
            Ok(person) => names.push(person.name),
            Err(report) => wrong.extend(report),
        }
    }
    if names.is_empty() && !wrong.has_errors() {
        bail!("{file}: there is no student in it");
    }
    let message = format!("{file} has no `{id}` in its column `{called}`");
    let help = match nearest(id, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("name a student by the column `{called}`"),
    };
    wrong.push(Diagnostic::error("student", message).help(help));
    Ok(Err(wrong))
}
