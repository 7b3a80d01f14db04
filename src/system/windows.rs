//! Windows.

use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file that is not there.
///
/// # Errors
/// It is there, or the system refuses.
pub fn new_file(path: &Path, _: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// What makes a file beside another.
pub fn temporary(_: u32) -> tempfile::Builder<'static, 'static> {
    tempfile::Builder::new()
}

/// Makes a folder, and those above it.
///
/// # Errors
/// The system refuses.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).create(path)
}

/// As if it were for its user alone.
pub fn mode(_: &Metadata) -> u32 {
    0o600
}

/// Nothing: there are no modes.
///
/// # Errors
/// None.
pub fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// Would a new file in the place of this one be the same but for its content?
pub fn is_replaceable(_: &Path, there: &Metadata) -> bool {
    !there.permissions().readonly()
}

/// Do two files belong to the same account? In one folder they do.
pub fn have_one_owner(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Are they one file, by whatever names?
pub fn is_one_file(one: &Path, other: &Path) -> bool {
    same_file::is_same_file(one, other).unwrap_or_default()
}

/// What is locked while something is written into a folder: folders have no locks here, and one file
/// stands for all of them.
///
/// # Errors
/// There is no folder for temporary files.
pub fn lock_of(_: &Path) -> io::Result<File> {
    File::create(std::env::temp_dir().join("bootseed.lock"))
}
