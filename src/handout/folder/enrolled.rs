//! Who has a machine in a result, as its `manifest.json` says.
//!
//! In: the folder of a class. Out: every student who is on the roster, once, in its order.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;

use super::list::ManifestError;
use super::{FolderError, MANIFEST};
use crate::handout::lists::{FORMAT, MADE_BY};

/// A student of a class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Enrolled {
    /// What the student is known by, unique in the class.
    pub student: String,
    /// The student's name, where the roster has one beside that.
    #[serde(default)]
    pub name: Option<String>,
    /// The host name of the machine.
    #[serde(default)]
    pub hostname: Option<String>,
}

#[derive(Deserialize)]
struct List {
    made_by: Option<String>,
    format: Option<u32>,
    #[serde(default)]
    files: Vec<Enrolled>,
}

/// The students of the class whose folder this is.
///
/// # Errors
/// It is no folder of a class, or cannot be read.
pub fn enrolled(folder: &Path) -> Result<Vec<Enrolled>, FolderError> {
    let path = folder.join(MANIFEST);
    let file = File::open(&path).map_err(FolderError::io("read", &path))?;
    let mut all = read(BufReader::new(file)).map_err(|why| FolderError::Manifest { path, why })?;
    // Some destinations have several files for a machine, one behind the other.
    all.dedup_by(|one, before| one.student == before.student);
    Ok(all)
}

fn read(reader: impl std::io::Read) -> Result<Vec<Enrolled>, ManifestError> {
    let list: List = serde_json::from_reader(reader)?;
    match (list.made_by.as_deref(), list.format) {
        (Some(MADE_BY), Some(format)) if format > FORMAT => Err(ManifestError::Later(format)),
        (Some(MADE_BY), Some(_)) => Ok(list.files),
        _ => Err(ManifestError::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_with_two_files_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let text = "{\"made_by\": \"bootseed roster\", \"format\": 1, \"files\": [
            {\"student\": \"kim\", \"name\": \"김철수\", \"file\": \"machines/kim/user-data\", \"row\": 2},
            {\"student\": \"kim\", \"name\": \"김철수\", \"file\": \"machines/kim/meta-data\", \"row\": 2},
            {\"student\": \"lee\", \"name\": null, \"hostname\": \"lab\", \"file\": \"machines/lee\"}]}";
        std::fs::write(folder.path().join(MANIFEST), text).unwrap();
        let found = enrolled(folder.path()).unwrap();
        let shown: Vec<_> = found.iter().map(|one| (&*one.student, one.name.as_deref())).collect();
        assert_eq!(shown, [("kim", Some("김철수")), ("lee", None)]);
        assert_eq!(found[1].hostname.as_deref(), Some("lab"));
    }

    #[test]
    fn what_is_no_class_is_told() {
        let folder = tempfile::tempdir().unwrap();
        assert!(enrolled(folder.path()).unwrap_err().to_string().contains("cannot read"));
        for (text, words) in [("{}", "was not made by bootseed"), ("[", "damaged")] {
            std::fs::write(folder.path().join(MANIFEST), text).unwrap();
            let error = enrolled(folder.path()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
