//! The folder of results.
//!
//! In: files by name. Out: a folder that holds all of them, or remains as it was where something is
//! wrong with one. An unchanged file is not touched; when nothing changed, nothing is written. What
//! others put into the folder stays there, and what has the name of a file of the result is not
//! replaced unless the list of an earlier run has it.
//!
//! A new result is made in `.bootseed/new` inside the place. Once it is complete, that becomes
//! `.bootseed/ready`, and [`commit`] moves it into the place file by file. A run that is killed
//! before that has changed nothing; one that is killed later is completed by the next.
//!
//! Modes: what holds a secret is for its owner alone, everything else for all to read, as far as
//! the umask of the user allows.

mod commit;
mod enrolled;
mod error;
mod list;
mod present;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

pub use enrolled::{Enrolled, enrolled};
pub use error::{FolderError, ManifestError};
pub use present::Present;

use super::Change;
use super::lists::{MANIFEST, Rest};
use crate::system;
use list::check_name;
use present::entry;

/// The folder, in a result, of files that are for one machine each.
pub const MACHINES: &str = "machines/";

/// Where a result is until it is in its place.
const WORKSHOP: &str = ".bootseed";
/// In there, a result that is being made,
const NEW: &str = "new";
/// and one that is complete.
const READY: &str = "ready";

/// Bytes that are written at a time.
const PIECE: usize = 64 << 10;

/// Who may do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// All may read it.
    Public,
    /// It holds a secret.
    Private,
    /// All may run it.
    Program,
    /// It holds a secret, and its owner may run it.
    PrivateProgram,
}

/// A result that is being made. Dropped without [`Folder::commit`], it leaves what was there.
#[derive(Debug)]
pub struct Folder {
    present: Present,
    /// What is locked to keep other runs away.
    lock: File,
    /// Was there nothing at the place?
    is_new: bool,
    /// The files that this run made or keeps.
    made: RefCell<BTreeSet<Box<str>>>,
    streams: RefCell<Vec<(Box<str>, Access)>>,
    /// Is any of the files not as before?
    staged: Cell<bool>,
}

/// A file of a result, for writing piece by piece.
#[derive(Debug)]
pub struct Stream {
    file: BufWriter<File>,
    path: PathBuf,
}

impl Access {
    /// For a file that is or is not `private`, and is or is not a `program`.
    pub fn of(private: bool, program: bool) -> Access {
        match (private, program) {
            (false, false) => Access::Public,
            (true, false) => Access::Private,
            (false, true) => Access::Program,
            (true, true) => Access::PrivateProgram,
        }
    }

    fn mode(self) -> u32 {
        match self {
            Access::Public => 0o644,
            Access::Private => 0o600,
            Access::Program => 0o755,
            Access::PrivateProgram => 0o700,
        }
    }

    fn is_private(self) -> bool {
        self.mode() & 0o077 == 0
    }
}

