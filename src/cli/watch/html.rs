//! The page to project, rewritten in place.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};
use bootseed::system;
use bootseed::watch::{About, Board, MARK, page};

pub(super) struct Html {
    file: PathBuf,
    title: String,
    every: Duration,
    last: Option<Instant>,
}

impl Html {
    /// Refuses to replace what is no such page.
    pub(super) fn new(file: &Path, title: &str, every: Duration) -> anyhow::Result<Html> {
        if file.exists() {
            let old = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            if !old.starts_with(MARK.as_bytes()) {
                let file = file.display();
                bail!("{file} is there already and no page of bootseed watch; choose another name");
            }
        }
        Ok(Html { file: file.into(), title: title.into(), every, last: None })
    }

    /// Writes the page when it is time. Once it could be written, trouble passes: the page itself
    /// says how old it is.
    pub(super) fn show(&mut self, board: &Board) -> io::Result<()> {
        match self.last {
            Some(last) if last.elapsed() < self.every.min(Duration::from_secs(2)) => Ok(()),
            Some(_) => self.write(board, false).or(Ok(())),
            None => self.write(board, false),
        }
    }

    /// Writes the page for the last time.
    pub(super) fn end(&mut self, board: &Board) -> io::Result<()> {
        self.write(board, true)
    }

    fn write(&mut self, board: &Board, ended: bool) -> io::Result<()> {
        let now = Instant::now();
        self.last = Some(now);
        let about = About { title: &self.title, now: SystemTime::now(), every: self.every, ended };
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot write {}: {error}", self.file.display()))
        };
        let mut builder = system::temporary(0o644);
        builder.prefix(".bootseed-watch");
        let mut new = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(named)?;
        new.write_all(page(board, &about, now).as_bytes()).map_err(named)?;
        new.persist(&self.file).map_err(|error| named(error.error))?;
        Ok(())
    }
}
