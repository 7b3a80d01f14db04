//! The end of a run: what was made gets to its place.
//!
//! The folder `ready` is the promise that a run is completed: it holds every file that the place
//! does not have yet, and the list of all. Each step may be done twice, so that the next run goes on
//! where one was killed. The list is replaced last.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::present::{entry, manifest};
use super::{FolderError, READY, WORKSHOP};
use crate::handout::lists::MANIFEST;

/// Completes a result, if one is ready.
pub(super) fn complete(place: &Path) -> Result<(), FolderError> {
    let ready = place.join(WORKSHOP).join(READY);
    if !ready.is_dir() {
        return Ok(());
    }
    let list = ready.join(MANIFEST);
    // Without an old list there is nothing to remove, and the new one need not be read.
    if let Some(old) = manifest(&place.join(MANIFEST))?
        && let Some(new) = manifest(&list)?
    {
        for name in old.names().filter(|name| !new.contains(name)) {
            remove(place, name).map_err(FolderError::io("remove", &place.join(name)))?;
        }
    }
    move_all(&ready, place).map_err(FolderError::io("write", place))?;
    if list.is_file() {
        let moved = fs::rename(&list, place.join(MANIFEST));
        moved.map_err(FolderError::io("write", &place.join(MANIFEST)))?;
    }
    fs::remove_dir_all(&ready).map_err(FolderError::io("remove", &ready))
}

/// Moves every file but the list.
fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            match fs::create_dir(&target) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            move_all(&entry.path(), &target)?;
        } else if entry.file_name() != MANIFEST {
            fs::rename(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Removes a file of an earlier run, and the folders that are empty then.
fn remove(place: &Path, name: &str) -> io::Result<()> {
    let path = place.join(name);
    // A folder that has its name now was not made by bootseed.
    if entry(&path)?.is_some_and(|found| !found.is_dir()) {
        fs::remove_file(&path)?;
    }
    let mut folders = path.ancestors().skip(1).take_while(|folder| *folder != place);
    let _ = folders.try_for_each(fs::remove_dir);
    Ok(())
}
