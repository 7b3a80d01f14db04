//! The folder of results, which appears in one step.
//!
//! In: files by name. Out: a folder that holds all of them, or remains as it was: whatever happens
//! to the run, the place has the whole old result or the whole new one. An unchanged file is the
//! same file as before, with the same time; when nothing changed, nothing is written. What others
//! put into the folder stays there.
//!
//! A new result is made in a workshop beside the place, where unchanged files of the old result get
//! a second name, and the two folders then exchange theirs. `install` says what happens where that
//! cannot be.
//!
//! Modes: what holds a secret is for its owner alone, everything else for all to read, as far as
//! the umask of the user allows. The folder itself is open where it is new, since what is secret in
//! it is closed, and keeps the mode that it has where it exists; until the result is complete it
//! lies in a folder that is its owner's alone.
//!
//! Power cuts: before an old result is given up, all of the new one is written to the disk, by one
//! `syncfs`, since an `fsync` for each of thousands of files takes many times as long. Where there
//! is no old result, only the list of files is: what a power cut leaves empty, the next run finds
//! changed.

mod commit;
mod dir;
mod error;
mod install;
mod inventory;
mod listing;
mod place;
mod present;
mod stream;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

pub use error::{FolderError, ManifestError};
pub use present::Present;
pub use stream::Stream;

use super::Change;
use dir::Dir;
use inventory::{Mark, check_name};
pub(super) use listing::{FORMAT, MADE_BY};
use place::{NEW, Place, Workshop};
use present::Compared;
pub(super) use present::MANIFEST;
use stream::Streamed;

/// The folder, in a result, of files that are for one machine each.
pub const MACHINES: &str = "machines/";

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
    place: Place,
    present: Present,
    /// The new result.
    new: Dir,
    workshop: Workshop,
    /// Is anything in it that is not as before?
    staged: AtomicBool,
    /// Files of single machines that the manifest does not list yet.
    unlisted: AtomicUsize,
    /// All other files; `None` once the manifest has listed them.
    others: Mutex<Option<Vec<String>>>,
    streams: Mutex<Vec<Streamed>>,
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
}

impl Folder {
    /// Begins a result that will be at `place`: a new name in a folder that exists, an empty folder,
    /// or a result of an earlier run. Puts in order what an interrupted run has left.
    ///
    /// # Errors
    /// There is something else, another run is at it, or the system refuses.
    pub fn begin(place: &Path) -> Result<Folder, FolderError> {
        let place = Place::find(place)?;
        let before = place.open()?;
        let beside = Workshop::beside(&place, before.as_ref())?;
        if let Some(workshop) = &beside {
            install::recover(workshop, &place)?;
        }
        let dir = place.lock()?;
        let inside = match &dir {
            Some(dir) => Workshop::inside(&place, dir, beside.is_none())?,
            None => None,
        };
        if let Some(workshop) = &inside {
            install::recover(workshop, &place)?;
        }
        let present = Present::read(&place, dir)?;
        // There is none only if somebody removed the folder since `before`.
        let Some(workshop) = beside.or(inside) else {
            return Err(FolderError::Busy(place.shown));
        };
        let new = make_new(&workshop).map_err(place.error("write"))?;
        Ok(Folder {
            place,
            present,
            new,
            workshop,
            staged: AtomicBool::new(false),
            unlisted: AtomicUsize::new(0),
            others: Mutex::new(Some(Vec::new())),
            streams: Mutex::new(Vec::new()),
        })
    }

    /// The result of the earlier run.
    pub fn present(&self) -> &Present {
        &self.present
    }

    /// Adds a file, named as `machines/kim.yaml`, and says what it is compared with before. Several
    /// threads may do so at a time. It stays unwritten if it is the same as before.
    ///
    /// # Errors
    /// The name leads elsewhere or was used before, or the system refuses.
    pub fn put(&self, name: &str, bytes: &[u8], access: Access) -> Result<Change, FolderError> {
        self.register(name)?;
        let mode = self.present.mode(access);
        let compared = self.present.compare_with(name, bytes.len() as u64, mode, bytes);
        let compared = compared.map_err(self.place.error_at("read", name))?;
        if compared == Compared::Same {
            self.mark(name, Mark::Same)?;
            return Ok(Change::Unchanged);
        }
        self.mark(name, Mark::Written)?;
        let mut file = self.make(name, mode)?;
        file.write_all(bytes).map_err(self.place.error_at("write", name))?;
        if compared == Compared::OtherMode && self.has_same_mode(name, &file)? {
            return self.take_back(name);
        }
        self.staged.store(true, Relaxed);
        Ok(compared.into())
    }

