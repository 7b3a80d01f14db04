//! An error of a table, with its place.
//!
//! In: a [`Fault`] and where it is. Out: a [`TableError`] whose message says file, row, column,
//! what is wrong and what to do.

use std::fmt;

use super::fault::Fault;
use crate::source::SyntaxError;

/// Why a table, or a row of it, cannot be read. No message shows what a cell holds.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {}; {}", .0.file, .0.place(), .0.fault, .0.fault.help())]
pub struct TableError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    file: String,
    unit: &'static str,
    row: Option<usize>,
    column: Option<String>,
    fault: Fault,
}

impl TableError {
    pub(super) fn new(file: &str, fault: Fault) -> TableError {
        TableError(Box::new(Inner {
            file: file.into(),
            unit: "row",
            row: None,
            column: None,
            fault,
        }))
    }

    #[must_use]
    pub(super) fn at(
        mut self,
        unit: &'static str,
        row: usize,
        column: Option<String>,
    ) -> TableError {
        (self.0.unit, self.0.row, self.0.column) = (unit, Some(row), column);
        self
    }

    /// The file, as it was named when the table was opened.
    pub fn file(&self) -> &str {
        &self.0.file
    }

    /// The row, as [`Row::number`](super::Row::number) counts; `None` if all of the file is wrong.
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// The name of the column, or its letter in a spreadsheet where it has none.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// Could the file not be read at all, whatever is in it?
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self.0.fault, Fault::Io(_))
    }

    /// What is wrong, without the place.
    pub fn message(&self) -> String {
        self.0.fault.to_string()
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        self.0.fault.help()
    }

    /// The mistakes in a YAML file, with their places in it; none of any other.
    pub fn syntax(&self) -> &[SyntaxError] {
        if let Fault::Yaml(errors) = &self.0.fault { errors } else { &[] }
    }
}

impl Inner {
    fn place(&self) -> String {
        let row = self.row.map(|row| format!(", {} {row}", self.unit)).unwrap_or_default();
        let column = self.column.as_ref().map(|name| format!(", column `{name}`"));
        format!("{row}{}", column.unwrap_or_default())
    }
}

/// Text that says less than all of an error, for the places that have a row of their own.
impl fmt::Display for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.file, self.place())
    }
}
