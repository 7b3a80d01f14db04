//! A class that the tests make results for, in two versions, and what a complete result is.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use bootseed::handout::{Access, Change, Changes, Folder, FolderError, Line, Manifest};
use bootseed::payload::sha256;
use serde_json::Value;

/// A run for a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    /// Content of every third machine, of the page and of the passwords.
    pub(crate) version: usize,
    /// Numbers of the students: these many, beginning at twice the version.
    pub(crate) students: usize,
    pub(crate) prune: bool,
}

/// Tells another process what to run, and where.
const CHILD: &str = "BOOTSEED_TEST_CLASS";
const PLACE: &str = "BOOTSEED_TEST_PLACE";

impl Class {
    pub(crate) fn new(version: usize, students: usize) -> Class {
        Class { version, students, prune: false }
    }

    pub(crate) fn pruned(self) -> Class {
        Class { prune: true, ..self }
    }

    /// What this process has been started for.
    pub(crate) fn of_child() -> Option<Class> {
        let words = std::env::var(CHILD).ok()?;
        let numbers: Vec<usize> = words.split(' ').map(|word| word.parse().unwrap()).collect();
        Some(Class { version: numbers[0], students: numbers[1], prune: numbers[2] == 1 })
    }

    pub(crate) fn run_as_child(self) -> ExitCode {
        match self.run(Path::new(&std::env::var_os(PLACE).unwrap())) {
            Ok(changes) => {
                eprintln!("{changes}");
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        }
    }

    /// A command that runs this in another process; `program` stands before it.
    pub(crate) fn command(self, place: &Path, program: &[&str]) -> Command {
        let own = std::env::current_exe().unwrap();
        let mut words = program.to_vec();
        words.push(own.to_str().unwrap());
        let mut command = Command::new(words[0]);
        let Class { version, students, prune } = self;
        command.args(&words[1..]).env(PLACE, place);
        command.env(CHILD, format!("{version} {students} {}", usize::from(prune)));
        command
    }

    fn students(self) -> impl Iterator<Item = usize> {
        (0..self.students).map(move |number| number + 2 * self.version)
    }

    /// The files of a student: every fifth has two in a folder.
    pub(crate) fn files(self, number: usize) -> Vec<(String, String)> {
        let version = if number.is_multiple_of(3) { self.version } else { 0 };
        let text = format!("student {number}, version {version}\n{}", "x".repeat(number * 400));
        if number.is_multiple_of(5) {
            let folder = format!("machines/s{number}");
            vec![
                (format!("{folder}/user-data"), text),
                (format!("{folder}/meta-data"), "m\n".into()),
            ]
        } else {
            vec![(format!("machines/s{number}.yaml"), text)]
        }
    }

    fn passwords(self) -> String {
        format!("student,password\nkim,{}\n", self.version)
    }

    fn page(self) -> String {
        format!("<p>{}</p>\n", self.version)
    }

    /// Makes the result, as `bootseed roster` does.
    pub(crate) fn run(self, place: &Path) -> Result<Changes, FolderError> {
        let folder = Folder::begin(place)?;
        let mut manifest = Manifest::begin(&folder)?;
        let mut changes = Changes::default();
        for number in self.students() {
            let student = format!("s{number}");
            let mut of_machine: Option<Change> = None;
            for (file, text) in self.files(number) {
                let change = folder.put(&file, text.as_bytes(), Access::Public)?;
                let (bytes, sha256) = (text.len(), sha256(text.as_bytes()));
                let (student, hostname) = (&student[..], Some(&student[..]));
                let (file, name, row) = (&file[..], None, number);
                let line = Line { student, name, file, bytes, sha256: &sha256, hostname, row };
                manifest.add(&line)?;
                of_machine = Some(of_machine.map_or(change, |before| before.and(change)));
            }
            changes.add(of_machine.unwrap());
        }
        let mut page = folder.create("index.html", Access::Public)?;
        page.write_all(self.page().as_bytes()).unwrap();
        page.end()?;
        folder.put("credentials.csv", self.passwords().as_bytes(), Access::Private)?;
        folder.put("launch.sh", b"#!/bin/sh\n", Access::Program)?;
        changes.gone = manifest.end(self.prune)?;
        folder.commit()?;
        Ok(changes)
    }

    /// Fails unless the place holds exactly what this run makes. Files of students that are gone may
    /// be there, as far as the list says so.
    pub(crate) fn check(self, place: &Path) {
        let mut expected: BTreeMap<String, String> =
            self.students().flat_map(|number| self.files(number)).collect();
        expected.insert("index.html".into(), self.page());
        expected.insert("credentials.csv".into(), self.passwords());
        expected.insert("launch.sh".into(), "#!/bin/sh\n".into());
        let list = list(place);
        for (name, text) in &expected {
            let found = fs::read_to_string(place.join(name));
            assert!(found.is_ok_and(|found| found == *text), "{self:?}: {name}");
        }
        expected.insert("manifest.json".into(), String::new());
        expected.insert("manifest.csv".into(), String::new());
        assert!(expected.keys().eq(&list.ours), "{self:?}: {:?}", list.ours);
        for name in &list.gone {
            assert!(place.join(name).is_file(), "{self:?}: {name}");
        }
        for (name, mode) in
            [("index.html", 0o644), ("credentials.csv", 0o600), ("launch.sh", 0o755)]
        {
            let found = fs::metadata(place.join(name)).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode, "{name}");
        }
    }
}

