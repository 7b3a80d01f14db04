//! The [`Lists`] of a result in its [`Folder`].
//!
//! In: a [`Line`] for each file of a machine. Out: both files in the folder, and what changed since
//! the run before.

use std::path::Path;

use super::Change;
use super::folder::{Access, Folder, FolderError, Stream};
use super::lists::{CSV, Line, Lists, MANIFEST};

/// The lists, being written.
pub struct Manifest<'a> {
    folder: &'a Folder,
    lists: Lists<Stream>,
}

impl<'a> Manifest<'a> {
    /// Begins both lists in a folder.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn begin(folder: &'a Folder) -> Result<Manifest<'a>, FolderError> {
        let json = folder.create(MANIFEST, Access::Public)?;
        let csv = folder.create(CSV, Access::Public)?;
        let lists =
            Lists::begin(csv, json).map_err(FolderError::io("write", Path::new(MANIFEST)))?;
        Ok(Manifest { folder, lists })
    }

    /// Adds a file. Says whether the student's part of it is another than before, which only the
    /// lists tell where one file is for all students.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, line: &Line<'_>) -> Result<Change, FolderError> {
        self.lists.add(line).map_err(FolderError::io("write", Path::new(MANIFEST)))?;
        let present = self.folder.present();
        present.see(line.student);
        Ok(present.compare_sum(line.student, line.file, line.sha256))
    }

    /// Ends both lists, after the last file of the result. Files of students that are gone from the
    /// roster stay, unless `prune` is set. Says how many students are gone.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn end(self, prune: bool) -> Result<usize, FolderError> {
        let ended = self.lists.end(&self.folder.rest(prune));
        let (csv, json) = ended.map_err(FolderError::io("write", Path::new(MANIFEST)))?;
        json.end()?;
        csv.end()?;
        Ok(self.folder.present().gone().len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::handout::lists::{BYTE_ORDER_MARK, HEADER};
    use crate::payload::sha256;

    const HOSTILE: [&str; 7] = [
        "=HYPERLINK(\"http://x\";\"y\")",
        "+82 10",
        "-1",
        "@SUM(A1)",
        "＝1",
        "a,\"b\"\nc",
        "김철수",
    ];

    fn lists(place: &std::path::Path) -> (String, Value) {
        let read = |name| std::fs::read_to_string(place.join(name)).unwrap();
        (read(CSV), serde_json::from_str(&read(MANIFEST)).unwrap())
    }

    fn write(place: &std::path::Path, students: &[&str]) -> usize {
        let folder = Folder::begin(place).unwrap();
        let mut manifest = Manifest::begin(&folder).unwrap();
        for (row, student) in students.iter().enumerate() {
            let (file, sum) = (format!("machines/{row}"), sha256(student.as_bytes()));
            folder.put(&file, student.as_bytes(), Access::Public).unwrap();
            let (name, hostname) = (Some(*student), (row > 0).then_some("host"));
            let (file, sha256, bytes, row) = (&file[..], &sum[..], student.len(), row + 2);
            manifest.add(&Line { student, name, file, bytes, sha256, hostname, row }).unwrap();
        }
        let gone = manifest.end(false).unwrap();
        folder.commit().unwrap();
        gone
    }

    #[test]
    fn both_lists_say_the_same_and_no_cell_is_a_formula() {
        let room = tempfile::tempdir().unwrap();
        let place = room.path().join("class");
        assert_eq!(write(&place, &HOSTILE), 0);
        let (csv, json) = lists(&place);
        let csv = csv.strip_prefix(BYTE_ORDER_MARK).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        assert_eq!(reader.headers().unwrap(), &HEADER[..]);
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let files = json["files"].as_array().unwrap();
        assert_eq!((rows.len(), files.len()), (HOSTILE.len(), HOSTILE.len()));
        for ((row, file), student) in rows.iter().zip(files).zip(HOSTILE) {
            assert!(
                row.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])),
                "{row:?}"
            );
            for (cell, key) in [(0, "student"), (1, "name")] {
                assert_eq!(row[cell].strip_prefix('\'').unwrap_or(&row[cell]), student);
                assert_eq!(file[key], student);
            }
            assert_eq!(file["file"], row[2]);
            assert_eq!(file["bytes"], student.len());
            assert_eq!((&file["sha256"], &row[4]), (&json!(sha256(student.as_bytes())), &row[4]));
            assert_eq!(
                (file["row"].to_string(), file["sha256"].as_str().unwrap()),
                (row[6].into(), &row[4])
            );
        }
        assert_eq!((&files[0]["hostname"], &rows[0][5]), (&Value::Null, ""));
        assert_eq!((&files[1]["hostname"], &rows[1][5]), (&json!("host"), "host"));
        assert_eq!(json["others"], json!(["manifest.csv", "manifest.json"]));
        assert_eq!(json["gone"], json!([]));
    }

    #[test]
    fn those_who_are_gone_are_in_the_list_of_programs_alone() {
        let room = tempfile::tempdir().unwrap();
        let place = room.path().join("class");
        write(&place, &["kim", "lee"]);
        assert_eq!(write(&place, &["kim"]), 1);
        let (csv, json) = lists(&place);
        assert!(!csv.contains("lee"));
        assert_eq!(json["gone"], json!([{"student": "lee", "file": "machines/1"}]));
    }
}
