//! What an earlier run made, as its `manifest.json` says.
//!
//! In: the file. Out: a [`List`] of files, and of the students that they are for; or why there is
//! none. Names that lead out of the folder are refused: files are removed by this list.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Seek};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::handout::lists::{FORMAT, MADE_BY};

/// Why a `manifest.json` tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It cannot be read, is not JSON, or has a form that is not known.
    #[error("it is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A name in it is not one of a file of the result.
    #[error("it is damaged: {0:?} is not a name of a file of it: {1}")]
    Name(String, &'static str),
    /// Something else made it.
    #[error("it was not made by bootseed")]
    Other,
    /// A later version made it.
    #[error("it was made by a later version of bootseed (format {0})")]
    Later(u32),
}

/// What tells whose file it is.
#[derive(Deserialize)]
struct Head {
    made_by: Option<String>,
    format: Option<u32>,
}

/// The files of a result.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List {
    files: Vec<Line>,
    others: Vec<Box<str>>,
    gone: Vec<Line>,
    /// The names of all of them.
    #[serde(skip)]
    names: BTreeSet<Box<str>>,
}

/// A file of a student.
#[derive(Debug, Deserialize)]
pub(super) struct Line {
    pub(super) student: Box<str>,
    pub(super) file: Box<str>,
    #[serde(default)]
    pub(super) sha256: Box<str>,
}

/// Why a name is not one for a file of a result.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    match name {
        _ if name.len() > 4096 => Err("it is too long"),
        _ if name.contains('\0') => Err("it holds a zero byte"),
        _ if name.starts_with(super::WORKSHOP) => Err("bootseed needs it for itself"),
        _ if name.split('/').any(|piece| matches!(piece, "" | "." | "..")) => {
            Err("it leads to another folder")
        }
        _ => Ok(()),
    }
}

impl List {
    /// Reads a `manifest.json`.
    pub(super) fn read(mut file: File) -> Result<List, ManifestError> {
        match json(&mut file)? {
            Head { made_by: Some(by), format: Some(format) } if by == MADE_BY => {
                if format > FORMAT {
                    return Err(ManifestError::Later(format));
                }
            }
            _ => return Err(ManifestError::Other),
        }
        let mut list: List = json(&mut file)?;
        // By student and file, for `sum`.
        list.files.sort_by(|a, b| (&a.student, &a.file).cmp(&(&b.student, &b.file)));
        let lines = list.lines().map(|line| line.file.clone());
        list.names = lines.chain(list.others.iter().cloned()).collect();
        match list.names.iter().find_map(|name| Some((name, check_name(name).err()?))) {
            Some((name, why)) => Err(ManifestError::Name(name.to_string(), why)),
            None => Ok(list),
        }
    }

    /// Knows also the files of another list.
    pub(super) fn extend(&mut self, other: List) {
        self.names.extend(other.names);
    }

    /// Is this a file that bootseed made?
    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The names of the files.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The files of students.
    pub(super) fn lines(&self) -> impl Iterator<Item = &Line> {
        self.files.iter().chain(&self.gone)
    }

    /// The SHA-256 that a file had for a student.
    pub(super) fn sum(&self, student: &str, file: &str) -> Option<&str> {
        let order = |line: &Line| (&*line.student, &*line.file).cmp(&(student, file));
        let place = self.files.binary_search_by(order).ok()?;
        Some(&self.files[place].sha256)
    }
}

/// What a file says as JSON; what is not asked for is passed over.
fn json<T: DeserializeOwned>(file: &mut File) -> Result<T, serde_json::Error> {
    file.rewind().map_err(<serde_json::Error as serde::de::Error>::custom)?;
    serde_json::from_reader(BufReader::with_capacity(64 << 10, &*file))
}
