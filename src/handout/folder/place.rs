//! Where a result is to be, and where it is made until it is complete.
//!
//! In: the path that the user gave. Out: a [`Place`], and the [`Workshop`] beside it: a folder
//! `.NAME.bootseed` on the same file system that only one run has at a time. Where there can be
//! none beside (the parent may not be written, or the place is a mount point) it is `.bootseed`
//! inside.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::FolderError;
use super::dir::Dir;

/// The workshop, when it is inside the place.
pub(super) const INSIDE: &str = ".bootseed";

/// Where a result is to be.
#[derive(Debug)]
pub(super) struct Place {
    /// As the user gave it, for messages.
    pub(super) shown: PathBuf,
    /// Without symbolic links.
    path: PathBuf,
    /// The folder that it is in.
    pub(super) parent: Dir,
    /// Its name there.
    pub(super) name: OsString,
}

impl Place {
    pub(super) fn find(shown: &Path) -> Result<Place, FolderError> {
        let path = match fs::canonicalize(shown) {
            Ok(path) if !path.is_dir() => return Err(FolderError::NotAFolder(shown.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => absent(shown)?,
            path => path.map_err(FolderError::io("open", shown))?,
        };
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(FolderError::Nameless(shown.into()));
        };
        let name = name.to_owned();
        let parent = Dir::locate(parent).map_err(FolderError::io("open", parent))?;
        Ok(Place { shown: shown.into(), path, parent, name })
    }

    /// The folder that is there; `None` if there is none.
    pub(super) fn open(&self) -> Result<Option<Dir>, FolderError> {
        match self.parent.dir(&self.name) {
            Ok(dir) => Ok(Some(dir)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("open")(error)),
        }
    }

    /// The folder that is there, kept from other runs.
    pub(super) fn lock(&self) -> Result<Option<Dir>, FolderError> {
        loop {
            let Some(dir) = self.open()? else { return Ok(None) };
            if !dir.lock().map_err(self.error("lock"))? {
                return Err(FolderError::Busy(self.shown.clone()));
            }
            if is_at(&dir, &self.parent, &self.name).map_err(self.error("open"))? {
                return Ok(Some(dir));
            }
        }
    }

    /// For `map_err`: what was tried with the place.
    pub(super) fn error(&self, doing: &'static str) -> impl FnOnce(io::Error) -> FolderError {
        FolderError::io(doing, &self.shown)
    }

    /// For `map_err`: what was tried with a file of it.
    pub(super) fn error_at(
        &self,
        doing: &'static str,
        name: impl AsRef<Path>,
    ) -> impl FnOnce(io::Error) -> FolderError {
        move |source| FolderError::Io { doing, path: self.shown.join(name), source }
    }

    /// Must the folder that is there remain the same one, so that a result is moved into it file by
    /// file? So it is where a program works in it (a shell, or Terraform, whose state would be
    /// written to a folder that is gone), and where it is shared: of another owner, or with an
    /// access control list.
    pub(super) fn must_stay(&self, dir: &Dir) -> bool {
        let shared = dir.own().map_or(true, |own| own.st_uid != own_user());
        shared || dir.has_acl() || self.is_worked_in()
    }

    /// Is the place, or a folder below it, the working directory of a process?
    fn is_worked_in(&self) -> bool {
        let Ok(processes) = fs::read_dir("/proc") else { return false };
        let mut places = processes.flatten().filter_map(|process| {
            let name = process.file_name();
            name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit).then_some(())?;
            fs::read_link(process.path().join("cwd")).ok()
        });
        places.any(|place| place.starts_with(&self.path))
    }
}

/// A path to something that does not exist yet.
fn absent(shown: &Path) -> Result<PathBuf, FolderError> {
    if shown.symlink_metadata().is_ok() {
        return Err(FolderError::Dangling(shown.into()));
    }
    let Some(name) = shown.file_name() else {
        return Err(FolderError::NoParent(shown.into()));
    };
    let parent = shown.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    match fs::canonicalize(parent) {
        Ok(path) => Ok(path.join(name)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(FolderError::NoParent(parent.into()))
        }
        Err(error) => Err(FolderError::io("open", parent)(error)),
    }
}

