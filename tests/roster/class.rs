//! A class as an instructor has it: a folder with a roster and a parameter file.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) const SPEC: &str = "\
timezone: Asia/Seoul
hostname: lab-{{ student.id }}
users:
  - name: kim
web:
  index: |
    <h1>{{ student.name }}</h1>
    {{ message }} {{ student.group | default(\"none\") }}
";

pub(crate) const ROSTER: &str = "\
id,name,group,conda.environments[0].name
s1,김철수,A,web
s2,이영희,,data
s3,O'Brien \"$(x)\" {{ student.id }},B,web
";

/// A folder with a roster and a parameter file.
pub(crate) struct Class {
    pub(crate) folder: tempfile::TempDir,
}

impl Class {
    pub(crate) fn new(roster: &str, spec: &str) -> Class {
        let class = Class { folder: tempfile::tempdir().unwrap() };
        class.write("students.csv", roster.as_bytes());
        class.write("class.yaml", spec.as_bytes());
        class
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
        command.arg("roster").args(arguments).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a run says that ends with this code.
    pub(crate) fn ends(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{said}");
        said
    }

    pub(crate) fn make(&self) -> String {
        self.ends(0, &["students.csv", "class.yaml", "-o", "out"])
    }
}

/// Every file below a folder with its bytes.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(one).into_iter().flatten() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().display().to_string();
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    found
}

/// Number and time of a file: they stay when it is not written.
pub(crate) fn identity(path: &Path) -> (u64, i64, i64) {
    let about = fs::metadata(path).unwrap();
    (about.ino(), about.mtime(), about.mtime_nsec())
}
