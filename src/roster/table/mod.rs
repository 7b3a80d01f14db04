//! The roster as a table: a header, and below it rows of text, whatever file they come in.
//!
//! ```text
//!  file ─> format ─┬─> encoding ─> text ─┬─> dialect ─> delimited, record ┐
//!                  │                     └─> listed (JSON, YAML)          ├─> header ─> rows
//!                  └─> workbook (XLSX), number ───────────────────────────┘
//!  fault, foreign, error: what is wrong, and where
//! ```
//!
//! In: a file that can be read twice, and what the user says of it ([`Options`]). Out: a [`Table`],
//! an iterator over its [`Row`]s. A delimited text is read a piece at a time, however long it is;
//! the other formats are in memory as a whole.
//!
//! What instructors can rely on:
//! - White space around cells and names of columns is dropped, also no-break and full-width space,
//!   byte order marks and zero-width marks: systems and people leave them behind unseen. Inside a
//!   cell everything stays, line breaks as `\n`. A name of a column that is broken into lines
//!   becomes one line.
//! - In CSV a cell `="0042"`, as systems write it to keep Excel from making a number of it, is 0042.
//! - Rows without any text are passed over and counted; a short row ends in empty cells.
//! - Rows are numbered as Excel shows them, from 1 for the first line; entries of a list from 1.
//! - A mistake in one row does not end the reading: all of them are found.

mod delimited;
mod dialect;
mod encoding;
mod error;
mod fault;
mod foreign;
mod format;
mod header;
mod listed;
mod number;
mod record;
mod text;
mod unpacking;
mod workbook;

use std::collections::VecDeque;
use std::fmt;
use std::io::{Read, Seek};

use delimited::Delimited;
use dialect::Dialect;
pub use error::TableError;
use fault::Fault;
use format::{Format, Input};
use header::{Header, Sorted};
use text::Text;

/// What the user says of a file; what is not said is found out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A label of the WHATWG Encoding Standard, or `cp949` and the like.
    pub encoding: Option<String>,
    /// What separates the cells of a CSV file.
    pub delimiter: Option<char>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// A row.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts, from 1 for the first line of the file; in JSON and YAML the place
    /// in the list, from 1.
    pub number: usize,
    /// One for each column, without white space around it; `""` where there is nothing.
    pub cells: Vec<String>,
}

/// Cells may be passwords.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}, {} cells)", self.number, self.cells.len())
    }
}

/// A cell as it stands in the file, or why it cannot be read.
type Cell = Result<String, Fault>;

/// A row as it stands in the file.
struct Raw {
    number: usize,
    cells: Vec<Cell>,
    /// What is wrong with all of it.
    fault: Option<Fault>,
}

/// Rows as they stand in the file; an `Err` is the last item.
type Rows = Box<dyn Iterator<Item = Result<Raw, Fault>> + Send>;

/// A table that was opened: its header, and an iterator over its rows.
pub struct Table {
    name: String,
    found: String,
    unit: &'static str,
    header: Header,
    rows: Rows,
    /// The number of the row that was read last.
    last: usize,
    skipped: usize,
    ready: VecDeque<Result<Row, TableError>>,
    ended: bool,
}

/// What a file was found to be.
struct Opened {
    found: String,
    unit: &'static str,
    delimiter: Option<char>,
    rows: Rows,
}

impl Table {
    /// Opens a table; `name` is for messages, and its extension counts where the content leaves
    /// the format open.
    ///
    /// # Errors
    /// Whatever keeps the header from being read, or no row below it.
    pub fn open(
        name: &str,
        file: impl Read + Seek + Send + 'static,
        options: &Options,
    ) -> Result<Table, TableError> {
        let opened = open(name, Box::new(file), options);
        let mut opened = opened.map_err(|fault| TableError::new(name, fault))?;
        let (row, skipped) = first(&mut opened).map_err(|fault| TableError::new(name, fault))?;
        let (unit, last) = (opened.unit, row.number);
        let header = Header::new(row, opened.delimiter)
            .map_err(|(column, fault)| TableError::new(name, fault).at(unit, last, column))?;
        let mut table = Table {
            name: name.into(),
            found: opened.found,
            unit,
            header,
            rows: opened.rows,
            last,
            skipped,
            ready: VecDeque::new(),
            ended: false,
        };
        table.advance();
        if table.ready.is_empty() {
            let nameless = table.header.names.is_empty();
            let fault = if nameless { Fault::Blank } else { Fault::HeaderAlone };
            return Err(TableError::new(name, fault));
        }
        // Without a single column no row can be right.
        match table.ready.pop_front_if(|first| first.is_err()) {
            Some(Err(error)) if table.header.names.is_empty() => return Err(error),
            Some(first) => table.ready.push_front(first),
            None => {}
        }
        Ok(table)
    }

    /// Standard input as a file that can be read twice. It has no name, and goes when it is closed.
    ///
    /// # Errors
    /// Reading, or writing below the temporary folder, failed.
    #[cfg(not(target_family = "wasm"))]
    pub fn spool(mut reader: impl Read) -> std::io::Result<std::fs::File> {
        use std::io::{SeekFrom, copy};

        let mut file = tempfile::tempfile()?;
        copy(&mut reader, &mut file)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    }

