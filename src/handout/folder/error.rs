//! Why a result cannot be written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub use super::list::ManifestError;

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The place is something else than a folder.
    #[error("{} is not a folder; name one that is new, empty or of an earlier run", .0.display())]
    NotAFolder(PathBuf),
    /// The folder that the place is in does not exist.
    #[error("{} does not exist; make it first, or name another folder", .0.display())]
    NoParent(PathBuf),
    /// The place holds something, and nothing of an earlier run.
    #[error(
        "{} is not empty and was not made by bootseed (it has no manifest.json); name a folder \
         that is new, empty or of an earlier run", .0.display()
    )]
    Foreign(PathBuf),
    /// The place has a manifest.json that says nothing.
    #[error(
        "{} does not tell which files bootseed made: {why}; name another folder, or move this one \
         away", path.display()
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        why: ManifestError,
    },
    /// Another run is at it.
    #[error("another run of bootseed writes {}; wait until it has ended, then try again", .0.display())]
    Busy(PathBuf),
    /// A file of the result has the name of a file that is not bootseed's.
    #[error(
        "{} is in the way of the result and was not made by bootseed; move it away, or name \
         another folder", .0.display()
    )]
    InTheWay(PathBuf),
    /// A name for a file of the result that is not one.
    #[error("{0:?} is not a name for a file of the result: {1}")]
    Name(String, &'static str),
    /// Two files of the result have one name.
    #[error("two files of the result have the name {0:?}")]
    Twice(String),
    /// The system refuses.
    #[error("cannot {doing} {}: {source}{}", path.display(), help(source))]
    Io {
        /// What was tried, as `write`.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What to do about an error of the system.
fn help(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; make room there, or name a folder on another disk"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            "; name a folder that you may write"
        }
        _ => "",
    }
}

impl FolderError {
    /// For `map_err`: what was tried, and on what.
    pub(in super::super) fn io(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(io::Error) -> FolderError {
        move |source| FolderError::Io { doing, path: path.into(), source }
    }
}
