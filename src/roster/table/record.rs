//! One row of a delimited text.
//!
//! In: text that begins with a row, the delimiter, and whether it is all the text there is. Out: a
//! [`Step`]. This is RFC 4180 with three liberties: any line end will do, also inside quotes, where
//! it becomes `\n`; blanks may stand around a quoted cell; and a quote that is not the first
//! character of a cell is an ordinary one. The crate `csv` would take a row with a stray quote as
//! it comes, and passes over empty lines without counting them.

use super::{fault::Fault, is_space};

/// What was read.
#[derive(Debug)]
pub(super) enum Step {
    /// A row, and its length in bytes with the line end.
    Row { cells: Vec<String>, length: usize },
    /// A row that ends in a mistake: the cells before it, and where the next line begins.
    Broken { before: usize, fault: Fault, length: usize },
    /// The text may go on, and how decides what this is.
    More,
}

/// What follows a cell.
enum After {
    Cell,
    Row,
}

/// Reads the first row of `text`; `whole` says that nothing follows the text.
pub(super) fn read(text: &str, delimiter: char, whole: bool) -> Step {
    let mut cursor = Cursor { text, at: 0, delimiter, whole };
    let mut cells = Vec::new();
    loop {
        let start = cursor.at;
        match cursor.cell() {
            Err(Stop::More) => return Step::More,
            Err(Stop::Fault(fault)) => {
                let Some(length) = next_line(text, start, whole) else { return Step::More };
                return Step::Broken { before: cells.len(), fault, length };
            }
            Ok((cell, after)) => {
                cells.push(cell);
                if matches!(after, After::Row) {
                    return Step::Row { cells, length: cursor.at };
                }
            }
        }
    }
}

/// Why a cell could not be read.
enum Stop {
    More,
    Fault(Fault),
}

struct Cursor<'t> {
    text: &'t str,
    at: usize,
    delimiter: char,
    whole: bool,
}

impl<'t> Cursor<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn cell(&mut self) -> Result<(String, After), Stop> {
        let start = self.at;
        self.blanks();
        if self.rest().starts_with('"') {
            self.at += 1;
            let cell = self.quoted()?;
            self.blanks();
            return self.after().map(|after| (cell, after));
        }
        if self.rest().is_empty() && !self.whole {
            return Err(Stop::More);
        }
        self.at = start;
        let rest = self.rest();
        let end = rest.find([self.delimiter, '\n', '\r']).unwrap_or(rest.len());
        self.at += end;
        let cell = rest.get(..end).unwrap_or_default().to_owned();
        self.after().map(|after| (cell, after))
    }

    /// White space that is no delimiter and ends no line.
    fn blanks(&mut self) {
        let blank = |c: char| c != self.delimiter && !matches!(c, '\n' | '\r') && is_space(c);
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(blank).len();
    }

    /// The cell behind an opening quote.
    fn quoted(&mut self) -> Result<String, Stop> {
        let mut cell = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find('"') else {
                return Err(if self.whole { Stop::Fault(Fault::QuoteOpen) } else { Stop::More });
            };
            cell.push_str(rest.get(..end).unwrap_or_default());
            self.at += end + 1;
            match self.rest().chars().next() {
                Some('"') => {
                    cell.push('"');
                    self.at += 1;
                }
                None if !self.whole => return Err(Stop::More),
                _ if cell.contains('\r') => {
                    return Ok(cell.replace("\r\n", "\n").replace('\r', "\n"));
                }
                _ => return Ok(cell),
            }
        }
    }

    /// Steps over the delimiter or the line end.
    fn after(&mut self) -> Result<After, Stop> {
        match self.rest().chars().next() {
            Some(c) if c == self.delimiter => {
                self.at += c.len_utf8();
                Ok(After::Cell)
            }
            Some('\n' | '\r') => {
                self.at = next_line(self.text, self.at, self.whole).ok_or(Stop::More)?;
                Ok(After::Row)
            }
            Some(_) => Err(Stop::Fault(Fault::QuoteFollowed)),
            None if self.whole => Ok(After::Row),
            None => Err(Stop::More),
        }
    }
}

/// Where the line after the one that holds byte `at` begins; `None` if that is not here yet.
pub(super) fn next_line(text: &str, at: usize, whole: bool) -> Option<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let Some(end) = rest.find(['\n', '\r']) else { return whole.then_some(text.len()) };
    match rest.get(end..).unwrap_or_default() {
        "\r" if !whole => None,
        line_end if line_end.starts_with("\r\n") => Some(at + end + 2),
        _ => Some(at + end + 1),
    }
}

/// The cell that seems to have swallowed rows because of a stray quote, and how many lines it runs
/// over. Every line in its middle would make a full row, and so would what stands before and
/// behind it. With three delimiters there or more, no address in two or three lines is taken for
/// one.
pub(super) fn swallowed(
    cells: &[String],
    delimiter: char,
    columns: usize,
) -> Option<(usize, usize)> {
    let full = columns.checked_sub(1)?;
    let count = |line: &str| line.matches(delimiter).count();
    let suspect = |(at, cell): &(usize, &String)| {
        let lines: Vec<usize> = cell.split('\n').map(count).collect();
        let [first, middle @ .., last] = &lines[..] else { return false };
        middle.iter().sum::<usize>() >= 3
            && middle.iter().all(|delimiters| *delimiters == full)
            && first + at == full
            && last + (cells.len() - 1 - at) <= full
    };
    let found = cells.iter().enumerate().filter(|(_, cell)| cell.contains('\n')).find(suspect);
    found.map(|(at, cell)| (at, cell.split('\n').count()))
}