impl Folder {
    /// Begins a result that will be at `place`: a new name in a folder that exists, an empty folder,
    /// or a result of an earlier run. Completes what an interrupted run has left.
    ///
    /// # Errors
    /// There is something else, another run is at it, or the system refuses.
    pub fn begin(place: &Path) -> Result<Folder, FolderError> {
        // First without touching anything.
        Present::open(place)?;
        let is_new = match fs::create_dir(place) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            made => made.map(|()| true).map_err(FolderError::io("make", place))?,
        };
        let lock = lock(place)?;
        commit::complete(place)?;
        let present = Present::open(place)?;
        let folder = Folder {
            present,
            lock,
            is_new,
            made: RefCell::default(),
            streams: RefCell::default(),
            staged: Cell::new(false),
        };
        folder.clear();
        let made = system::private_folder(&folder.unfinished());
        made.map_err(FolderError::io("make", place))?;
        Ok(folder)
    }

    /// The result of the earlier run.
    pub fn present(&self) -> &Present {
        &self.present
    }

    /// Adds a file, named as `machines/kim.yaml`, and says what it is compared with before. It stays
    /// unwritten if it is the same as before.
    ///
    /// # Errors
    /// The name leads elsewhere, was used before, or is that of a file of somebody else; or the
    /// system refuses.
    pub fn put(&self, name: &str, bytes: &[u8], access: Access) -> Result<Change, FolderError> {
        self.register(name)?;
        let change = self.present.compare(name, bytes, access)?;
        if change != Change::Unchanged {
            let written = self.open(name, access).and_then(|mut file| file.write_all(bytes));
            written.map_err(FolderError::io("write", &self.place(name)))?;
            self.staged.set(true);
        }
        Ok(change)
    }

    /// Adds a file that is written piece by piece. Whether it is the same as before is found out by
    /// [`Folder::commit`].
    ///
    /// # Errors
    /// As for [`Folder::put`].
    pub fn create(&self, name: &str, access: Access) -> Result<Stream, FolderError> {
        self.register(name)?;
        let path = self.place(name);
        let file = self.open(name, access).map_err(FolderError::io("write", &path))?;
        self.streams.borrow_mut().push((name.into(), access));
        Ok(Stream { file: BufWriter::with_capacity(PIECE, file), path })
    }

    /// Keeps a file of the earlier run that the present one does not make and that is of no machine
    /// alone; such files go otherwise. `false` if there is none.
    ///
    /// # Errors
    /// The name was used before.
    pub fn keep(&self, name: &str) -> Result<bool, FolderError> {
        let there = self.present.file(name).map_err(FolderError::io("read", &self.place(name)))?;
        there.map(|_| self.register(name)).transpose().map(|kept| kept.is_some())
    }

    /// Puts the result in its place; does nothing if it is the same as before.
    ///
    /// # Errors
    /// The system refuses. Files may then be old and new ones, which the next run puts in order.
    pub fn commit(self) -> Result<(), FolderError> {
        for (name, access) in self.streams.take() {
            let staged = self.unfinished().join(&*name);
            let unchanged = self.is_unchanged(&staged, &name, access);
            if unchanged.map_err(FolderError::io("read", &self.place(&name)))? {
                fs::remove_file(&staged).map_err(FolderError::io("write", &self.place(&name)))?;
            } else {
                self.staged.set(true);
            }
        }
        if self.staged.get() {
            let place = &self.present.place;
            let ready = fs::rename(self.unfinished(), place.join(WORKSHOP).join(READY));
            ready.map_err(FolderError::io("write", place))?;
            commit::complete(place)?;
        }
        Ok(())
    }

    /// Is a file that was streamed the same as before? A new list and what is private are written to
    /// the disk: a power cut must not leave a list that says nothing, or lose passwords.
    fn is_unchanged(&self, staged: &Path, name: &str, access: Access) -> io::Result<bool> {
        // Windows writes only to the disk what may be written to.
        let new = OpenOptions::new().read(true).write(true).open(staged)?;
        let length = new.metadata()?.len();
        let change = self.present.compare_with(name, length, access, &new)?;
        if change != Change::Unchanged && (name == MANIFEST || access.is_private()) {
            new.sync_all()?;
        }
        Ok(change == Change::Unchanged)
    }

    /// What the list says beside the files of the roster's machines. Files of students that are gone
    /// stay unless `prune`, or unless they were made again for somebody else.
    pub(super) fn rest(&self, prune: bool) -> Rest {
        let made = self.made.borrow();
        let others = made.iter().filter(|name| !name.starts_with(MACHINES)).cloned().collect();
        let stays =
            |name: &str| !made.contains(name) && matches!(self.present.file(name), Ok(Some(_)));
        let gone = if prune { Vec::new() } else { self.present.of_gone() };
        let gone = gone.into_iter().filter(|(_, file)| stays(file));
        Rest { others, gone: gone.map(|(who, file)| (who.into(), file.into())).collect() }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.present.place.join(name)
    }

    fn unfinished(&self) -> PathBuf {
        self.present.place.join(WORKSHOP).join(NEW)
    }

    /// Sees to it that a file can get to its place.
    fn register(&self, name: &str) -> Result<(), FolderError> {
        check_name(name).map_err(|why| FolderError::Name(name.into(), why))?;
        if !self.made.borrow_mut().insert(name.into()) {
            return Err(FolderError::Twice(name.into()));
        }
        match entry(&self.place(name)).map_err(FolderError::io("read", &self.place(name)))? {
            Some(_) if !self.present.list.contains(name) => {
                Err(FolderError::InTheWay(self.place(name)))
            }
            _ => Ok(()),
        }
    }

    /// A new file, in folders that are made as needed.
    fn open(&self, name: &str, access: Access) -> io::Result<File> {
        let path = self.unfinished().join(name);
        let open = || system::new_file(&path, access.mode());
        match (open(), path.parent()) {
            (Err(error), Some(parent)) if error.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(parent)?;
                open()
            }
            (opened, _) => opened,
        }
    }

    /// Removes what was not completed.
    fn clear(&self) {
        let _ = fs::remove_dir_all(self.unfinished());
        let _ = fs::remove_dir(self.present.place.join(WORKSHOP));
    }
}

/// The place, kept from other runs until it is closed. Where there are no locks, there is no other
/// run.
fn lock(place: &Path) -> Result<File, FolderError> {
    let lock = system::lock_of(place).map_err(FolderError::io("open", place))?;
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Err(FolderError::Busy(place.into())),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(lock),
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.clear();
        if self.is_new {
            // Only if there is nothing in it.
            let _ = fs::remove_dir(&self.present.place);
        }
        // Also while a program that was just started has the handle.
        let _ = self.lock.unlock();
    }
}

impl Stream {
    /// Ends the file.
    ///
    /// # Errors
    /// What is left cannot be written.
    pub fn end(mut self) -> Result<(), FolderError> {
        self.file.flush().map_err(FolderError::io("write", &self.path))
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
