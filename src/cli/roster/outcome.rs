//! What one pair of hands makes of a student: the machine, and what becomes of its files.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use bootseed::diagnostic::Report;
use bootseed::handout::{Access, Change, FolderError, diff, sha256};
use bootseed::roster::{Machine, Maker, Trouble};
use bootseed::secret::Secret;

use super::Goal;
use super::people::Person;

/// A machine, or why there is none.
pub(super) type Made = Result<Done, Complaint>;

/// A machine that was made.
pub(super) struct Done {
    pub(super) name: String,
    pub(super) row: usize,
    pub(super) password: Option<Secret<String>>,
    pub(super) machine: Machine,
    /// Its own files.
    pub(super) files: Vec<Laid>,
    /// SHA-256 of the user-data.
    pub(super) sum: String,
}

/// A file of a machine.
pub(super) struct Laid {
    pub(super) name: String,
    pub(super) bytes: usize,
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
    /// The folder of results.
    Folder(FolderError),
}

/// Makes machines, and their files.
pub(super) struct Hands<'a> {
    maker: Maker<'a>,
    goal: &'a Goal,
    /// Has there been a mistake? Then no file is needed any more.
    stop: &'a AtomicBool,
}

impl<'a> Hands<'a> {
    pub(super) fn new(maker: Maker<'a>, goal: &'a Goal, stop: &'a AtomicBool) -> Hands<'a> {
        Hands { maker, goal, stop }
    }

    pub(super) fn make(&mut self, person: Result<Person, Report>) -> Made {
        let person = person.map_err(Complaint::Row)?;
        let machine = self.maker.make(&person.student(), &person.name);
        let Person { row, name, password } = person;
        let row = row.number;
        let mut machine = match machine {
            Ok(machine) => machine,
            Err(trouble) => return Err(Complaint::Machine { name, row, trouble }),
        };
        let access = Access::of(machine.secret, false);
        let artifacts = std::mem::take(&mut machine.share.artifacts);
        let files = artifacts.iter().map(|file| self.lay(&file.name, &file.bytes, access));
        let files = files.collect::<Result<Vec<Laid>, FolderError>>().map_err(Complaint::Folder)?;
        let sum = match files.first().filter(|_| artifacts.len() == 1) {
            Some(file) if artifacts[0].bytes == machine.payload.bytes() => file.sha256.clone(),
            _ => sha256(machine.payload.bytes()),
        };
        Ok(Done { name, row, password, machine, files, sum })
    }

    fn lay(&self, name: &str, bytes: &[u8], access: Access) -> Result<Laid, FolderError> {
        let change = match self.goal {
            Goal::Write(folder) if !self.stop.load(Relaxed) => folder.put(name, bytes, access)?,
            Goal::Diff(present) => present.compare(name, bytes, access)?,
            Goal::Check | Goal::Write(_) => Change::New,
        };
        let diff = match self.goal {
            Goal::Diff(present) if change != Change::Unchanged => {
                diff(name, present.old(name)?.as_deref(), Some(bytes))
            }
            _ => String::new(),
        };
        let (name, length) = (name.to_owned(), bytes.len());
        Ok(Laid { name, bytes: length, sha256: sha256(bytes), change, diff })
    }
}
