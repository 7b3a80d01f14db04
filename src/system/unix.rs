//! Unix.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Makes a file that is not there, with this mode less the umask.
///
/// # Errors
/// It is there, or the system refuses.
pub fn new_file(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// What makes a file beside another, with this mode less the umask.
pub fn temporary(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.permissions(Permissions::from_mode(mode));
    builder
}

/// Makes a folder for its user alone, and those above it.
///
/// # Errors
/// The system refuses.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Who may do what with a file, in twelve bits.
pub fn mode(there: &Metadata) -> u32 {
    there.mode() & 0o7777
}

/// Says who may do what with a file.
///
/// # Errors
/// The system refuses.
pub fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))
}

/// Would a new file in the place of this one be the same but for its content?
pub fn is_replaceable(path: &Path, there: &Metadata) -> bool {
    there.nlink() == 1 && !has_attributes(path)
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

/// Do two files belong to the same account and group?
pub fn have_one_owner(one: &Metadata, other: &Metadata) -> bool {
    (one.uid(), one.gid()) == (other.uid(), other.gid())
}

/// Are they one file, by whatever names?
pub fn is_one_file(one: &Path, other: &Path) -> bool {
    // Without opening them: one may be a pipe.
    let of = |path: &Path| path.metadata().map(|found| (found.dev(), found.ino()));
    matches!((of(one), of(other)), (Ok(one), Ok(other)) if one == other)
}

/// What is locked while something is written into a folder.
///
/// # Errors
/// The folder cannot be opened.
pub fn lock_of(folder: &Path) -> io::Result<File> {
    File::open(folder)
}