    /// The file, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file was found to be: `CSV, comma, CP949` or `XLSX, sheet 학생`.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What the numbers of the rows count: `row`, or `entry` of a list.
    pub fn unit(&self) -> &'static str {
        self.unit
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header.names
    }

    /// How many empty rows were passed over so far.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Reads on until there is something to give, or nothing more to read.
    fn advance(&mut self) {
        while self.ready.is_empty() && !self.ended {
            match self.rows.next() {
                None => self.ended = true,
                Some(Ok(row)) => self.take(row),
                Some(Err(fault)) => {
                    self.ended = true;
                    let error = TableError::new(&self.name, fault);
                    self.ready.push_back(Err(error.at(self.unit, self.last + 1, None)));
                }
            }
        }
    }

    fn take(&mut self, row: Raw) {
        let number = row.number;
        self.skipped += number.saturating_sub(self.last + 1);
        self.last = number;
        match self.header.sort(row) {
            Sorted::Empty => self.skipped += 1,
            Sorted::Cells(cells) => self.ready.push_back(Ok(Row { number, cells })),
            Sorted::Wrong(mut wrong) if wrong.iter().any(|(_, fault)| fault.is_title()) => {
                wrong.retain(|(_, fault)| fault.is_title());
                let error = |(column, fault)| {
                    Err(TableError::new(&self.name, fault).at(self.unit, number, column))
                };
                self.ready.extend(wrong.into_iter().take(1).map(error));
                self.ended = true;
            }
            Sorted::Wrong(wrong) => {
                let error = |(column, fault)| {
                    Err(TableError::new(&self.name, fault).at(self.unit, number, column))
                };
                self.ready.extend(wrong.into_iter().map(error));
            }
        }
    }
}

impl Iterator for Table {
    type Item = Result<Row, TableError>;

    fn next(&mut self) -> Option<Result<Row, TableError>> {
        self.advance();
        self.ready.pop_front()
    }
}

/// The row with the header, and how many empty ones are above it.
fn first(opened: &mut Opened) -> Result<(Raw, usize), Fault> {
    for row in opened.rows.by_ref() {
        let row = row?;
        let filled = |cell: &Cell| !cell.as_ref().is_ok_and(|cell| trimmed(cell).is_empty());
        // The header of a list is made of its keys: it is there, even if there are none.
        if row.number == 0 || row.fault.is_some() || row.cells.iter().any(filled) {
            let above = row.number.saturating_sub(1);
            return Ok((row, above));
        }
    }
    Err(Fault::Blank)
}

fn open(name: &str, mut file: Input, options: &Options) -> Result<Opened, Fault> {
    if let Some(delimiter) = options.delimiter.filter(|c| matches!(c, '"' | '\n' | '\r')) {
        return Err(Fault::Delimiter(delimiter));
    }
    if !format::is_workbook(&mut file)? {
        return open_text(name, file, options);
    }
    let misplaced = |option, meant| Err(Fault::Misplaced { option, meant, found: "XLSX" });
    if options.encoding.is_some() {
        return misplaced("--encoding", "text files");
    }
    if options.delimiter.is_some() {
        return misplaced("--delimiter", "CSV files");
    }
    let (sheet, rows) = workbook::read(file, options.sheet.as_deref())?;
    Ok(Opened {
        found: format!("XLSX, sheet {sheet}"),
        unit: "row",
        delimiter: None,
        rows: Box::new(rows.map(Ok)),
    })
}

fn open_text(name: &str, mut file: Input, options: &Options) -> Result<Opened, Fault> {
    let encoding = encoding::find(&mut file, options.encoding.as_deref())?;
    let (mut text, mut start) = (Text::new(file, encoding)?, String::new());
    let mut whole = !text.more(&mut start)?;
    let format = format::of_text(name, &start)?;
    let kind = match format {
        Format::Json => "JSON",
        Format::Yaml => "YAML",
        _ => "CSV",
    };
    if options.sheet.is_some() {
        return Err(Fault::Misplaced { option: "--sheet", meant: "XLSX files", found: kind });
    }
    if format == Format::Delimited {
        let dialect = Dialect::of(&start, whole, options.delimiter);
        let found = format!("CSV, {}, {}", dialect.name(), encoding.name());
        let delimiter = Some(dialect.delimiter);
        let rows = Box::new(Delimited::new(text, start, whole, dialect));
        return Ok(Opened { found, unit: "row", delimiter, rows });
    }
    if options.delimiter.is_some() {
        return Err(Fault::Misplaced { option: "--delimiter", meant: "CSV files", found: kind });
    }
    while !whole {
        whole = !text.more(&mut start)?;
        if start.len() as u64 > listed::MOST_JSON << 20 {
            return Err(Fault::TooLarge(listed::MOST_JSON, kind));
        }
    }
    let list =
        if format == Format::Json { listed::json(&start) } else { listed::yaml(name, &start) };
    let found = format!("{kind}, {}", encoding.name());
    Ok(Opened { found, unit: "entry", delimiter: None, rows: boxed(list?) })
}

fn boxed(rows: Vec<Raw>) -> Rows {
    Box::new(rows.into_iter().map(Ok))
}

/// Columns that a roster may have.
const MOST_COLUMNS: usize = 1_000;

/// White space, and the marks that nobody sees.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// A text without white space around it.
fn trimmed(text: &str) -> &str {
    text.trim_matches(is_space)
}

#[cfg(test)]
mod tests {
    mod csv;
    mod encodings;
    mod lists;
    mod mistakes;
    mod random;
    mod support;
    mod workbooks;
}
