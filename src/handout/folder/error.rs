//! Why a result cannot be written.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

pub use super::listing::ManifestError;

/// Why a result cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The place is something else than a folder.
    #[error("{} is not a folder; name one that is new, empty or of an earlier run", .0.display())]
    NotAFolder(PathBuf),
    /// The place is a symbolic link that leads nowhere.
    #[error("{} is a symbolic link to something that does not exist", .0.display())]
    Dangling(PathBuf),
    /// The folder that the place is in does not exist.
    #[error("{} does not exist; make it first, or name another folder", .0.display())]
    NoParent(PathBuf),
    /// The place has no name, as `/`.
    #[error("{} cannot be replaced; name a folder that is new, empty or of an earlier run", .0.display())]
    Nameless(PathBuf),
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
    /// The folder for unfinished results is another user's.
    #[error(
        "{} belongs to another user, who has an unfinished result there; let them run bootseed \
         again, or move it away", .0.display()
    )]
    Others(PathBuf),
    /// A file of the result has the name of a file that is not bootseed's.
    #[error(
        "{} is in the way of the result and was not made by bootseed; move it away, or name \
         another folder", .0.display()
    )]
    InTheWay(PathBuf),
    /// After an interrupted run, a file that is not bootseed's cannot go back to the place.
    #[error(
        "{}, which was not made by bootseed, cannot go back to {}, where something has its name; \
         move one of the two away, then run bootseed again", from.display(), to.display()
    )]
    Stranded {
        /// Where it is.
        from: PathBuf,
        /// Where it was.
        to: PathBuf,
    },
    /// A name for a file of the result is none.
    #[error("{0:?} is no name for a file of the result: {1}")]
    Name(String, &'static str),
    /// Two files of the result have one name.
    #[error("two files of the result have the name {0:?}")]
    Twice(String),
    /// The manifest does not list every file.
    #[error("the manifest does not list every file of the result: {0}")]
    Unlisted(String),
    /// A streamed file was not ended.
    #[error("the file {0:?} of the result was not written to its end")]
    Unended(String),
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
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
        move |source| FolderError::Io { doing, path: path.into(), source }
    }
}
