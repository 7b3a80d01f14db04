//! The lists of a result: `manifest.csv` for people, `manifest.json` for programs and for the next
//! run.
//!
//! In: a [`Line`] for each file of a machine, in the order of the roster. Out: both files, written
//! as the lines come. There is no time and no secret in them: the same result has the same lists.
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

use super::Change;
use super::folder::{Access, FORMAT, Folder, FolderError, MADE_BY, MANIFEST, Rest, Stream};
use crate::roster::cell::guarded;

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

/// The lists, being written.
pub struct Manifest<'a> {
    folder: &'a Folder,
    csv: csv::Writer<Stream>,
    json: Stream,
    lines: usize,
}

const CSV: &str = "manifest.csv";
const BYTE_ORDER_MARK: &str = "\u{feff}";
const HEADER: [&str; 7] = ["student", "name", "file", "bytes", "sha256", "hostname", "row"];

impl<'a> Manifest<'a> {
    /// Begins both lists in a folder.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn begin(folder: &'a Folder) -> Result<Manifest<'a>, FolderError> {
        let mut json = folder.create(MANIFEST, Access::Public)?;
        let mut csv = folder.create(CSV, Access::Public)?;
        let head = format!("{{\"made_by\": {MADE_BY:?}, \"format\": {FORMAT},\n \"files\": [");
        json.write_all(head.as_bytes()).map_err(json.error())?;
        csv.write_all(BYTE_ORDER_MARK.as_bytes()).map_err(csv.error())?;
        let mut manifest = Manifest { folder, csv: csv::Writer::from_writer(csv), json, lines: 0 };
        manifest.record(HEADER)?;
        Ok(manifest)
    }

    /// Adds a file. Says whether the student's part of it is another than before, which only the
    /// lists tell where one file is for all students.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn add(&mut self, line: &Line<'_>) -> Result<Change, FolderError> {
        let (bytes, row) = (line.bytes.to_string(), line.row.to_string());
        let (name, hostname) = (line.name.unwrap_or_default(), line.hostname.unwrap_or_default());
        self.record([line.student, name, line.file, &bytes, line.sha256, hostname, &row])?;
        self.entry(line)?;
        let present = self.folder.present();
        present.see(line.student);
        Ok(present.compare_sum(line.student, line.file, line.sha256))
    }

    /// Ends both lists, after the last file of the result. Files of students that are gone from the
    /// roster stay, unless `prune` is set. Says how many students are gone.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn end(mut self, prune: bool) -> Result<usize, FolderError> {
        let Rest { others, gone } = self.folder.rest(prune);
        self.begin_list("others")?;
        others.iter().try_for_each(|name| self.entry(name))?;
        self.begin_list("gone")?;
        gone.iter().try_for_each(|(student, file)| self.entry(&Gone { student, file }))?;
        self.json.write_all(b"\n ]}\n").map_err(self.json.error())?;
        self.json.end()?;
        self.csv.flush().map_err(self.csv.get_ref().error())?;
        let csv = self.csv.into_inner().map_err(|error| FolderError::Io {
            doing: "write",
            path: CSV.into(),
            source: error.into_error(),
        });
        csv?.end()?;
        Ok(self.folder.present().gone().len())
    }

    fn record(&mut self, cells: [&str; 7]) -> Result<(), FolderError> {
        let written = self.csv.write_record(cells.map(guarded).iter().map(|cell| cell.as_bytes()));
        written.map_err(io::Error::from).map_err(self.csv.get_ref().error())
    }

    fn begin_list(&mut self, name: &str) -> Result<(), FolderError> {
        self.lines = 0;
        let written = write!(self.json, "\n ],\n {name:?}: [");
        written.map_err(self.json.error())
    }

    fn entry(&mut self, entry: &impl Serialize) -> Result<(), FolderError> {
        let before: &[u8] = if self.lines == 0 { b"\n  " } else { b",\n  " };
        self.lines += 1;
        let written = self.json.write_all(before);
        written
            .and_then(|()| serde_json::to_writer(&mut self.json, entry).map_err(io::Error::from))
            .map_err(self.json.error())
    }
}

/// A file of a student that is gone.
#[derive(Serialize)]
struct Gone<'a> {
    student: &'a str,
    file: &'a str,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
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
