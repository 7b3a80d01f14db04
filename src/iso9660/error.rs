//! Why an image cannot be written or read.

use super::limit::{MAX_BYTES, MAX_FILES, MAX_LABEL, MAX_NAME};

/// Why an image cannot be written or read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Iso9660Error {
    /// The label of a new image.
    #[error("the volume label {0:?} is not 1 to {MAX_LABEL} letters, digits, _ or -")]
    Label(String),
    /// The name of a file of a new image.
    #[error("the file name {0:?} is not 1 to {MAX_NAME} letters, digits, _ , - or ., or only dots")]
    Name(String),
    /// Two names of a new image that are one name to a reader that knows capitals only.
    #[error("the file names {0:?} and {1:?} are too much alike for ISO 9660")]
    Alike(String, String),
    /// More files than there may be.
    #[error("more than {MAX_FILES} files")]
    Files,
    /// More bytes than there may be, of all files together.
    #[error("more than {} MiB of files", MAX_BYTES >> 20)]
    Bytes,
    /// Not an image at all.
    #[error("not an ISO 9660 image: it has no primary volume descriptor")]
    NotIso,
    /// An image that points beyond its end.
    #[error("the ISO 9660 image is cut off or damaged: {0} is beyond its end")]
    Cut(&'static str),
    /// An image that cannot be as it is.
    #[error("the ISO 9660 image is damaged: {0}")]
    Damaged(&'static str),
}
