//! The result of an earlier run, as it is.
//!
//! In: the place. Out: a [`Present`], which says whether a file would be new, changed or unchanged,
//! and who is gone from the roster. It writes nothing.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::list::List;
use super::{Access, FolderError, READY, WORKSHOP};
use crate::handout::Change;
use crate::handout::lists::MANIFEST;
use crate::system;

/// The result of an earlier run; without a file if there was none.
#[derive(Debug)]
pub struct Present {
    pub(super) place: PathBuf,
    pub(super) list: List,
    /// The students of the roster.
    seen: RefCell<HashSet<Box<str>>>,
}

/// Bytes that are compared at a time.
const PIECE: usize = 16 << 10;

impl Present {
    /// What is at `place`, which need not exist.
    ///
    /// # Errors
    /// It holds something that is no result of bootseed, or cannot be read.
    pub fn open(place: &Path) -> Result<Present, FolderError> {
        let list = read(place)?;
        Ok(Present { place: place.into(), list, seen: RefCell::default() })
    }

    /// The bytes of a file that bootseed made; `None` if there is none of this name.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn old(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let path = self.place.join(name);
        let bytes = self.file(name).and_then(|file| file.map(|_| fs::read(&path)).transpose());
        bytes.map_err(FolderError::io("read", &path))
    }

    /// What writing a file would be.
    ///
    /// # Errors
    /// The file that is there cannot be read.
    pub fn compare(&self, name: &str, bytes: &[u8], access: Access) -> Result<Change, FolderError> {
        let change = self.compare_with(name, bytes.len() as u64, access, bytes);
        change.map_err(FolderError::io("read", &self.place.join(name)))
    }

    /// What a file with this SHA-256 would be for a student: for one file that is for all of them,
    /// which says nothing of each.
    pub fn compare_sum(&self, student: &str, name: &str, sha256: &str) -> Change {
        match self.list.sum(student, name) {
            None => Change::New,
            Some(sum) if sum == sha256 => Change::Unchanged,
            Some(_) => Change::Changed,
        }
    }

    /// Notes that a student is on the roster.
    pub fn see(&self, student: &str) {
        self.seen.borrow_mut().insert(student.into());
    }

    /// The students that an earlier run knew and who are not on the roster now.
    pub fn gone(&self) -> BTreeSet<&str> {
        let (seen, all) = (self.seen.borrow(), self.list.lines().map(|line| &*line.student));
        all.filter(|student| !seen.contains(*student)).collect()
    }

    /// The students with files that only those have who are gone: student and file.
    pub(super) fn of_gone(&self) -> Vec<(&str, &str)> {
        let seen = self.seen.borrow();
        let is_seen = |student: &str| seen.contains(student);
        let (here, gone): (Vec<_>, Vec<_>) =
            self.list.lines().partition(|line| is_seen(&line.student));
        let here: HashSet<&str> = here.into_iter().map(|line| &*line.file).collect();
        let gone = gone.into_iter().filter(|line| !here.contains(&*line.file));
        gone.map(|line| (&*line.student, &*line.file)).collect()
    }

    pub(super) fn compare_with(
        &self,
        name: &str,
        length: u64,
        access: Access,
        new: impl Read,
    ) -> io::Result<Change> {
        let Some(old) = self.file(name)? else { return Ok(Change::New) };
        // Otherwise a mode is the user's affair, or that of a file system that has only one.
        let open = access.is_private() && system::mode(&old) & 0o077 != 0;
        if open || old.len() != length || !same(File::open(self.place.join(name))?, new)? {
            return Ok(Change::Changed);
        }
        Ok(Change::Unchanged)
    }

    /// What a file of bootseed is, unless something else has its name.
    pub(super) fn file(&self, name: &str) -> io::Result<Option<Metadata>> {
        if !self.list.contains(name) {
            return Ok(None);
        }
        Ok(entry(&self.place.join(name))?.filter(Metadata::is_file))
    }
}

/// What is at a path, symbolic links included.
pub(super) fn entry(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the place lists, and what an interrupted run was about to put there.
fn read(place: &Path) -> Result<List, FolderError> {
    if !is_folder(place)? {
        return Ok(List::default());
    }
    let ready = manifest(&place.join(WORKSHOP).join(READY).join(MANIFEST))?;
    let Some(mut list) =
        manifest(&place.join(MANIFEST))?.or_else(|| ready.is_some().then(List::default))
    else {
        let error = || FolderError::io("read", place);
        for entry in fs::read_dir(place).map_err(error())? {
            if entry.map_err(error())?.file_name() != WORKSHOP {
                return Err(FolderError::Foreign(place.into()));
            }
        }
        return Ok(List::default());
    };
    list.extend(ready.unwrap_or_default());
    Ok(list)
}

/// Is there a folder? If there is nothing, one can be made.
fn is_folder(place: &Path) -> Result<bool, FolderError> {
    match fs::metadata(place) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(FolderError::NotAFolder(place.into())),
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(FolderError::io("open", place)(error))
        }
        // A symbolic link that leads nowhere.
        Err(_) if place.symlink_metadata().is_ok() => Err(FolderError::NotAFolder(place.into())),
        Err(_) => match place.parent() {
            Some(parent) if parent.as_os_str().is_empty() || parent.is_dir() => Ok(false),
            parent => Err(FolderError::NoParent(parent.unwrap_or(place).into())),
        },
    }
}

/// The list of a `manifest.json`, if there is one.
pub(super) fn manifest(path: &Path) -> Result<Option<List>, FolderError> {
    match File::open(path) {
        Ok(file) => {
            let list = List::read(file);
            list.map(Some).map_err(|why| FolderError::Manifest { path: path.into(), why })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FolderError::io("read", path)(error)),
    }
}

/// Do two readers, of which neither is longer, give the same bytes?
fn same(mut old: impl Read, mut new: impl Read) -> io::Result<bool> {
    let (mut first, mut second) = ([0; PIECE], [0; PIECE]);
    loop {
        let length = old.read(&mut first)?;
        if length == 0 {
            return Ok(true);
        }
        new.read_exact(&mut second[..length])?;
        if first[..length] != second[..length] {
            return Ok(false);
        }
    }
}
