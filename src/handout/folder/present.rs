//! The result of an earlier run, as it is.
//!
//! In: the place. Out: a [`Present`], which says whether a file would be new, changed or unchanged,
//! and who is gone from the roster. It writes nothing and waits for nobody.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::dir::Dir;
use super::inventory::{self, Inventory};
use super::place::{INSIDE, Place};
use super::{Access, FolderError, listing};
use crate::handout::Change;

/// The file that lists the others.
pub(in super::super) const MANIFEST: &str = "manifest.json";

/// The result of an earlier run; without a file if there was none.
#[derive(Debug)]
pub struct Present {
    pub(super) dir: Option<Dir>,
    pub(super) inventory: Inventory,
    shown: PathBuf,
    /// What the user wants no new file to allow.
    umask: u32,
    /// Have files the modes that they are given? Not so on FAT, or in a folder whose access control
    /// list says otherwise.
    has_modes: bool,
}

/// How a file compares with what would be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// There is none, or none of bootseed.
    Absent,
    /// Content or kind are others.
    Other,
    /// The same content with another mode.
    OtherMode,
    /// The same.
    Same,
}

/// Bytes that are compared at a time.
const PIECE: usize = 16 << 10;

impl Present {
    /// What is at `place`, which need not exist.
    ///
    /// # Errors
    /// It holds something that is no result of bootseed, or cannot be read.
    pub fn open(place: &Path) -> Result<Present, FolderError> {
        let place = Place::find(place)?;
        let dir = place.open()?;
        Present::read(&place, dir)
    }

    pub(super) fn read(place: &Place, dir: Option<Dir>) -> Result<Present, FolderError> {
        let inventory = match &dir {
            Some(dir) => read_inventory(place, dir)?,
            None => Inventory::default(),
        };
        let shown = place.shown.clone();
        let mut present = Present { dir, inventory, shown, umask: umask(), has_modes: true };
        let list = present.dir.as_ref().and_then(|dir| dir.stat(MANIFEST).ok());
        let expected = present.mode(Access::Public);
        present.has_modes = list.is_none_or(|list| list.st_mode & 0o7777 == expected);
        Ok(present)
    }

    /// The bytes of a file that bootseed made; `None` if there is none of this name.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn old(&self, name: &str) -> Result<Option<Vec<u8>>, FolderError> {
        let file = self.file(name).map_err(FolderError::io("read", &self.shown.join(name)))?;
        let Some(mut file) = file else { return Ok(None) };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(FolderError::io("read", &self.shown.join(name)))?;
        Ok(Some(bytes))
    }

    /// What writing a file would be.
    ///
    /// # Errors
    /// The file that is there cannot be read.
    pub fn compare(&self, name: &str, bytes: &[u8], access: Access) -> Result<Change, FolderError> {
        let compared = self.compare_with(name, bytes.len() as u64, self.mode(access), bytes);
        match compared.map_err(FolderError::io("read", &self.shown.join(name)))? {
            Compared::OtherMode if !self.has_modes => Ok(Change::Unchanged),
            compared => Ok(compared.into()),
        }
    }

    /// What a file with this SHA-256 would be for a student: for one file that is for all of them,
    /// which says nothing of each.
    pub fn compare_sum(&self, student: &str, name: &str, sha256: &str) -> Change {
        match self.inventory.sum(name, student) {
            None => Change::New,
            Some(sum) if sum == inventory::sum(sha256) => Change::Unchanged,
            Some(_) => Change::Changed,
        }
    }

    /// Notes that a student is on the roster.
    pub fn see(&self, student: &str) {
        self.inventory.see(student);
    }

    /// The students that an earlier run knew and that are not on the roster now.
    pub fn gone(&self) -> impl Iterator<Item = &str> {
        self.inventory.unseen()
    }

    /// The mode of a file: no more than the user's umask leaves.
    pub(super) fn mode(&self, access: Access) -> u32 {
        access.mode() & !self.umask
    }

    pub(super) fn compare_with(
        &self,
        name: &str,
        length: u64,
        mode: u32,
        new: impl Read,
    ) -> io::Result<Compared> {
        let Some(old) = self.file(name)? else { return Ok(Compared::Absent) };
        let stat = rustix::fs::fstat(&old)?;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if !is_file || u64::try_from(stat.st_size) != Ok(length) || !same(old, new)? {
            return Ok(Compared::Other);
        }
        let same_mode = stat.st_mode & 0o7777 == mode;
        Ok(if same_mode { Compared::Same } else { Compared::OtherMode })
    }

    fn file(&self, name: &str) -> io::Result<Option<File>> {
        let dir = self.dir.as_ref().filter(|_| self.inventory.contains(name));
        match dir.map(|dir| dir.file(name)).transpose() {
            Err(error) if is_absent(&error) => Ok(None),
            file => file,
        }
    }
}

/// A symbolic link that the user put in the place of a file is not followed: the file is absent.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
        || error.raw_os_error() == Some(LOOP)
}

const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();

impl From<Compared> for Change {
    fn from(compared: Compared) -> Change {
        match compared {
            Compared::Absent => Change::New,
            Compared::Other | Compared::OtherMode => Change::Changed,
            Compared::Same => Change::Unchanged,
        }
    }
}

fn read_inventory(place: &Place, dir: &Dir) -> Result<Inventory, FolderError> {
    match dir.file(MANIFEST) {
        Ok(file) => {
            let path = place.shown.join(MANIFEST);
            listing::read(file).map_err(|why| FolderError::Manifest { path, why })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let entries = dir.entries().map_err(place.error("read"))?;
            match entries.iter().any(|(name, _)| name != INSIDE) {
                true => Err(FolderError::Foreign(place.shown.clone())),
                false => Ok(Inventory::default()),
            }
        }
        Err(error) => Err(place.error_at("read", MANIFEST)(error)),
    }
}

/// Do two readers, of which neither is longer, give the same bytes?
fn same(mut old: impl Read, mut new: impl Read) -> io::Result<bool> {
    let (mut first, mut second) = ([0; PIECE], [0; PIECE]);
    loop {
        let length = old.read(&mut first)?;
        if length == 0 {
            return Ok(new.read(&mut second)? == 0);
        }
        match new.read_exact(&mut second[..length]) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(false),
            result => result?,
        }
        if first[..length] != second[..length] {
            return Ok(false);
        }
    }
}

/// The umask of this process, which the system tells only while changing it, for all threads, or in
/// this file.
fn umask() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("Umask:"));
    line.and_then(|digits| u32::from_str_radix(digits.trim(), 8).ok()).unwrap_or(0o022)
}
