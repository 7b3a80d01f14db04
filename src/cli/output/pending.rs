//! Files that are written aside and then put in their places together.
//!
//! A file is replaced where nobody could tell the new one from the old but by its content. Where it
//! has a second name, another owner or attributes, its bytes are exchanged.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tempfile::{Builder, NamedTempFile};

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
    let mode = there.map(|there| there.mode() & 0o7777);
    let mode = mode.map(|mode| if secret { mode & CLOSED } else { mode });
    let exchange = |path| Step::Exchange { path, bytes: bytes.to_vec(), mode };
    if let Some(there) = there {
        // Whoever may not write to a file may not replace it either.
        OpenOptions::new().write(true).open(&path)?;
        if there.nlink() != 1 || has_attributes(&path) {
            return Ok(exchange(path));
        }
    }
    let open = there.is_none() && !secret;
    let new = match new_file(&path, bytes, if open { PUBLIC } else { PRIVATE }) {
        Err(error) if there.is_some() && is_closed(&error) => return Ok(exchange(path)),
        result => result?,
    };
    if let Some((there, mode)) = there.zip(mode) {
        let of = |file: &Metadata| (file.uid(), file.gid());
        if of(&new.as_file().metadata()?) != of(there) {
            return Ok(exchange(path));
        }
        new.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(Step::Replace(new, path))
}

/// May nothing be made in the folder?
fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// Is there more to the file than its bytes, as an access control list?
fn has_attributes(path: &Path) -> bool {
    let mut names = [0_u8; 4096];
    match rustix::fs::listxattr(path, &mut names) {
        Ok(length) => {
            let mut names = names[..length].split(|byte| *byte == 0);
            names.any(|name| !name.is_empty() && name != b"security.selinux")
        }
        Err(error) => error == rustix::io::Errno::RANGE,
    }
}

fn new_file(path: &Path, bytes: &[u8], mode: u32) -> io::Result<NamedTempFile> {
    listen();
    let mut made = made();
    let folder = folder(path);
    make(folder, &mut made)?;
    let permissions = Permissions::from_mode(mode);
    let mut new = Builder::new().permissions(permissions).tempfile_in(folder)?;
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
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    let written = overwrite(&mut file, bytes);
    if let Some(old) = old.filter(|_| written.is_err()) {
        let _ = overwrite(&mut file, &old);
    }
    written
}

fn file_mode(file: &File) -> u32 {
    file.metadata().map_or(0, |there| there.mode() & 0o7777)
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
