//! How a complete result gets to its place.
//!
//! In one step, where the place may become another folder: the two exchange their names, what is
//! not bootseed's moves over, and the old result is removed by its own list. File by file, where
//! the folder must remain: each file replaces its older one, and a run that is interrupted is
//! carried on by the next. Nothing is ever removed that is on no list.

use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::dir::{Dir, cannot, unless_absent};
use super::inventory::{Inventory, Mark};
use super::place::{INSIDE, NEW, OLD, Place, READY, Workshop};
use super::present::MANIFEST;
use super::{FolderError, listing};

/// Puts in order what an interrupted run has left.
pub(super) fn recover(workshop: &Workshop, place: &Place) -> Result<(), FolderError> {
    let unfinished = unless_absent(workshop.dir.remove_all(NEW));
    unfinished.map_err(place.error("remove an unfinished result beside"))?;
    match workshop.dir.dir(OLD) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        old => {
            let old = old.map_err(place.error("open"))?;
            let inventory = inventory(&old).map_err(place.error("read"))?;
            retire(workshop, place, &old, &inventory)?;
        }
    }
    match workshop.dir.has(READY).map_err(place.error("open"))? {
        true => by_files(workshop, place),
        false => Ok(()),
    }
}

/// Gives place and new result each other's name; `false` where the file system cannot.
pub(super) fn exchange(
    workshop: &Workshop,
    place: &Place,
    inventory: &Inventory,
    foreign: &[PathBuf],
) -> Result<bool, FolderError> {
    let dir = &workshop.dir;
    dir.rename(NEW, dir, OLD).map_err(place.error("replace"))?;
    match dir.exchange(OLD, &place.parent, &place.name) {
        Err(error) if cannot(&error) => {
            dir.rename(OLD, dir, NEW).map_err(place.error("replace"))?;
            return Ok(false);
        }
        result => result.map_err(place.error("replace"))?,
    }
    let old = dir.dir(OLD).map_err(place.error("open"))?;
    move_over(workshop, place, &old, foreign)?;
    retire(workshop, place, &old, inventory)?;
    Ok(true)
}

/// Takes an old result to pieces.
fn retire(
    workshop: &Workshop,
    place: &Place,
    old: &Dir,
    inventory: &Inventory,
) -> Result<(), FolderError> {
    let remove =
        |name: &str| unless_absent(old.remove(name)).map_err(place.error_at("remove", name));
    let mut names = inventory.files().map(|(name, _)| name).filter(|name| *name != MANIFEST);
    move_over(workshop, place, old, &foreign(old, inventory).map_err(place.error("read"))?)?;
    names.try_for_each(remove)?;
    sweep(old, Path::new(""), inventory).map_err(place.error("remove a part of"))?;
    // What somebody put there in the meantime. From here on, all that is in it is somebody's.
    move_over(workshop, place, old, &foreign(old, inventory).map_err(place.error("read"))?)?;
    remove(MANIFEST)?;
    workshop.dir.remove_dir(OLD).map_err(place.error("remove the older state of"))
}

/// Moves what is not bootseed's out of an old result.
fn move_over(
    workshop: &Workshop,
    place: &Place,
    old: &Dir,
    foreign: &[PathBuf],
) -> Result<(), FolderError> {
    if foreign.is_empty() {
        return Ok(());
    }
    let dir = place_for(place)?;
    for name in foreign {
        match dir.make_parents(name).and_then(|()| old.rename_new(name, &dir)) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let from = workshop.shown.join(OLD).join(name);
                return Err(FolderError::Stranded { from, to: place.shown.join(name) });
            }
            moved => unless_absent(moved).map_err(place.error_at("move to", name))?,
        }
    }
    Ok(())
}

/// The folder at the place, made if the user has removed it.
fn place_for(place: &Place) -> Result<Dir, FolderError> {
    if let Some(dir) = place.open()? {
        return Ok(dir);
    }
    place.parent.make(&place.name, 0o755).map_err(place.error("make"))?;
    place.parent.dir(&place.name).map_err(place.error("open"))
}

/// Moves a complete result into the folder that is at the place.
pub(super) fn by_files(workshop: &Workshop, place: &Place) -> Result<(), FolderError> {
    let (ready, dir) = (workshop.dir.dir(READY).map_err(place.error("open"))?, place_for(place)?);
    let old = inventory(&dir).map_err(place.error("read"))?;
    if ready.has(MANIFEST).map_err(place.error("open"))? {
        let new = inventory(&ready).map_err(place.error("read"))?;
        let stale = old.files().filter(|(name, _)| !new.contains(name));
        let remove = |(name, _): (&str, _)| {
            unless_absent(dir.remove(name)).map_err(place.error_at("remove", name))
        };
        if !stale.map(remove).collect::<Result<Vec<()>, _>>()?.is_empty() {
            sweep(&dir, Path::new(""), &old).map_err(place.error("remove a part of"))?;
        }
    }
    let mut files = Vec::new();
    list(&ready, Path::new(""), &mut files).map_err(place.error("read"))?;
    // The list comes last: it tells a later run how far this one got.
    files.sort_by_key(|name| name == Path::new(MANIFEST));
    for name in &files {
        move_in(&ready, &dir, name, &old).map_err(place.error_at("write", name))?;
    }
    workshop.dir.remove_all(READY).map_err(place.error("remove a part of"))
}

