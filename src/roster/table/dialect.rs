//! Which delimiter a text has.
//!
//! In: the beginning of a text. Out: the delimiter that fits the header and the rows below it,
//! outside quotes; or the one that the line `sep=;` says, with which Excel is told.

use super::record::{self, Step};

/// What is tried, the likeliest first.
const CANDIDATES: [char; 4] = [',', ';', '\t', '|'];
/// How many rows are looked at.
const ROWS: usize = 100;

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: char,
    /// How many bytes to pass over before the header.
    pub(super) skip: usize,
    /// Whether no delimiter stands in the header.
    pub(super) single: bool,
}

impl Dialect {
    /// The dialect of a text that begins with `text`; `whole` says that nothing follows it.
    pub(super) fn of(text: &str, whole: bool, wanted: Option<char>) -> Dialect {
        let (said, skip) = separator_line(text).unzip();
        let skip = skip.unwrap_or_default();
        let text = text.get(skip..).unwrap_or_default();
        let best = || {
            let fits =
                CANDIDATES.iter().rev().map(|delimiter| (fit(text, *delimiter, whole), *delimiter));
            let best = fits.max_by_key(|(fit, _)| *fit);
            best.filter(|(fit, _)| *fit > (0, 0)).map(|(_, delimiter)| delimiter)
        };
        let delimiter = wanted.or(said).or_else(best).unwrap_or(',');
        let single = counts(text, delimiter, whole).first().is_none_or(|cells| *cells < 2);
        Dialect { delimiter, skip, single }
    }

    /// The delimiter in a word.
    pub(super) fn name(self) -> String {
        match self.delimiter {
            _ if self.single => "one column".into(),
            ',' => "comma".into(),
            ';' => "semicolon".into(),
            '\t' => "tab".into(),
            other => format!("`{other}`"),
        }
    }
}

/// The delimiter of a first line `sep=;`, and the length of that line.
fn separator_line(text: &str) -> Option<(char, usize)> {
    let end = text.find(['\n', '\r'])?;
    let line = text.get(..end)?;
    let bare = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let mut rest = bare.strip_prefix("sep=")?.chars();
    let delimiter = rest.next().filter(|c| *c != '"')?;
    let line_end = if text.get(end..)?.starts_with("\r\n") { 2 } else { 1 };
    rest.next().is_none().then_some((delimiter, end + line_end))
}

/// How well a delimiter fits: the thousandths of the rows that have as many cells as the header,
/// and that number of cells. Nothing where it does not stand in the header.
fn fit(text: &str, delimiter: char, whole: bool) -> (usize, usize) {
    let counts = counts(text, delimiter, whole);
    match counts.split_first() {
        Some((header, rows)) if *header > 1 => {
            let same = rows.iter().filter(|cells| *cells == header).count();
            ((same * 1000).checked_div(rows.len()).unwrap_or(1000), *header)
        }
        _ => (0, 0),
    }
}

/// The number of cells of each of the first rows that are not empty; 0 for a row with a mistake.
fn counts(text: &str, delimiter: char, whole: bool) -> Vec<usize> {
    let (mut rest, mut counts) = (text, Vec::new());
    while counts.len() < ROWS && !rest.is_empty() {
        let length = match record::read(rest, delimiter, whole) {
            Step::More => break,
            Step::Broken { length, .. } => {
                counts.push(0);
                length
            }
            Step::Row { cells, length } => {
                if cells.iter().any(|cell| !cell.trim().is_empty()) {
                    counts.push(cells.len());
                }
                length
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    counts
}