/// Is this still the folder of that name?
fn is_at(dir: &Dir, parent: &Dir, name: &OsStr) -> io::Result<bool> {
    let own = dir.own()?;
    match parent.stat(name) {
        Ok(there) => Ok((there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn own_user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Where a result is made, and where the one that it replaces is taken to pieces. What it holds:
///
/// | folder | what it is | what a later run does with it |
/// |---|---|---|
/// | `new` | a result that is being made | removes it |
/// | `ready` | a complete one that is moved into the place file by file | goes on with that |
/// | `old` | a complete one that the place has exchanged, or is about to | takes from it what is not bootseed's, removes the rest |
#[derive(Debug)]
pub(super) struct Workshop {
    /// For messages.
    pub(super) shown: PathBuf,
    /// The folder that it is in.
    at: Dir,
    name: OsString,
    pub(super) dir: Dir,
    /// Is it inside the place?
    pub(super) inside: bool,
}

pub(super) const NEW: &str = "new";
pub(super) const READY: &str = "ready";
pub(super) const OLD: &str = "old";

impl Workshop {
    /// The workshop beside a place; `None` where there can be none and `dir`, the folder that is
    /// there, can have one inside.
    pub(super) fn beside(
        place: &Place,
        dir: Option<&Dir>,
    ) -> Result<Option<Workshop>, FolderError> {
        if dir.is_some_and(Dir::is_mounted) {
            return Ok(None);
        }
        let mut name = OsString::from(".");
        name.push(&place.name);
        name.push(".bootseed");
        let shown = place.shown.with_file_name(&name);
        let at = place.parent.again().map_err(FolderError::io("open", &shown))?;
        match Workshop::take(place, at, name, &shown, true) {
            Err(FolderError::Io { doing: MAKE, .. }) if dir.is_some() => Ok(None),
            Err(FolderError::Io { doing: MAKE, source, .. }) => Err(place.error(MAKE)(source)),
            taken => taken,
        }
    }

    /// The workshop inside a place; `None` if there is none and `make` does not ask for one.
    pub(super) fn inside(
        place: &Place,
        dir: &Dir,
        make: bool,
    ) -> Result<Option<Workshop>, FolderError> {
        let shown = place.shown.join(INSIDE);
        let at = dir.again().map_err(FolderError::io("open", &shown))?;
        let workshop = Workshop::take(place, at, INSIDE.into(), &shown, make)?;
        Ok(workshop.map(|mut workshop| {
            workshop.inside = true;
            workshop
        }))
    }

    /// Takes a workshop for this run alone.
    fn take(
        place: &Place,
        at: Dir,
        name: OsString,
        shown: &Path,
        make: bool,
    ) -> Result<Option<Workshop>, FolderError> {
        loop {
            let made = if make { at.make(&name, 0o700) } else { Ok(()) };
            match made {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => made.map_err(FolderError::io(MAKE, shown))?,
            }
            let dir = match at.dir(&name) {
                Err(error) if error.kind() == ErrorKind::NotFound && make => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                dir => dir.map_err(FolderError::io("open", shown))?,
            };
            let own = dir.own().map_err(FolderError::io("open", shown))?;
            if own.st_uid != own_user() {
                return Err(FolderError::Others(shown.into()));
            }
            if !dir.lock().map_err(FolderError::io("lock", shown))? {
                return Err(FolderError::Busy(place.shown.clone()));
            }
            if is_at(&dir, &at, &name).map_err(FolderError::io("open", shown))? {
                return Ok(Some(Workshop { shown: shown.into(), at, name, dir, inside: false }));
            }
        }
    }
}

/// What is tried where there may be no workshop.
const MAKE: &str = "make";

impl Drop for Workshop {
    /// A result that was not completed goes, and the workshop with it unless something else is in
    /// it; the next run sees to what remains.
    fn drop(&mut self) {
        let _ = self.dir.remove_all(NEW);
        let _ = self.at.remove_dir(&self.name);
        self.dir.unlock();
    }
}