    /// Adds a file that is written piece by piece. Whether it is the same as before is found out by
    /// [`Folder::commit`].
    ///
    /// # Errors
    /// The name leads elsewhere or was used before, or the system refuses.
    pub fn create(&self, name: &str, access: Access) -> Result<Stream, FolderError> {
        self.register(name)?;
        self.mark(name, Mark::Written)?;
        let mode = self.present.mode(access);
        let (stream, streamed) = stream::open(self.make(name, mode)?, name, mode, &self.place);
        lock(&self.streams).push(streamed);
        Ok(stream)
    }

    /// Keeps a file of the earlier run that the present one does not make and that is of no machine
    /// alone; such files go otherwise. `false` if there is none.
    ///
    /// # Errors
    /// The name was used before.
    pub fn keep(&self, name: &str) -> Result<bool, FolderError> {
        let Present { dir, inventory, .. } = &self.present;
        let there = |dir: &Dir| inventory.contains(name) && dir.stat(name).is_ok();
        if !dir.as_ref().is_some_and(there) {
            return Ok(false);
        }
        self.register(name)?;
        self.mark(name, Mark::Same)?;
        Ok(true)
    }
}

/// What the manifest asks for.
impl Folder {
    /// Notes that the manifest lists a file of a machine.
    pub(super) fn listed(&self, name: &str) {
        if name.starts_with(MACHINES) {
            self.unlisted.fetch_sub(1, Relaxed);
        }
    }

    /// Decides on the files that this run did not make, and gives the names of those that are of no
    /// machine alone. From here on, no file can be added.
    pub(super) fn settle(&self, prune: bool) -> Result<Vec<String>, FolderError> {
        match self.unlisted.load(Relaxed).cast_signed() {
            0 => {}
            more => return Err(FolderError::Unlisted(format!("{more} files of machines"))),
        }
        self.present.inventory.settle(prune);
        for (_, name) in self.present.inventory.kept() {
            let blocked = install::blocked(&self.new, Path::new(name));
            if blocked.map_err(self.place.error_at("read", name))? {
                self.present.inventory.mark(name, Mark::Dropped);
            }
        }
        lock(&self.others).take().ok_or_else(|| FolderError::Twice(MANIFEST.into()))
    }

    /// The files of students that are gone, which stay: student and file.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        self.present.inventory.kept()
    }
}

/// Steps of adding a file.
impl Folder {
    /// Sees to it that the manifest will list a file.
    fn register(&self, name: &str) -> Result<(), FolderError> {
        check_name(name).map_err(|why| FolderError::Name(name.into(), why))?;
        if name.starts_with(MACHINES) {
            self.unlisted.fetch_add(1, Relaxed);
            return Ok(());
        }
        match lock(&self.others).as_mut() {
            Some(others) => others.push(name.into()),
            None => return Err(FolderError::Unlisted(name.into())),
        }
        Ok(())
    }

    fn mark(&self, name: &str, mark: Mark) -> Result<(), FolderError> {
        match self.present.inventory.mark(name, mark) {
            None | Some(Mark::Unseen) => Ok(()),
            Some(_) => Err(FolderError::Twice(name.into())),
        }
    }

    fn make(&self, name: &str, mode: u32) -> Result<File, FolderError> {
        self.new.create(name, mode).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => FolderError::Twice(name.into()),
            _ => self.place.error_at("write", name)(error),
        })
    }

    /// Has a new file the mode of the old one, whatever was asked for? Some file systems have one
    /// mode for all.
    fn has_same_mode(&self, name: &str, file: &File) -> Result<bool, FolderError> {
        let Some(dir) = &self.present.dir else { return Ok(false) };
        let modes = rustix::fs::fstat(file).map_err(Into::into).and_then(|new| {
            let old = dir.stat(name)?;
            Ok(new.st_mode == old.st_mode)
        });
        modes.map_err(self.place.error_at("read", name))
    }

    /// Takes back a file that is the same as before after all.
    fn take_back(&self, name: &str) -> Result<Change, FolderError> {
        self.new.remove(name).map_err(self.place.error_at("write", name))?;
        self.present.inventory.mark(name, Mark::Same);
        Ok(Change::Unchanged)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.new.unlock();
        self.present.dir.iter().for_each(Dir::unlock);
    }
}

/// A new folder for the result, kept from other runs also when it is at the place.
fn make_new(workshop: &Workshop) -> std::io::Result<Dir> {
    workshop.dir.make(NEW, 0o755)?;
    let new = workshop.dir.dir(NEW)?;
    new.lock()?;
    Ok(new)
}

/// Another thread that panicked has left nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
