//! The rows of a delimited text, however long it is.
//!
//! In: a text that is read a piece at a time. Out: its rows as they stand there, empty ones too.
//! A row with a mistake does not end the reading: it goes on in the line below the mistake.

use std::io;

use super::{
    Raw,
    dialect::Dialect,
    fault::Fault,
    record::{self, Step, swallowed},
    text::Text,
};

/// The longest row, in bytes. Where no quote closes within it, none will.
pub(super) const LONGEST_ROW: usize = 1 << 20;

/// A delimited text.
pub(super) struct Delimited {
    text: Text,
    /// What was read of the text, and how much of it is done.
    buffer: String,
    at: usize,
    /// Whether the buffer ends with the text.
    whole: bool,
    delimiter: char,
    /// The number of the row that was read last.
    number: usize,
    /// How many columns the header has.
    columns: Option<usize>,
}

impl Delimited {
    /// The rows of a text that begins with `buffer`.
    pub(super) fn new(text: Text, buffer: String, whole: bool, dialect: Dialect) -> Delimited {
        let Dialect { delimiter, skip, .. } = dialect;
        Delimited { text, buffer, at: skip, whole, delimiter, number: 0, columns: None }
    }

    fn rest(&self) -> &str {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Reads on. A row that does not end is cut off where it is too long.
    fn more(&mut self) -> Result<Option<Raw>, Fault> {
        if self.rest().len() <= LONGEST_ROW {
            self.read_on()?;
            return Ok(None);
        }
        match record::read(self.rest(), self.delimiter, true) {
            Step::Broken { before, fault, length } if length < self.rest().len() => {
                Ok(Some(self.broken(before, fault, length)))
            }
            _ => Err(Fault::LongRow),
        }
    }

    fn read_on(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.whole = !self.text.more(&mut self.buffer)?;
        Ok(())
    }

    fn row(&mut self, cells: Vec<String>, length: usize) -> Raw {
        if self.columns.is_none() && cells.iter().any(|cell| !cell.trim().is_empty()) {
            self.columns = Some(cells.len());
        }
        let found = swallowed(&cells, self.delimiter, self.columns.unwrap_or_default());
        if let Some((before, lines)) = found {
            let line = record::next_line(self.rest(), 0, true).unwrap_or(length);
            return self.broken(before, Fault::Swallowed { lines }, line);
        }
        self.at += length;
        self.number += 1;
        Raw {
            number: self.number,
            cells: cells.into_iter().map(plain).map(Ok).collect(),
            fault: None,
        }
    }

    fn broken(&mut self, before: usize, fault: Fault, length: usize) -> Raw {
        self.at += length;
        self.number += 1;
        let mut cells: Vec<_> = (0..before).map(|_| Ok(String::new())).collect();
        cells.push(Err(fault));
        Raw { number: self.number, cells, fault: None }
    }
}

/// The text of a cell. Systems write `="0042"` to keep Excel from making a number of it.
fn plain(cell: String) -> String {
    let bare = cell.trim().strip_prefix("=\"").and_then(|cell| cell.strip_suffix('"'));
    bare.filter(|bare| !bare.contains('"')).map(str::to_owned).unwrap_or(cell)
}

impl Iterator for Delimited {
    type Item = Result<Raw, Fault>;

    fn next(&mut self) -> Option<Result<Raw, Fault>> {
        loop {
            if self.whole && self.rest().is_empty() {
                return None;
            }
            match record::read(self.rest(), self.delimiter, self.whole) {
                Step::Row { cells, length } => return Some(Ok(self.row(cells, length))),
                Step::Broken { before, fault, length } => {
                    return Some(Ok(self.broken(before, fault, length)));
                }
                Step::More => match self.more() {
                    Ok(None) => {}
                    Ok(Some(row)) => return Some(Ok(row)),
                    Err(fault) => return Some(Err(fault)),
                },
            }
        }
    }
}
