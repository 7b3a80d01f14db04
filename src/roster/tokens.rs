//! Tokens by which machines are known that tell how they are, one for each student.
//!
//! In: the `tokens.csv` of the last run, if there is one. Out: the tokens, and the next file. It is
//! written and read as `credentials.csv` is, and for the instructor alone.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::ReaderBuilder;

use super::cell::{guarded, plain};
use super::unicode::nfc;
use crate::secret::Secret;

/// What the first line of the file has.
const COLUMNS: [&str; 2] = ["student", "token"];

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// The file is something else.
    #[error(
        "tokens.csv is no list of tokens: its first line is `student,token`; delete it to have new \
         ones"
    )]
    Damaged,
    /// A line lacks something.
    #[error("tokens.csv, line {0}: a student and a token are to be there, separated by a comma")]
    Line(u64),
}

/// The tokens of a class, by student.
#[derive(Default)]
pub struct Tokens {
    known: BTreeMap<String, Secret<String>>,
}

impl Tokens {
    /// Reads a `tokens.csv`.
    ///
    /// # Errors
    /// It is none.
    pub fn read(bytes: impl AsRef<[u8]>) -> Result<Tokens, TokensError> {
        let text = str::from_utf8(bytes.as_ref()).map_err(|_| TokensError::Damaged)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = lines.headers().map_err(|_| TokensError::Damaged)?;
        if !header.iter().map(str::trim).eq(COLUMNS) {
            return Err(TokensError::Damaged);
        }
        let mut known = BTreeMap::new();
        for record in lines.records() {
            let record = record.map_err(|_| TokensError::Damaged)?;
            let line = record.position().map_or(0, csv::Position::line);
            match (record.get(0).map(plain), record.get(1).map(|cell| plain(cell.trim()))) {
                (Some(student), Some(token)) if !student.is_empty() && !token.is_empty() => {
                    known.insert(key(student), Secret::new(token.to_owned()));
                }
                _ => return Err(TokensError::Line(line)),
            }
        }
        Ok(Tokens { known })
    }

    /// Whose token it is, and the token.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Secret<String>)> {
        self.known.iter().map(|(student, token)| (student.as_str(), token))
    }

    /// The token of a student.
    pub fn get(&self, student: &str) -> Option<&Secret<String>> {
        self.known.get(&key(student))
    }

    /// Notes the token of a student.
    pub fn insert(&mut self, student: &str, token: Secret<String>) {
        self.known.insert(key(student), token);
    }

    /// Writes the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all("\u{feff}".as_bytes())?;
        let mut lines = csv::Writer::from_writer(out);
        lines.write_record(COLUMNS)?;
        for (student, token) in &self.known {
            lines.write_record([&*guarded(student), token.expose()])?;
        }
        lines.flush()
    }
}

/// The same in every form of Unicode.
fn key(student: &str) -> String {
    nfc(student)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut tokens = Tokens::default();
        for student in ["kim", "=김", "a,\"b\"\nc"] {
            tokens.insert(student, Secret::new(format!("t-{}", student.len())));
        }
        let mut bytes = Vec::new();
        tokens.write(&mut bytes).unwrap();
        let read = Tokens::read(&bytes).unwrap();
        assert!(read.iter().eq(tokens.iter()));
        assert_eq!(read.get("=\u{1100}\u{1175}\u{11b7}").unwrap().expose(), "t-4");
    }

    #[test]
    fn what_is_no_list_is_told() {
        for text in ["", "a,b\n", "student,password\na,b\n"] {
            assert!(matches!(Tokens::read(text), Err(TokensError::Damaged)), "{text}");
        }
        let error = Tokens::read("student,token\nkim,x\nlee,\n").err().unwrap();
        assert!(error.to_string().contains("line 3"), "{error}");
        assert!(!error.to_string().contains("kim"));
    }
}
