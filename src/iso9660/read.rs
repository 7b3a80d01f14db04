//! Reads the files of an image that anybody made: genisoimage, xorriso, hdiutil, a cloud.
//!
//! Any bytes may come in. What is looked at is bounded: entries, depth, bytes that come out. Names
//! are as the image has them: whoever makes files of them checks them first.

use std::collections::VecDeque;

use super::limit::{MAX_BYTES, MAX_FILES};
use super::names::Names;
use super::record::{Record, bytes, record, records};
use super::{
    DIRECTORY, ESCAPE_SEQUENCES, FIRST_DESCRIPTOR, Iso9660Error, JOLIET, PRIMARY, ROOT_RECORD,
    SECTOR, STANDARD, SUPPLEMENTARY, TERMINATOR, VOLUME_IDENTIFIER, VOLUME_IDENTIFIER_LENGTH,
};

/// Entries of all folders together.
const MAX_ENTRIES: usize = 4 * MAX_FILES;

/// Folders within folders (6.8.2.1).
const MAX_DEPTH: usize = 8;

/// Descriptors before the terminator.
const MAX_DESCRIPTORS: usize = 32;

/// The bit of a record's flags that says: the file goes on in the next record (9.1.6). That is how
/// files of more than 4 GiB are stored.
const MULTI_EXTENT: u8 = 0x80;

/// The volume label, blanks at its end removed.
///
/// # Errors
///
/// These bytes are no ISO 9660 image.
pub fn label(image: &[u8]) -> Result<String, Iso9660Error> {
    let (primary, _) = descriptors(image)?;
    let label = bytes(primary, VOLUME_IDENTIFIER, VOLUME_IDENTIFIER_LENGTH, "the label")?;
    Ok(String::from_utf8_lossy(label).trim_end_matches([' ', '\0']).to_string())
}

/// All files, each with its path below the top folder, in the order of the image. The names are
/// those that Linux would show: Rock Ridge's if there are any, else Joliet's, else small letters.
///
/// # Errors
///
/// These bytes are no ISO 9660 image, or one that is damaged or holds too much.
pub fn read(image: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Iso9660Error> {
    let (primary, joliet) = descriptors(image)?;
    let root = record(primary, ROOT_RECORD)?;
    match (Names::rock_ridge(root.extent(image)?), joliet) {
        (Some(rock_ridge), _) => walk(image, root, rock_ridge),
        (None, Some(joliet)) => walk(image, record(joliet, ROOT_RECORD)?, Names::Joliet),
        (None, None) => walk(image, root, Names::Plain),
    }
}

fn walk(
    image: &[u8],
    root: Record<'_>,
    names: Names,
) -> Result<Vec<(String, Vec<u8>)>, Iso9660Error> {
    let mut files = Vec::new();
    let mut folders = VecDeque::from([(String::new(), root, 1)]);
    let (mut entries, mut total) = (0, 0);
    while let Some((prefix, folder, depth)) = folders.pop_front() {
        for entry in records(folder.extent(image)?, MAX_ENTRIES + 1)? {
            entries += 1;
            if entries > MAX_ENTRIES {
                return Err(Iso9660Error::Files);
            }
            let path = format!("{prefix}{}", names.of(image, &entry));
            if entry.flags() & DIRECTORY != 0 {
                if depth >= MAX_DEPTH {
                    return Err(Iso9660Error::Damaged("folders within folders without an end"));
                }
                folders.push_back((path + "/", entry, depth + 1));
                continue;
            }
            if entry.flags() & MULTI_EXTENT != 0 {
                return Err(Iso9660Error::Bytes);
            }
            let content = entry.extent(image)?;
            total += content.len();
            if total > MAX_BYTES {
                return Err(Iso9660Error::Bytes);
            }
            files.push((path, content.to_vec()));
        }
    }
    Ok(files)
}

/// The primary descriptor, and Joliet's.
fn descriptors(image: &[u8]) -> Result<(&[u8], Option<&[u8]>), Iso9660Error> {
    let sectors = image.chunks_exact(SECTOR).skip(FIRST_DESCRIPTOR).take(MAX_DESCRIPTORS);
    let (mut primary, mut joliet) = (None, None);
    for descriptor in sectors.take_while(|d| d[1..].starts_with(STANDARD) && d[0] != TERMINATOR) {
        let wide = JOLIET.iter().any(|escape| descriptor[ESCAPE_SEQUENCES..].starts_with(escape));
        match descriptor[0] {
            PRIMARY => primary = primary.or(Some(descriptor)),
            SUPPLEMENTARY if wide => joliet = joliet.or(Some(descriptor)),
            _ => {}
        }
    }
    Ok((primary.ok_or(Iso9660Error::NotIso)?, joliet))
}

#[cfg(test)]
mod tests {
    use super::super::image;
    use super::*;

    #[test]
    fn what_is_no_image_is_refused() {
        for length in [0, 1, 16 * SECTOR, 17 * SECTOR - 1, 20 * SECTOR] {
            assert_eq!(read(&vec![0; length]), Err(Iso9660Error::NotIso));
        }
    }

    #[test]
    fn an_image_cut_anywhere_or_with_any_byte_changed_is_no_trouble() {
        let good = image("cidata", &[("user-data", b"#cloud-config"), ("b", &[1; 3000])]).unwrap();
        for length in 0..good.len() {
            let _ = read(&good[..length]);
        }
        let mut bad = good.clone();
        for at in 16 * SECTOR..good.len() {
            for value in [0, 1, 0x7f, 0xff, good[at] ^ 2] {
                bad[at] = value;
                let _ = read(&bad);
                let _ = label(&bad);
            }
            bad[at] = good[at];
        }
    }

    #[test]
    fn a_folder_within_itself_has_an_end() {
        let mut image = image("cidata", &[("user-data", b"")]).unwrap();
        // The record of user-data, third in the primary folder, becomes one of the folder itself.
        let folder = 23 * SECTOR;
        let third = folder + usize::from(image[folder]);
        let third = third + usize::from(image[third]);
        image.copy_within(folder + 2..folder + 18, third + 2);
        image[third + 25] = DIRECTORY;
        assert!(matches!(read(&image), Err(Iso9660Error::Damaged(_))));
    }
}
