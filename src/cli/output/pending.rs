//! Files that are written aside and then put in their places together.
//!
//! A file is replaced where nobody could tell the new one from the old but by its content. Where it
//! has a second name, another owner or attributes, its bytes are exchanged.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use bootseed::system;
use tempfile::NamedTempFile;

use super::target::{Target, folder};

/// Mode of a new file that holds a secret, and of any other before the umask.
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o666;
/// What is left of the mode of a file that gets a secret.
const CLOSED: u32 = 0o7700;

/// What a signal would leave behind.
static MADE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn made() -> MutexGuard<'static, Vec<PathBuf>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is ready to be put in its place.
#[derive(Default)]
pub(super) struct Pending {
    steps: Vec<Step>,
}

enum Step {
    /// A whole new file.
    Replace(NamedTempFile, PathBuf),
    /// Bytes for a file that stays.
    Exchange { path: PathBuf, bytes: Vec<u8>, mode: Option<u32> },
    /// Bytes for something that takes them.
    Stream(Target, Vec<u8>),
}

impl Pending {
    /// Gets `bytes` ready for their target.
    pub(super) fn add(&mut self, target: Target, bytes: &[u8], secret: bool) -> io::Result<()> {
        let step = match target {
            Target::File(path, there) => aside(path, there.as_ref(), bytes, secret)?,
            other => Step::Stream(other, bytes.to_vec()),
        };
        self.steps.push(step);
        Ok(())
    }

    /// Puts everything in its place.
    pub(super) fn commit(mut self) -> io::Result<()> {
        let mut steps = std::mem::take(&mut self.steps);
        // What is most likely to fail comes first.
        steps.sort_by_key(|step| matches!(step, Step::Replace(..)));
        // No signal comes between two files of one result.
        let mut made = made();
        let mut streams = Vec::new();
        for step in steps {
            match step {
                Step::Replace(new, path) => drop(new.persist(path)?),
                Step::Exchange { path, bytes, mode } => exchange(&path, &bytes, mode)?,
                Step::Stream(target, bytes) => streams.push((target, bytes)),
            }
        }
        made.clear();
        // Nobody may read from a pipe: a signal must be able to end that.
        drop(made);
        streams.iter().try_for_each(|(target, bytes)| stream(target, bytes))
    }
}

/// Without its commit, nothing is left of it: not even the folders that it made.
impl Drop for Pending {
    fn drop(&mut self) {
        self.steps.clear();
        remove(&mut made());
    }
}

fn aside(path: PathBuf, there: Option<&Metadata>, bytes: &[u8], secret: bool) -> io::Result<Step> {
    let mode = there.map(system::mode);
    let mode = mode.map(|mode| if secret { mode & CLOSED } else { mode });
    let exchange = |path| Step::Exchange { path, bytes: bytes.to_vec(), mode };
    if let Some(there) = there {
        // Whoever may not write to a file may not replace it either.
        OpenOptions::new().write(true).open(&path)?;
        if !system::is_replaceable(&path, there) {
            return Ok(exchange(path));
        }
    }
    let open = there.is_none() && !secret;
    let new = match new_file(&path, bytes, if open { PUBLIC } else { PRIVATE }) {
        Err(error) if there.is_some() && is_closed(&error) => return Ok(exchange(path)),
        result => result?,
    };
    if let Some((there, mode)) = there.zip(mode) {
        if !system::have_one_owner(&new.as_file().metadata()?, there) {
            return Ok(exchange(path));
        }
        system::set_mode(new.as_file(), mode)?;
    }
    Ok(Step::Replace(new, path))
}

/// May nothing be made in the folder?
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

fn new_file(path: &Path, bytes: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    listen();
    let mut made = made();
    let folder = folder(path);
    make(folder, &mut made)?;
    let mut new = system::temporary(mode).tempfile_in(folder)?;
    made.push(new.path().to_path_buf());
    drop(made);
    new.write_all(bytes)?;
    Ok(new)
}

/// Makes a folder and those above it.
fn make(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let absent = folder.ancestors().take_while(|folder| {
        !folder.as_os_str().is_empty() && fs::symlink_metadata(folder).is_err()
    });
    let absent: Vec<PathBuf> = absent.map(Path::to_path_buf).collect();
    for folder in absent.into_iter().rev() {
        fs::create_dir(&folder)?;
        made.push(folder);
    }
    Ok(())
}

/// Removes what was made, the last first.
fn remove(made: &mut Vec<PathBuf>) {
    while let Some(path) = made.pop() {
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
    }
}

/// From now on a signal ends the program only after it has cleaned up.
fn listen() {
    /// As a shell says it of a program that Ctrl-C has ended.
    const INTERRUPTED: i32 = 130;
    static ONCE: Once = Once::new();
    #[expect(clippy::exit, reason = "the main thread may wait for a slow disk")]
    ONCE.call_once(|| {
        let _ = ctrlc::set_handler(|| {
            // Held until the end: nothing more is made.
            let mut made = made();
            remove(&mut made);
            std::process::exit(INTERRUPTED);
        });
    });
}

/// Other bytes for a file that stays; if they do not fit, it has its old ones again.
fn exchange(path: &Path, bytes: &[u8], mode: Option<u32>) -> io::Result<()> {
    let old = fs::read(path).ok();
    let mut file = OpenOptions::new().write(true).open(path)?;
    if let Some(mode) = mode.filter(|mode| *mode != file_mode(&file)) {
        system::set_mode(&file, mode)?;
    }
    let written = overwrite(&mut file, bytes);
    if let Some(old) = old.filter(|_| written.is_err()) {
        let _ = overwrite(&mut file, &old);
    }
    written
}

fn file_mode(file: &File) -> u32 {
    file.metadata().map_or(0, |there| system::mode(&there))
}

fn overwrite(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

fn stream(target: &Target, bytes: &[u8]) -> io::Result<()> {
    let Target::Stream(path) = target else { return super::print(bytes) };
    // What is behind the number of an open file may be a file with something in it.
    let behind = path.metadata()?.is_file();
    let mut file = OpenOptions::new().append(behind).write(true).open(path)?;
    super::enough(file.write_all(bytes))
}
