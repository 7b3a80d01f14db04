//! Directory records as they are read: from any bytes, and never beyond them.

use super::{Iso9660Error, SECTOR};

/// A directory record (9.1).
#[derive(Clone, Copy)]
pub(super) struct Record<'a>(&'a [u8]);

impl<'a> Record<'a> {
    pub(super) fn flags(self) -> u8 {
        self.0[25]
    }

    /// Where the identifier ends; [`record`] has seen that it is within the record.
    fn end_of_identifier(self) -> usize {
        33 + usize::from(self.0[32])
    }

    pub(super) fn identifier(self) -> &'a [u8] {
        &self.0[33..self.end_of_identifier()]
    }

    /// What stands beside the identifier, from an even offset on.
    pub(super) fn beside(self) -> &'a [u8] {
        self.0.get(self.end_of_identifier().next_multiple_of(2)..).unwrap_or_default()
    }

    /// The bytes of the file or folder. Extended attributes, in blocks, come before them (9.1.2).
    pub(super) fn extent(self, image: &'a [u8]) -> Result<&'a [u8], Iso9660Error> {
        let length = number(self.0, 10);
        let first = number(self.0, 2).saturating_add(usize::from(self.0[1]));
        if length == 0 {
            return Ok(&[]);
        }
        bytes(image, first.saturating_mul(SECTOR), length, "a file or folder")
    }
}

/// A 32-bit number in little-endian order, at an offset that has been checked.
pub(super) fn number(data: &[u8], at: usize) -> usize {
    data[at..at + 4].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

pub(super) fn bytes<'a>(
    data: &'a [u8],
    at: usize,
    length: usize,
    what: &'static str,
) -> Result<&'a [u8], Iso9660Error> {
    let end = at.checked_add(length).ok_or(Iso9660Error::Cut(what))?;
    data.get(at..end).ok_or(Iso9660Error::Cut(what))
}

/// The record at an offset.
pub(super) fn record(data: &[u8], at: usize) -> Result<Record<'_>, Iso9660Error> {
    let length = data.get(at).copied().unwrap_or_default();
    let record = Record(bytes(data, at, usize::from(length), "a directory record")?);
    if record.0.len() < 34 || record.end_of_identifier() > record.0.len() {
        return Err(Iso9660Error::Damaged("a directory record is too short"));
    }
    Ok(record)
}

/// The records of a folder, without its own and its parent's, which are the first two; `most`
/// at most.
pub(super) fn records(folder: &[u8], most: usize) -> Result<Vec<Record<'_>>, Iso9660Error> {
    let mut records = Vec::new();
    for sector in folder.chunks(SECTOR) {
        let mut at = 0;
        while sector.get(at).is_some_and(|length| *length != 0) && records.len() < most + 2 {
            let record = record(sector, at)?;
            at += record.0.len();
            records.push(record);
        }
    }
    records.drain(..records.len().min(2));
    Ok(records)
}
