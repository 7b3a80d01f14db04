//! What a name leads to: a file that is there or not yet, or something that only takes bytes.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// Links that are followed, as many as Linux does.
const LINKS: usize = 40;

/// Where bytes go.
pub(super) enum Target {
    /// Standard output.
    Standard,
    /// A pipe, a device or an open file, which takes bytes and cannot be replaced.
    Stream(PathBuf),
    /// A file behind all links, and what is known of it if it is there.
    File(PathBuf, Option<Metadata>),
}

impl Target {
    /// What `place` leads to. `make`: may its folder be made?
    pub(super) fn find(place: &Path, make: bool) -> anyhow::Result<Target> {
        let mut path = place.to_path_buf();
        for _ in 0..LINKS {
            if let Some(target) = descriptor(&path) {
                return Ok(target);
            }
            match fs::symlink_metadata(&path) {
                Ok(there) if there.is_symlink() => path = folder(&path).join(fs::read_link(&path)?),
                Ok(there) if there.is_file() => return Ok(Target::File(path, Some(there))),
                Ok(there) if there.is_dir() => bail!("{} is a folder", path.display()),
                Ok(_) => return Ok(Target::Stream(path)),
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    check_folder(&path, make)?;
                    return Ok(Target::File(path, None));
                }
                Err(error) if error.kind() == ErrorKind::NotADirectory => {
                    bail!("{} is not a folder", folder(&path).display())
                }
                Err(error) => {
                    return Err(error).with_context(|| format!("cannot write {}", place.display()));
                }
            }
        }
        bail!("{} leads round in a circle of symbolic links", place.display())
    }

    /// The file that would be overwritten.
    pub(super) fn existing(&self) -> Option<(&Path, &Metadata)> {
        match self {
            Target::File(path, Some(there)) => Some((path, there)),
            _ => None,
        }
    }
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// An open file by its number, as `/dev/stdout` or `/dev/fd/3`: what it leads to has no name that
/// it could be opened by in the same way.
fn descriptor(path: &Path) -> Option<Target> {
    let folder = folder(path).canonicalize().ok()?;
    if !(folder.starts_with("/proc") && folder.ends_with("fd")) {
        return None;
    }
    let own = Path::new("/proc/self/fd").canonicalize().is_ok_and(|own| own == folder);
    let first = own && path.file_name().is_some_and(|name| name == "1");
    Some(if first { Target::Standard } else { Target::Stream(path.into()) })
}

fn check_folder(path: &Path, make: bool) -> anyhow::Result<()> {
    let (folder, named) = match path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        true => (path, true),
        false => (folder(path), false),
    };
    if !named && (make || folder.is_dir()) {
        return Ok(());
    }
    bail!("{} does not exist; make it first, or name another folder", folder.display())
}