fn move_in(ready: &Dir, dir: &Dir, name: &Path, old: &Inventory) -> io::Result<()> {
    dir.make_parents(name)?;
    match name.to_str() {
        Some(text) if old.contains(text) => ready.rename(name, dir, name),
        _ => ready.rename_new(name, dir),
    }
}

/// All files below a folder.
fn list(dir: &Dir, below: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for (name, is_dir) in dir.entries()? {
        match is_dir {
            true => list(&dir.dir(&name)?, &below.join(&name), files)?,
            false => files.push(below.join(&name)),
        }
    }
    Ok(())
}

/// What a result lists; nothing where it has no list. One that is damaged is an error: what it lists
/// is not known.
fn inventory(dir: &Dir) -> io::Result<Inventory> {
    match dir.file(MANIFEST) {
        Ok(file) => listing::read(file).map_err(io::Error::other),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Inventory::default()),
        Err(error) => Err(error),
    }
}

/// What is in a folder and not bootseed's: files, and folders with all that is in them.
pub(super) fn foreign(dir: &Dir, inventory: &Inventory) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    find_foreign(dir, Path::new(""), inventory, &mut found)?;
    Ok(found)
}

fn find_foreign(
    dir: &Dir,
    below: &Path,
    inventory: &Inventory,
    found: &mut Vec<PathBuf>,
) -> io::Result<()> {
    dir.visit(|name, is_dir| {
        let path = below.join(name);
        match path.to_str() {
            Some(INSIDE) => {}
            Some(text) if is_dir && inventory.has_below(text) => {
                find_foreign(&dir.dir(name)?, &path, inventory, found)?;
            }
            Some(text) if !is_dir && inventory.contains(text) => {}
            _ => found.push(path),
        }
        Ok(())
    })
}

/// Removes the folders of bootseed that are empty.
fn sweep(dir: &Dir, below: &Path, inventory: &Inventory) -> io::Result<()> {
    let own = |(name, is_dir): &(OsString, bool)| {
        *is_dir && below.join(name).to_str().is_some_and(|name| inventory.has_below(name))
    };
    for (name, _) in dir.entries()?.into_iter().filter(own) {
        sweep(&dir.dir(&name)?, &below.join(&name), inventory)?;
        match dir.remove_dir(&name) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
            result => unless_absent(result)?,
        }
    }
    Ok(())
}

/// Would something that is not bootseed's be in the way of a new result? It is where the result has
/// something, or had and may have again.
pub(super) fn in_the_way(new: &Dir, inventory: &Inventory, name: &Path) -> io::Result<bool> {
    let had = |name: &str| inventory.contains(name) || inventory.has_below(name);
    Ok(name.to_str().is_some_and(had) || blocked(new, name)?)
}

/// Does a new result have something at this name, or a file where the name has a folder?
pub(super) fn blocked(new: &Dir, name: &Path) -> io::Result<bool> {
    let is_file = |folder: &Path| match new.stat(folder) {
        Ok(stat) => Ok(FileType::from_raw_mode(stat.st_mode) != FileType::Directory),
        Err(error) => unless_absent(Err(error)).map(|()| false),
    };
    if new.has(name)? {
        return Ok(true);
    }
    let mut folders = name.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.try_fold(false, |found, folder| Ok(found || is_file(folder)?))
}

/// Gives the unchanged files of an older result a second name in the new one.
pub(super) fn link_unchanged(
    old: &Dir,
    new: &Dir,
    inventory: &Inventory,
) -> Result<(), (String, io::Error)> {
    for (name, mark) in inventory.files() {
        let linked = match mark {
            Mark::Same => link(old, new, name),
            Mark::Kept => unless_absent(link(old, new, name)),
            _ => Ok(()),
        };
        linked.map_err(|error| (name.to_string(), error))?;
    }
    Ok(())
}

/// A copy does where the file system or its rules have no links.
fn link(old: &Dir, new: &Dir, name: &str) -> io::Result<()> {
    old.link(name, new)
        .or_else(|error| if cannot(&error) { copy(old, new, name) } else { Err(error) })
}

fn copy(old: &Dir, new: &Dir, name: &str) -> io::Result<()> {
    let mut from = old.file(name)?;
    let metadata = from.metadata()?;
    let mode = rustix::fs::fstat(&from)?.st_mode & 0o7777;
    let mut to = new.create(name, mode)?;
    io::copy(&mut from, &mut to)?;
    to.set_modified(metadata.modified()?)
}
