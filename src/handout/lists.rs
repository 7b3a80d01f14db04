//! The lists of a result: `manifest.csv` for people, `manifest.json` for programs and for the next
//! run.
//!
//! In: a [`Line`] for each file of a machine, in the order of the roster. Out: both texts, written
//! as the lines come, to wherever they go. There is no time and no secret in them: the same result has the same lists.
//!
//! `manifest.csv` begins with a byte order mark, without which Excel takes it for CP949 in Korea; a
//! cell that a spreadsheet would take for a formula begins with `'`.
//! `manifest.json` lists every file that bootseed made, and is how a later run knows them:
//!
//! ```json
//! {"made_by": "bootseed roster", "format": 1,
//!  "files": [{"student": "kim", "name": "김철수", "file": "machines/kim.yaml", "bytes": 812,
//!             "sha256": "9f86…", "hostname": "kim", "row": 2}],
//!  "others": ["index.html"],
//!  "gone": [{"student": "lee", "file": "machines/lee.yaml"}]}
//! ```

use std::io::{self, Write};

use serde::Serialize;

use crate::roster::cell::guarded;

/// What a `manifest.json` of bootseed says of itself.
pub(super) const MADE_BY: &str = "bootseed roster";
/// The form of a `manifest.json`; a program reads those up to its own.
pub(super) const FORMAT: u32 = 1;

/// The list for programs, which lists the others.
pub const MANIFEST: &str = "manifest.json";
/// The list for people.
pub const CSV: &str = "manifest.csv";

/// A file of a machine, as the lists have it.
#[derive(Debug, Clone, Serialize)]
pub struct Line<'a> {
    /// Who the machine is for: a name that nobody else on the roster has.
    pub student: &'a str,
    /// What the student is called, where the roster says that, too.
    pub name: Option<&'a str>,
    /// The file, below the folder.
    pub file: &'a str,
    /// Its size; that of the student's own part where the file is for all of them.
    pub bytes: usize,
    /// Its SHA-256, or that of the student's own part.
    pub sha256: &'a str,
    /// The name of the machine, where it is given one.
    pub hostname: Option<&'a str>,
    /// The row of the roster.
    pub row: usize,
}

/// What the list says beside the files of the roster's machines.
#[derive(Debug, Default)]
pub struct Rest {
    /// The files that are of no machine alone.
    pub others: Vec<Box<str>>,
    /// The files of students that are gone, which stay: student and file.
    pub gone: Vec<(String, String)>,
}

/// The lists, being written.
pub struct Lists<W: Write> {
    csv: csv::Writer<W>,
    json: W,
    lines: usize,
}

pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";
pub(super) const HEADER: [&str; 7] =
    ["student", "name", "file", "bytes", "sha256", "hostname", "row"];

impl<W: Write> Lists<W> {
    /// Begins both lists.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn begin(mut csv: W, mut json: W) -> io::Result<Lists<W>> {
        write!(json, "{{\"made_by\": {MADE_BY:?}, \"format\": {FORMAT},\n \"files\": [")?;
        csv.write_all(BYTE_ORDER_MARK.as_bytes())?;
        let mut lists = Lists { csv: csv::Writer::from_writer(csv), json, lines: 0 };
        lists.record(HEADER)?;
        Ok(lists)
    }

    /// Adds a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, line: &Line<'_>) -> io::Result<()> {
        let (bytes, row) = (line.bytes.to_string(), line.row.to_string());
        let (name, hostname) = (line.name.unwrap_or_default(), line.hostname.unwrap_or_default());
        self.record([line.student, name, line.file, &bytes, line.sha256, hostname, &row])?;
        self.entry(line)
    }

    /// Ends both lists, after the last file of the result, and gives back what they were written to:
    /// that of `manifest.csv` and that of `manifest.json`.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn end(mut self, rest: &Rest) -> io::Result<(W, W)> {
        self.begin_list("others")?;
        rest.others.iter().try_for_each(|name| self.entry(name))?;
        self.begin_list("gone")?;
        rest.gone.iter().try_for_each(|(student, file)| self.entry(&Gone { student, file }))?;
        self.json.write_all(b"\n ]}\n")?;
        self.csv.flush()?;
        let csv = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok((csv, self.json))
    }

    fn record(&mut self, cells: [&str; 7]) -> io::Result<()> {
        let written = self.csv.write_record(cells.map(guarded).iter().map(|cell| cell.as_bytes()));
        written.map_err(io::Error::from)
    }

    fn begin_list(&mut self, name: &str) -> io::Result<()> {
        self.lines = 0;
        write!(self.json, "\n ],\n {name:?}: [")
    }

    fn entry(&mut self, entry: &impl Serialize) -> io::Result<()> {
        let before: &[u8] = if self.lines == 0 { b"\n  " } else { b",\n  " };
        self.lines += 1;
        self.json.write_all(before)?;
        serde_json::to_writer(&mut self.json, entry).map_err(io::Error::from)
    }
}

/// A file of a student that is gone.
#[derive(Serialize)]
struct Gone<'a> {
    student: &'a str,
    file: &'a str,
}
