//! What is made of a student: the machine, and what becomes of its files.

use bootseed::destination::Artifact;
use bootseed::diagnostic::Report;
use bootseed::handout::{self, Access, Change, FolderError};
use bootseed::payload::{Bytes, sha256};
use bootseed::roster::{Machine, Order, Person, Trouble};
use bootseed::secret::Secret;

use super::Goal;

/// A machine, or why there is none.
pub(super) type Made = Result<Done, Complaint>;

/// A machine that was made.
pub(super) struct Done {
    pub(super) name: String,
    /// What the student is called.
    pub(super) full_name: Option<String>,
    pub(super) row: usize,
    /// The group, where the roster has such a column.
    pub(super) group: Option<String>,
    pub(super) password: Option<Secret<String>>,
    pub(super) token: Option<Secret<String>>,
    pub(super) machine: Machine,
    /// Its own files.
    pub(super) files: Vec<Laid>,
    /// SHA-256 of the user-data.
    pub(super) sum: String,
}

/// A file of a machine.
pub(super) struct Laid {
    pub(super) name: String,
    pub(super) bytes: Bytes,
    pub(super) sha256: String,
    pub(super) change: Change,
    /// What would change, if that is asked for.
    pub(super) diff: String,
}

/// What is wrong.
pub(super) enum Complaint {
    /// The row of the roster.
    Row(Report),
    /// What the row gives for a machine; the file is named for what has no other place.
    Machine { name: String, row: usize, trouble: Trouble },
}

/// Makes the machine of a student. Its files are nowhere yet.
pub(super) fn make(order: &Order<'_>, person: Result<Person, Report>) -> Made {
    let person = person.map_err(Complaint::Row)?;
    let machine = order.make(&person.student(), &person.name, person.full_name.as_deref());
    let Person { row, name, full_name, group, password, token } = person;
    let row = row.number;
    let mut machine = match machine {
        Ok(machine) => machine,
        Err(trouble) => return Err(Complaint::Machine { name, row, trouble }),
    };
    let artifacts = std::mem::take(&mut machine.share.artifacts);
    let files: Vec<Laid> = artifacts.into_iter().map(Laid::from).collect();
    let sum = match &files[..] {
        [file] if file.bytes == *machine.payload.bytes() => file.sha256.clone(),
        _ => sha256(machine.payload.bytes()),
    };
    Ok(Done { name, full_name, row, group, password, token, machine, files, sum })
}

/// Lays the files of a machine down.
pub(super) fn lay(goal: &Goal, done: &mut Done) -> Result<(), FolderError> {
    let access = Access::of(done.machine.secret, false);
    for Laid { name, bytes, change, diff, .. } in &mut done.files {
        *change = match goal {
            Goal::Write(folder) => folder.put(name, bytes, access)?,
            Goal::Diff(present) => present.compare(name, bytes, access)?,
            Goal::Check(_) => Change::New,
        };
        if let (Goal::Diff(present), Change::Changed) = (goal, *change) {
            *diff = handout::diff(name, present.old(name)?.as_deref(), Some(bytes));
        }
    }
    Ok(())
}

impl From<Artifact> for Laid {
    fn from(Artifact { name, bytes }: Artifact) -> Laid {
        let sha256 = sha256(&bytes);
        Laid { name, bytes, sha256, change: Change::New, diff: String::new() }
    }
}