/// What a `manifest.json` lists, in order.
pub(crate) struct List {
    pub(crate) ours: Vec<String>,
    pub(crate) gone: Vec<String>,
}

/// Reads the list, and compares what it says of each file with the file.
pub(crate) fn list(place: &Path) -> List {
    let text = fs::read_to_string(place.join("manifest.json")).unwrap();
    let list: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&list["made_by"], &list["format"]), (&"bootseed roster".into(), &1.into()));
    let name = |entry: &Value| entry["file"].as_str().unwrap().to_string();
    let mut ours: Vec<String> = Vec::new();
    for entry in list["files"].as_array().unwrap() {
        let bytes = fs::read(place.join(name(entry))).unwrap();
        assert_eq!(entry["sha256"], sha256(&bytes), "{}", name(entry));
        assert_eq!(entry["bytes"], bytes.len(), "{}", name(entry));
        ours.push(name(entry));
    }
    ours.extend(list["others"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().into()));
    ours.sort();
    List { ours, gone: list["gone"].as_array().unwrap().iter().map(name).collect() }
}

/// What others put into a result, and where: below a folder of bootseed too.
pub(crate) const FOREIGN: [&str; 6] = [
    "notes.txt",
    "main.tf",
    ".terraform/providers/lock",
    "machines/who.md",
    "machines/s5/by-hand/list",
    "machines/z/empty-one",
];

/// Puts it there.
pub(crate) fn add_foreign(place: &Path) {
    for name in FOREIGN {
        let path = place.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("this is {name}\n")).unwrap();
    }
    fs::create_dir(place.join("empty")).unwrap();
    std::os::unix::fs::symlink("notes.txt", place.join("link")).unwrap();
}

/// Fails unless all of it is there.
pub(crate) fn check_foreign(place: &Path) {
    for name in FOREIGN {
        let text = fs::read_to_string(place.join(name));
        assert!(text.is_ok_and(|text| text == format!("this is {name}\n")), "{name}");
    }
    assert!(place.join("empty").is_dir());
    assert_eq!(fs::read_link(place.join("link")).unwrap(), Path::new("notes.txt"));
}

/// Every file and empty folder below a folder, with its inode, mode and time.
pub(crate) fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (u64, u32, i64, i64)> {
    let (mut folders, mut found) = (vec![folder.to_path_buf()], BTreeMap::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let of = fs::symlink_metadata(&path).unwrap();
            if of.is_dir() && fs::read_dir(&path).unwrap().next().is_some() {
                folders.push(path);
                continue;
            }
            found.insert(path, (of.ino(), of.mode(), of.mtime(), of.mtime_nsec()));
        }
    }
    found
}

/// A new folder that goes at the end of a test, and a place in it that is not there yet.
pub(crate) fn room() -> (tempfile::TempDir, PathBuf) {
    let room = tempfile::tempdir().unwrap();
    let place = room.path().join("class");
    (room, place)
}

/// Fails if anything but the place is in the room.
pub(crate) fn check_room(room: &Path) {
    let names: Vec<_> =
        fs::read_dir(room).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["class"]);
    assert!(!room.join("class/.bootseed").exists());
}
