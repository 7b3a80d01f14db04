//! What can be wrong with a table, in words.
//!
//! In: what was found while reading. Out: what is wrong (`Display`) and what to do about it
//! ([`Fault::help`]). No message shows what a cell holds: it may be a password.

use std::io;

use calamine::XlsxError;
use thiserror::Error;

use super::foreign::Foreign;
use crate::source::SyntaxError;

/// What is wrong, without the place.
#[derive(Debug, Error)]
pub(super) enum Fault {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("there is nothing in it but empty rows")]
    Blank,
    #[error("there is a header and no row below it")]
    HeaderAlone,
    #[error("{}", .0.what())]
    Foreign(Foreign),
    #[error("there is a NUL at byte {byte} (line {line}): this is not text")]
    Binary { byte: u64, line: usize },
    #[error("`{option}` is for {meant}, and this is {found}")]
    Misplaced { option: &'static str, meant: &'static str, found: &'static str },
    #[error("{0:?} cannot separate cells")]
    Delimiter(char),

    #[error("no encoding is called `{label}`")]
    UnknownEncoding { label: String, nearest: Option<&'static str> },
    #[error("byte {byte} (0x{value:02X}, line {line}) is not {encoding}")]
    Undecodable { encoding: &'static str, byte: u64, value: u8, line: usize },
    #[error(
        "byte {byte} (0x{value:02X}, line {line}) is not UTF-8, and read as CP949 there is no \
         common Korean character"
    )]
    OtherEncoding { byte: u64, value: u8, line: usize },
    #[error("it begins with the byte order mark of {found}, and `--encoding` says {wanted}")]
    Contradiction { found: &'static str, wanted: &'static str },

    #[error("the quote that begins this cell is never closed")]
    QuoteOpen,
    #[error("there is text behind the closing quote of this cell")]
    QuoteFollowed,
    #[error("this cell runs over {lines} lines that look like rows: a quote is stray or missing")]
    Swallowed { lines: usize },
    #[error("the row is longer than {} bytes", super::delimited::LONGEST_ROW)]
    LongRow,
    #[error("there is {} in this cell", control_name(*.0))]
    Control(char),

    #[error("columns {} and {} have the same name", letter(*.first), letter(*.second))]
    DuplicateColumn { first: usize, second: usize },
    #[error("this column has no name in the header, and here a cell is not empty")]
    Nameless { title: bool },
    #[error("the row has {cells} cells, and the header {columns}")]
    TooManyCells { cells: usize, columns: usize, title: bool, delimiter: Option<char> },

    #[error("there is no sheet `{wanted}`; there {}", sheets(.all))]
    NoSheet { wanted: String, nearest: Option<String>, all: Vec<String> },
    #[error("there is something in column {}, and a roster has 1,000 columns at most", letter(*.column))]
    TooWide { column: usize },
    #[error("there is no sheet in it")]
    NoSheets,
    #[error("the sheet `{sheet}` is empty; there {}", sheets(.all))]
    EmptySheet { sheet: String, all: Vec<String> },
    #[error("the file cannot be read as XLSX: {0}")]
    Workbook(#[from] XlsxError),
    #[error("the workbook unpacks to more than {0} MiB")]
    Unpacks(u64),
    #[error("the file cannot be read as XLSX: it says that it has more texts than it can hold")]
    TooManyStrings,
    #[error("the cell shows the error {0}")]
    CellError(String),
    #[error("the formula of this cell was never calculated")]
    Uncalculated,
    #[error("a number of more than 15 digits, the last of which Excel has lost")]
    LostDigits,

    #[error("{message} (line {line}, column {column} of the file)")]
    Json { message: String, line: usize, column: usize },
    #[error("this is no YAML that can be read: {}", syntax(.0))]
    Yaml(Vec<SyntaxError>),
    #[error("the file is larger than {0} MiB, too large for a roster in {1}")]
    TooLarge(u64, &'static str),
    #[error("a list with one map for each student is expected, not {0}")]
    NotAList(&'static str),
    #[error("a map from columns to cells is expected, not {0}")]
    NotAMap(&'static str),
    #[error("{0} is not a cell")]
    Nested(&'static str),
    #[error("this column stands twice in the same entry")]
    DuplicateKey,
}

impl Fault {
    /// What to do about it.
    pub(super) fn help(&self) -> String {
        match self {
            Fault::Io(error) => io_help(error.kind()).into(),
            Fault::Foreign(foreign) => foreign.help().into(),
            Fault::Misplaced { option, .. } => format!("leave out `{option}`"),
            Fault::UnknownEncoding { nearest: Some(near), .. } => format!("is `{near}` meant?"),
            Fault::Contradiction { .. } => "leave out `--encoding`".into(),
            Fault::NoSheet { nearest: Some(near), .. } => format!("is `--sheet '{near}'` meant?"),
            Fault::Nameless { title: true } | Fault::TooManyCells { title: true, .. } => {
                "is the first row a title? Remove it: the first row names the columns".into()
            }
            Fault::TooManyCells { delimiter: Some(delimiter), .. } => {
                format!("put a cell that holds {} in double quotes", delimiter_name(*delimiter))
            }
            other => other.standing_help().into(),
        }
    }

    /// Does it come from a title that stands where the names of the columns should be? Then all rows
    /// have it.
    pub(super) fn is_title(&self) -> bool {
        matches!(self, Fault::Nameless { title: true } | Fault::TooManyCells { title: true, .. })
    }

    /// The helps in which nothing varies.
    fn standing_help(&self) -> &'static str {
        match self {
            Fault::Empty | Fault::Blank | Fault::HeaderAlone => {
                "a roster has a row with the names of the columns, and a row for each student below"
            }
            Fault::Binary { .. } => {
                "save the table as XLSX or CSV; for UTF-16 without a byte order mark, say \
                 `--encoding utf-16le`"
            }
            Fault::Delimiter(_) => "say `--delimiter` with `,`, `;`, a tab or another sign",
            Fault::UnknownEncoding { .. } => {
                "known are utf-8, utf-16, cp949, windows-1252, shift_jis, gb18030, big5 and the \
                 other labels of the WHATWG Encoding Standard"
            }
            Fault::Undecodable { .. } => {
                "name the encoding that it has with `--encoding`, or save it in Excel as `CSV UTF-8`"
            }
            Fault::OtherEncoding { .. } => {
                "save it in Excel as `CSV UTF-8`, or name its encoding, as in `--encoding \
                 windows-1252`"
            }
            Fault::QuoteOpen | Fault::Swallowed { .. } => {
                "close the quote or remove it; a quote inside a quoted cell is written twice"
            }
            Fault::QuoteFollowed => {
                "a quote inside a quoted cell is written twice, and a delimiter or the end of the \
                 line follows the closing one"
            }
            Fault::LongRow => "is this the right file?",
            Fault::Control(_) => "remove it: no editor shows it",
            Fault::DuplicateColumn { .. } => "rename one of the two, or remove it",
            Fault::Nameless { .. } => "give the column a name, or empty it",
            Fault::TooManyCells { .. } => "empty what stands to the right of the last column",
            Fault::TooWide { .. } => "empty the cells far to the right: select the columns, delete",
            Fault::NoSheet { .. } | Fault::EmptySheet { .. } => "say which with `--sheet`",
            Fault::Unpacks(_) => "is this the right file? Save the list alone as XLSX or CSV",
            Fault::CellError(_) => "mend its formula, or type the value in",
            Fault::Uncalculated => "open the file in Excel or LibreOffice Calc and save it there",
            Fault::LostDigits => "format the column as text and type the number in again",
            Fault::TooLarge(..) => "save it as CSV, which may be as large as it likes",
            Fault::Nested(_) => "a cell is text, a number, true, false or nothing",
            Fault::DuplicateKey => "remove one of the two",
            Fault::NotAList(_) | Fault::NotAMap(_) => {
                "write [{\"id\": \"1\", \"name\": \"…\"}, …] in JSON, or `- {id: 1, name: …}` \
                 for each student in YAML"
            }
            _ => "is this the right file? Save it as XLSX or CSV",
        }
    }
}

fn io_help(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::IsADirectory => "name the file with the roster",
        io::ErrorKind::NotSeekable => "pipe it in, with `-` for the name of the file",
        _ => "is it a file that you may read?",
    }
}

/// The letter of a column in a spreadsheet: `A` for 0, `AA` for 26.
pub(super) fn letter(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or_default());
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letter(more - 1)),
    }
}

/// A delimiter in a word.
pub(super) fn delimiter_name(delimiter: char) -> String {
    match delimiter {
        ',' => "a comma".into(),
        ';' => "a semicolon".into(),
        '\t' => "a tab".into(),
        other => format!("a `{other}`"),
    }
}

fn control_name(character: char) -> String {
    match character {
        '\0' => "a NUL".into(),
        '\u{1B}' => "an escape character (U+001B)".into(),
        '\u{FFFD}' => "U+FFFD, which stands for a character that was lost".into(),
        other => format!("the control character U+{:04X}", u32::from(other)),
    }
}

fn sheets(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|name| format!("`{name}`")).collect();
    match &all[..] {
        [one] => format!("is {one}"),
        many => format!("are {}", many.join(", ")),
    }
}

fn syntax(errors: &[SyntaxError]) -> String {
    let line = |error: &SyntaxError| format!("{}: {}", error.span.position(), error.message);
    errors.iter().map(line).collect::<Vec<_>>().join("; ")
}
