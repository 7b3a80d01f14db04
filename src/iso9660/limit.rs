//! What an image may hold: far more than any seed does, and little enough to be simple and safe.

use super::Iso9660Error;
use super::tree::identifier;

/// Files of an image that is written. One that is read may have four times as many entries.
pub const MAX_FILES: usize = 64;

/// Bytes of all files together.
pub const MAX_BYTES: usize = 64 << 20;

/// Characters of a label: what fits Joliet's 32 bytes.
pub const MAX_LABEL: usize = 16;

/// Characters of a file name, as Joliet has it.
/// <https://www.pjrc.com/docs/specs/cdrom/joliet/pg3.html>
pub const MAX_NAME: usize = 64;

/// Refuses what an image cannot be made of.
pub(super) fn check(label: &str, files: &[(&str, &[u8])]) -> Result<(), Iso9660Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !(1..=MAX_LABEL).contains(&label.len()) || !label.chars().all(plain) {
        return Err(Iso9660Error::Label(label.into()));
    }
    if files.len() > MAX_FILES {
        return Err(Iso9660Error::Files);
    }
    let bytes = files.iter().fold(0usize, |sum, (_, content)| sum.saturating_add(content.len()));
    if bytes > MAX_BYTES {
        return Err(Iso9660Error::Bytes);
    }
    for (i, (name, _)) in files.iter().enumerate() {
        let good = name.chars().all(|c| plain(c) || c == '.') && name.contains(plain);
        if name.len() > MAX_NAME || !good {
            return Err(Iso9660Error::Name((*name).into()));
        }
        if let Some((other, _)) = files[..i].iter().find(|f| identifier(f.0) == identifier(name)) {
            return Err(Iso9660Error::Alike((*other).into(), (*name).into()));
        }
    }
    Ok(())
}
