//! The end of a run: what was made gets to its place.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use super::dir::{Dir, cannot};
use super::install;
use super::inventory::Mark;
use super::place::{NEW, READY};
use super::present::{Compared, MANIFEST};
use super::stream::Streamed;
use super::{Folder, FolderError, lock};

impl Folder {
    /// Puts the result in its place; does nothing if it is the same as before.
    ///
    /// # Errors
    /// A streamed file was not ended, the manifest is not among the files, something that is not
    /// bootseed's is in the way, or the system refuses. The place is then as it was before, unless
    /// the error is one of removing the old result, which the next run tries again.
    pub fn commit(self) -> Result<(), FolderError> {
        for streamed in std::mem::take(&mut *lock(&self.streams)) {
            self.end(&streamed)?;
        }
        if lock(&self.others).is_some() {
            return Err(FolderError::Unlisted(MANIFEST.into()));
        }
        let mut files = self.present.inventory.files();
        let dropped = files.any(|(_, mark)| matches!(mark, Mark::Unseen | Mark::Dropped));
        match &self.present.dir {
            _ if !dropped && !self.staged.load(Relaxed) => Ok(()),
            None => self.appear(),
            Some(dir) => self.replace(dir),
        }
    }

    /// Takes a streamed file back if it is the same as before.
    fn end(&self, streamed: &Streamed) -> Result<(), FolderError> {
        let Streamed { name, mode, .. } = streamed;
        if !streamed.is_ended() {
            return Err(FolderError::Unended(name.clone()));
        }
        let compared = self.new.file(name).and_then(|new| {
            let length = new.metadata()?.len();
            Ok((self.present.compare_with(name, length, *mode, &new)?, new))
        });
        let (compared, new) = compared.map_err(self.place.error_at("read", name))?;
        let same = match compared {
            Compared::Same => true,
            Compared::OtherMode => self.has_same_mode(name, &new)?,
            Compared::Other | Compared::Absent => false,
        };
        if same {
            return self.take_back(name).map(drop);
        }
        self.staged.store(true, Relaxed);
        Ok(())
    }

    /// Where nothing was.
    fn appear(&self) -> Result<(), FolderError> {
        self.sync_list()?;
        let place = &self.place;
        let dir = &self.workshop.dir;
        dir.rename(NEW, &place.parent, &place.name).map_err(|error| match error.kind() {
            ErrorKind::DirectoryNotEmpty => FolderError::Foreign(place.shown.clone()),
            _ => place.error("write")(error),
        })
    }

    /// Where something is.
    fn replace(&self, dir: &Dir) -> Result<(), FolderError> {
        let (place, inventory) = (&self.place, &self.present.inventory);
        let foreign = install::foreign(dir, inventory).map_err(place.error("read"))?;
        for name in &foreign {
            if install::in_the_way(&self.new, inventory, name)
                .map_err(place.error_at("read", name))?
            {
                return Err(FolderError::InTheWay(place.shown.join(name)));
            }
        }
        let stays = self.workshop.inside || place.must_stay(dir);
        if !stays && !inventory.is_empty() {
            let linked = install::link_unchanged(dir, &self.new, inventory);
            linked.map_err(|(name, error)| place.error_at("keep", name)(error))?;
        }
        self.take_mode(dir)?;
        self.sync()?;
        match stays {
            true => self.fill(),
            false if inventory.is_empty() => self.appear(),
            false if install::exchange(&self.workshop, place, inventory, &foreign)? => Ok(()),
            false => self.fill(),
        }
    }

    /// The folder that is there gets the files one by one.
    fn fill(&self) -> Result<(), FolderError> {
        let dir = &self.workshop.dir;
        dir.rename(NEW, dir, READY).map_err(self.place.error("replace"))?;
        install::by_files(&self.workshop, &self.place)
    }

    /// The new folder gets the mode of the one that it replaces.
    fn take_mode(&self, dir: &Dir) -> Result<(), FolderError> {
        let mode = dir.own().map_err(self.place.error("open"))?.st_mode;
        match self.new.set_mode(mode) {
            Err(error) if cannot(&error) => Ok(()),
            result => result.map_err(self.place.error("write")),
        }
    }

    /// Writes to the disk what an old result is given up for.
    fn sync(&self) -> Result<(), FolderError> {
        match self.present.inventory.is_empty() {
            true => self.sync_list(),
            false => self.new.sync_all().map_err(self.place.error("write")),
        }
    }

    fn sync_list(&self) -> Result<(), FolderError> {
        let synced = self.new.file(MANIFEST).and_then(|file| file.sync_all());
        synced.map_err(self.place.error_at("write", Path::new(MANIFEST)))
    }
}
