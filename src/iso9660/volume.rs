//! Volume descriptors and path tables: how a reader finds a tree.

use super::directory::{Extent, root};
use super::field::{NO_DATE, both16, both32, pad};
use super::tree::Tree;
use super::{JOLIET, PRIMARY, SECTOR, STANDARD, SUPPLEMENTARY, TERMINATOR};

/// Bytes of a path table that names the folder only (9.4).
const PATH_TABLE_BYTES: u32 = 10;

/// What a descriptor tells about its tree.
pub(super) struct Volume<'a> {
    pub(super) label: &'a str,
    /// Sectors of the whole image.
    pub(super) sectors: u32,
    pub(super) folder: Extent,
    /// Sector of the little-endian path table; the big-endian one follows.
    pub(super) path_tables: u32,
}

/// A primary (8.4) or supplementary (8.5) descriptor.
pub(super) fn descriptor(tree: Tree, volume: &Volume<'_>) -> Vec<u8> {
    let (kind, escape) = match tree {
        Tree::Primary => (PRIMARY, &[][..]),
        Tree::Joliet => (SUPPLEMENTARY, JOLIET[2]),
    };
    let mut d = start(kind);
    d.push(0);
    d.extend(tree.field("", 32)); // system
    d.extend(tree.field(volume.label, super::VOLUME_IDENTIFIER_LENGTH));
    d.extend([0; 8]);
    d.extend(both32(volume.sectors));
    d.extend(escape);
    d.resize(120, 0);
    d.extend([1, 1, SECTOR as u16].map(both16).concat()); // a set of one volume, this is the first
    d.extend(both32(PATH_TABLE_BYTES));
    d.extend(volume.path_tables.to_le_bytes());
    d.extend([0; 4]);
    d.extend((volume.path_tables + 1).to_be_bytes());
    d.extend([0; 4]);
    d.extend(root(volume.folder));
    // Volume set, publisher, preparer, application; files with copyright, abstract, bibliography.
    for length in [128, 128, 128, 128, 37, 37, 37] {
        d.extend(tree.field("", length));
    }
    d.extend([NO_DATE; 4].concat());
    d.push(1); // version of the structure
    pad(&mut d);
    d
}

/// The end of the descriptors (8.3).
pub(super) fn terminator() -> Vec<u8> {
    let mut d = start(TERMINATOR);
    pad(&mut d);
    d
}

fn start(kind: u8) -> Vec<u8> {
    [&[kind], STANDARD].concat()
}

/// Both path tables, one sector each: the folder, which is its own parent (9.4).
pub(super) fn path_tables(folder: Extent) -> Vec<u8> {
    let little = (folder.sector.to_le_bytes(), 1u16.to_le_bytes());
    let big = (folder.sector.to_be_bytes(), 1u16.to_be_bytes());
    let mut tables = Vec::new();
    for (sector, parent) in [little, big] {
        tables.extend([1, 0]);
        tables.extend(sector);
        tables.extend(parent);
        tables.extend([0, 0]);
        pad(&mut tables);
    }
    tables
}
