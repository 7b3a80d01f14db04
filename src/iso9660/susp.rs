//! Rock Ridge: fields beside a directory record that tell Linux the real name and mode.
//!
//! A field is two letters, its length, its version, and data: the System Use Sharing Protocol
//! (IEEE P1281, SUSP) has `SP`, `ER` and `CE`, the Rock Ridge Interchange Protocol (IEEE P1282,
//! RRIP) has `PX` and `NM`. <https://github.com/torvalds/linux/blob/master/fs/isofs/rock.h>

use super::field::both32;

/// A file, read by root only: user-data holds secrets.
pub(super) const FILE_MODE: u32 = 0o100_400;

/// The folder.
pub(super) const FOLDER_MODE: u32 = 0o040_555;

/// What `SP` holds, before the bytes to skip (SUSP 5.3).
pub(super) const MAGIC: [u8; 2] = [0xbe, 0xef];

/// The extension that the other fields belong to, as version 1.10 of RRIP spells it (4.3). Linux
/// looks at the identifier only.
const EXTENSION: &str = "RRIP_1991A";
const DESCRIPTION: &str =
    "THE ROCK RIDGE INTERCHANGE PROTOCOL PROVIDES SUPPORT FOR POSIX FILE SYSTEM SEMANTICS";

fn field(letters: &[u8; 2], data: &[u8]) -> Vec<u8> {
    // A name is the longest field, of at most 64 bytes, and the description has 84.
    let length = u8::try_from(data.len() + 4).unwrap_or(u8::MAX);
    [letters, &[length, 1][..], data].concat()
}

/// `SP`: there are such fields, from the first byte on.
pub(super) fn start() -> Vec<u8> {
    field(b"SP", &[MAGIC[0], MAGIC[1], 0])
}

/// `ER`: what the fields are (SUSP 5.5); without the address to write to for the document.
pub(super) fn rock_ridge() -> Vec<u8> {
    let lengths = [EXTENSION.len(), DESCRIPTION.len(), 0, 1].map(|n| n.to_le_bytes()[0]);
    field(b"ER", &[&lengths[..], EXTENSION.as_bytes(), DESCRIPTION.as_bytes()].concat())
}

/// `PX`: mode and links; owner and group are root (RRIP 4.1.1).
pub(super) fn posix(mode: u32, links: u32) -> Vec<u8> {
    field(b"PX", &[mode, links, 0, 0].map(both32).concat())
}

/// `NM`: the name (RRIP 4.1.4).
pub(super) fn name(name: &str) -> Vec<u8> {
    field(b"NM", &[&[0], name.as_bytes()].concat())
}
