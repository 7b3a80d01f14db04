//! Directory records: the contents of a folder.

use super::field::{NO_RECORD_DATE, both16, both32, pad, sectors};
use super::tree::Tree;
use super::{DIRECTORY, SECTOR};

/// Where something lies: first sector, bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) sector: u32,
    pub(super) bytes: u32,
}

/// A file of the folder.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    pub(super) extent: Extent,
}

/// Identifiers of a folder itself and of its parent (6.8.2.2).
const ITSELF: &[u8] = &[0];
const PARENT: &[u8] = &[1];

/// One record (9.1).
fn record(identifier: &[u8], flags: u8, extent: Extent, beside: &[u8]) -> Vec<u8> {
    let mut record = vec![0, 0];
    record.extend(both32(extent.sector));
    record.extend(both32(extent.bytes));
    record.extend(NO_RECORD_DATE);
    record.extend([flags, 0, 0]);
    record.extend(both16(1));
    record.push(identifier.len().to_le_bytes()[0]);
    record.extend(identifier);
    // What stands beside the identifier begins, and the record ends, at an even offset (9.1.12).
    record.resize(record.len().next_multiple_of(2), 0);
    record.extend(beside);
    record.resize(record.len().next_multiple_of(2), 0);
    // 33 and a name of 128 bytes, or of 33 with up to 146 beside it: below 256.
    record[0] = record.len().to_le_bytes()[0];
    record
}

/// The folder's record in a volume descriptor (8.4.18).
pub(super) fn root(folder: Extent) -> Vec<u8> {
    record(ITSELF, DIRECTORY, folder, &[])
}

/// The contents of the folder, in the order that 9.3 asks for, in whole sectors.
pub(super) fn contents(tree: Tree, folder: Extent, entries: &[Entry<'_>]) -> Vec<u8> {
    let mut files: Vec<_> = entries.iter().map(|e| (sort_key(tree, e.name), e)).collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    let mut contents = record(ITSELF, DIRECTORY, folder, &tree.beside_folder(true));
    contents.extend(record(PARENT, DIRECTORY, folder, &tree.beside_folder(false)));
    for (_, Entry { name, extent }) in files {
        let record = record(&tree.file(name), 0, *extent, &tree.beside_file(name));
        // A record does not go on in the next sector (6.8.1.1).
        if sectors(contents.len()) < sectors(contents.len() + record.len()) {
            pad(&mut contents);
        }
        contents.extend(record);
    }
    pad(&mut contents);
    debug_assert_eq!(contents.len() % SECTOR, 0);
    contents
}

/// Identifiers are compared up to their dot, and the shorter one is filled up with what sorts
/// before every character of a name.
fn sort_key(tree: Tree, name: &str) -> Vec<u8> {
    match tree {
        Tree::Primary => tree.text(&super::tree::identifier(name)),
        Tree::Joliet => tree.text(name),
    }
}
