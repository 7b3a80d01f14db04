//! The small file system that a seed comes in: ISO 9660, written and read.
//!
//! In: a label and files. Out: the bytes of an image that cloud-init's NoCloud finds when a
//! machine has it as a drive, [`image()`]; and the other way round, for images that anybody
//! made, [`read()`].
//!
//! An image holds the same folder twice, and the same data once. The primary tree has names in
//! capitals and with them the real names in [Rock Ridge] fields, which Linux reads; the [Joliet]
//! tree is what Windows and macOS show. Section numbers are those of [ECMA-119], second edition,
//! which is the text of ISO 9660 for nothing.
//!
//! There is no date in an image: all of them say "not specified" (8.4.26.1, 9.1.5). A clock would
//! make each image another one. Any fixed date would be a lie, and `blkid` makes the UUID of a
//! volume from it: all seeds would share one, and a machine with two drives would have two
//! `/dev/disk/by-uuid` of the same name. Linux shows 1970 for the files.
//!
//! [ECMA-119]: https://ecma-international.org/publications-and-standards/standards/ecma-119/
//! [Joliet]: https://www.pjrc.com/docs/specs/cdrom/joliet/pg1.html
//! [Rock Ridge]: https://github.com/torvalds/linux/blob/master/fs/isofs/rock.c

mod directory;
mod error;
mod field;
mod image;
mod limit;
mod names;
mod read;
mod record;
mod susp;
mod tree;
mod volume;

pub use error::Iso9660Error;
pub use image::image;
pub use limit::{MAX_BYTES, MAX_FILES, MAX_LABEL, MAX_NAME};
pub use read::{label, read};

/// Bytes of a logical sector and of a logical block (6.1.2, 6.2.2).
const SECTOR: usize = 2048;

/// The first descriptor; the sectors before it are the system's (6.2.1).
const FIRST_DESCRIPTOR: usize = 16;

/// How every volume descriptor goes on after its type (8.1.2, 8.1.3).
const STANDARD: &[u8] = b"CD001\x01";

/// Types of volume descriptors (8.1.1).
const PRIMARY: u8 = 1;
const SUPPLEMENTARY: u8 = 2;
const TERMINATOR: u8 = 255;

/// Offsets within a volume descriptor (8.4, 8.5).
const VOLUME_IDENTIFIER: usize = 40;
const ESCAPE_SEQUENCES: usize = 88;
const ROOT_RECORD: usize = 156;

/// Bytes of a volume identifier (8.4.7).
const VOLUME_IDENTIFIER_LENGTH: usize = 32;

/// What says that a supplementary descriptor is Joliet's: UCS-2, level 1, 2 or 3.
/// <https://www.pjrc.com/docs/specs/cdrom/joliet/pg4.html>
const JOLIET: [&[u8]; 3] = [b"%/@", b"%/C", b"%/E"];

/// The bit of a directory record's flags that says: a directory (9.1.6).
const DIRECTORY: u8 = 2;
