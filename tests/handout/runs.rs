//! One run after another, and two at a time: what is new, changed, unchanged and gone, and that what
//! did not change is not touched.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::Stdio;

use bootseed::handout::{Access, Change, Folder, FolderError, Manifest, Present};

use crate::Test;
use crate::class::{Class, add_foreign, check_foreign, check_room, list, room, snapshot};

pub(crate) const TESTS: &[Test] = &[
    ("what_did_not_change_is_not_touched", not_touched),
    ("unchanged_files_are_the_same_files", same_files),
    ("a_secret_that_all_can_read_is_a_change", another_mode),
    ("students_that_are_gone_stay_until_they_are_pruned", gone),
    ("a_machine_with_other_files_leaves_none_behind", other_files),
    ("a_name_that_becomes_a_folder", name_becomes_folder),
    ("two_runs_at_once", two_at_once),
    ("a_second_run_says_that_there_is_a_first", says_so),
    ("a_run_that_is_given_up_leaves_what_was", given_up),
    ("mistakes_of_the_caller_are_refused", mistakes),
    ("a_check_writes_nothing", check_only),
    ("the_mode_of_the_folder_is_kept", mode_of_folder),
    ("the_umask_is_a_limit", umask),
    ("what_is_no_file_any_more_is_made_again", no_file),
];

fn not_touched() {
    let (room, place) = room();
    let class = Class::new(0, 20);
    assert_eq!(class.run(&place).unwrap().to_string(), "20 new");
    add_foreign(&place);
    let before = snapshot(room.path());
    assert_eq!(class.run(&place).unwrap().to_string(), "20 unchanged");
    assert_eq!(snapshot(room.path()), before);
    class.check(&place);
}

fn same_files() {
    let (room, place) = room();
    Class::new(0, 20).run(&place).unwrap();
    add_foreign(&place);
    let before = snapshot(&place);
    let changes = Class::new(1, 20).run(&place).unwrap();
    assert_eq!(changes.to_string(), "2 new, 6 changed, 12 unchanged, 2 gone");
    let after = snapshot(&place);
    let same = |name: &str| before[&place.join(name)] == after[&place.join(name)];
    for name in ["machines/s4.yaml", "machines/s5/user-data", "machines/s5/meta-data", "launch.sh"]
    {
        assert!(same(name), "{name}");
    }
    for name in ["machines/s0/user-data", "machines/s1.yaml", "notes.txt", "empty"] {
        assert!(same(name), "{name}: of those who are gone, or of others");
    }
    for name in ["machines/s3.yaml", "machines/s15/user-data", "index.html", "credentials.csv"] {
        assert!(!same(name), "{name}");
    }
    assert!(after.values().all(|of| of.1 & 0o170_000 != 0o100_000 || of.0 != 0));
    check_foreign(&place);
    check_room(room.path());
    assert_eq!(fs::metadata(place.join("machines/s4.yaml")).unwrap().nlink(), 1);
}

fn another_mode() {
    let (_room, place) = room();
    let class = Class::new(0, 5);
    class.run(&place).unwrap();
    let set =
        |name: &str, mode| fs::set_permissions(place.join(name), Permissions::from_mode(mode));
    set("machines/s1.yaml", 0o600).unwrap();
    set("credentials.csv", 0o644).unwrap();
    assert_eq!(class.run(&place).unwrap().to_string(), "5 unchanged");
    class.check(&place);
    let mode = fs::metadata(place.join("machines/s1.yaml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "that is the user's affair");
}

fn gone() {
    let (_room, place) = room();
    Class::new(0, 12).run(&place).unwrap();
    let second = Class::new(1, 12);
    let files = ["machines/s0/user-data", "machines/s0/meta-data", "machines/s1.yaml"];
    for _ in 0..2 {
        assert_eq!(second.run(&place).unwrap().gone, 2);
        assert_eq!(list(&place).gone, ["machines/s0/meta-data", files[0], files[2]]);
        second.check(&place);
    }
    // Of one of them, somebody has removed the file: there is nothing left to remember.
    fs::remove_file(place.join(files[2])).unwrap();
    Class::new(0, 1).run(&place).unwrap();
    assert!(!place.join(files[2]).exists());
    assert_eq!(second.pruned().run(&place).unwrap().gone, 1);
    second.check(&place);
    assert!(files.iter().all(|file| !place.join(file).exists()));
    assert!(!place.join("machines/s0").exists());
    assert_eq!(second.run(&place).unwrap().to_string(), "12 unchanged");
}

/// A result with these files of one student, `kim`.
fn small(place: &std::path::Path, files: &[&str], others: &[&str]) -> Result<usize, FolderError> {
    let folder = Folder::begin(place)?;
    let mut manifest = Manifest::begin(&folder)?;
    for file in files {
        folder.put(file, b"x", Access::Public)?;
        let line = bootseed::handout::Line {
            name: None,
            student: if file.contains("lee") { "lee" } else { "kim" },
            file,
            bytes: 1,
            sha256: "00",
            hostname: None,
            row: 2,
        };
        manifest.add(&line)?;
    }
    for other in others {
        folder.put(other, b"x", Access::Private)?;
    }
    let gone = manifest.end(false)?;
    folder.commit()?;
    Ok(gone)
}

fn other_files() {
    let (_room, place) = room();
    small(&place, &["machines/kim.json", "machines/kim.gz"], &["launch.sh", "a", "b"]).unwrap();
    assert_eq!(small(&place, &["machines/kim.json"], &[]).unwrap(), 0);
    assert!(!place.join("machines/kim.gz").exists());
    assert!(!place.join("launch.sh").exists());
    let folder = Folder::begin(&place).unwrap();
    assert!(!folder.keep("launch.sh").unwrap());
    assert!(folder.keep("manifest.csv").unwrap());
    assert!(matches!(folder.keep("manifest.csv"), Err(FolderError::Twice(_))));
}

fn name_becomes_folder() {
    let (_room, place) = room();
    small(&place, &["machines/kim", "machines/lee"], &[]).unwrap();
    small(&place, &["machines/kim/user-data"], &[]).unwrap();
    assert!(place.join("machines/kim/user-data").is_file());
    // There may be something of somebody's in a folder.
    let error = small(&place, &["machines/kim"], &[]).unwrap_err();
    assert!(error.to_string().contains("class/machines/kim is in the way"), "{error}");
    assert!(place.join("machines/kim/user-data").is_file());
}

fn two_at_once() {
    let (room, place) = room();
    let classes = [Class::new(0, 40), Class::new(1, 40)];
    for _ in 0..30 {
        let start = |class: &Class| class.command(&place, &[]).stderr(Stdio::piped()).spawn();
        let runs = classes.map(|class| start(&class).unwrap());
        let ends = runs.map(|run| run.wait_with_output().unwrap());
        let said: Vec<_> = ends.iter().map(|end| String::from_utf8_lossy(&end.stderr)).collect();
        for (end, said) in ends.iter().zip(&said).filter(|(end, _)| !end.status.success()) {
            assert!(said.starts_with("another run of bootseed writes"), "{}: {said}", end.status);
        }
        assert!(ends.iter().any(|end| end.status.success()), "{said:?}");
        let page = fs::read_to_string(place.join("index.html")).unwrap();
        classes[usize::from(page.contains('1'))].check(&place);
        check_room(room.path());
    }
}

fn says_so() {
    let (_room, place) = room();
    for _ in 0..2 {
        let first = Folder::begin(&place).unwrap();
        let error = Folder::begin(&place).unwrap_err().to_string();
        assert!(error.ends_with("class; wait until it has ended, then try again"), "{error}");
        drop(first);
        Class::new(0, 3).run(&place).unwrap();
    }
}

fn given_up() {
    let (room, place) = room();
    let folder = Folder::begin(&place).unwrap();
    folder.put("machines/kim", b"x", Access::Public).unwrap();
    drop(folder);
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), 0);
    let class = Class::new(0, 8);
    class.run(&place).unwrap();
    let before = snapshot(&place);
    let folder = Folder::begin(&place).unwrap();
    assert_eq!(folder.put("machines/s1.yaml", b"x", Access::Public).unwrap(), Change::Changed);
    drop(folder);
    assert_eq!(snapshot(&place), before);
    check_room(room.path());
}

fn mistakes() {
    let (_room, place) = room();
    Class::new(0, 8).run(&place).unwrap();
    let before = snapshot(&place);
    let names =
        ["/etc/passwd", "../x", "a/../../x", "", "a//b", "./a", ".bootseed/new", "a\0", "a/"];
    for name in names.into_iter().chain([&*"x".repeat(5000)]) {
        let folder = Folder::begin(&place).unwrap();
        let error = folder.put(name, b"x", Access::Public).unwrap_err();
        assert!(matches!(error, FolderError::Name(..)), "{name}: {error}");
    }
    assert_eq!(snapshot(&place), before);
}

fn check_only() {
    let (room, place) = room();
    assert_eq!(
        Present::open(&place).unwrap().compare("a", b"", Access::Public).unwrap(),
        Change::New
    );
    Class::new(0, 8).run(&place).unwrap();
    let before = snapshot(room.path());
    let present = Present::open(&place).unwrap();
    let text = Class::new(0, 8).files(1).remove(0).1.into_bytes();
    for (name, bytes, access, expected) in [
        ("machines/s1.yaml", &text[..], Access::Public, Change::Unchanged),
        ("machines/s1.yaml", &text[..], Access::Private, Change::Changed),
        ("machines/s1.yaml", &text[1..], Access::Public, Change::Changed),
        ("machines/other", &text[..], Access::Public, Change::New),
    ] {
        assert_eq!(present.compare(name, bytes, access).unwrap(), expected, "{name}");
    }
    assert_eq!(present.old("machines/s1.yaml").unwrap(), Some(text));
    assert_eq!(present.old("../class/index.html").unwrap(), None);
    (0..7).for_each(|number| present.see(&format!("s{number}")));
    assert_eq!(present.gone().len(), 1);
    let sum = bootseed::payload::sha256(&present.old("machines/s1.yaml").unwrap().unwrap());
    assert_eq!(present.compare_sum("s1", "machines/s1.yaml", &sum), Change::Unchanged);
    assert_eq!(present.compare_sum("s2", "machines/s1.yaml", &sum), Change::New);
    assert_eq!(present.compare_sum("s2", "machines/s2.yaml", &sum), Change::Changed);
    assert_eq!(snapshot(room.path()), before);
}

fn mode_of_folder() {
    let (_room, place) = room();
    Class::new(0, 3).run(&place).unwrap();
    let mode = || fs::metadata(&place).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(), 0o755);
    fs::set_permissions(&place, Permissions::from_mode(0o2750)).unwrap();
    Class::new(1, 3).run(&place).unwrap();
    assert_eq!(mode(), 0o2750);
}

fn umask() {
    let (_room, place) = room();
    let class = Class::new(0, 3);
    let run = |mask: &str| {
        let shell = format!("umask {mask}; exec \"$0\"");
        let status = class.command(&place, &["sh", "-c", &shell]).stderr(Stdio::null()).status();
        assert!(status.unwrap().success());
        fs::metadata(place.join("machines/s1.yaml")).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(run("077"), 0o600);
    let before = snapshot(&place);
    assert_eq!(run("077"), 0o600);
    assert_eq!(snapshot(&place), before);
    fs::remove_dir_all(&place).unwrap();
    assert_eq!(run("002"), 0o644);
    class.check(&place);
}

fn no_file() {
    let (_room, place) = room();
    let class = Class::new(0, 8);
    class.run(&place).unwrap();
    fs::remove_file(place.join("machines/s1.yaml")).unwrap();
    fs::remove_file(place.join("machines/s2.yaml")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", place.join("machines/s2.yaml")).unwrap();
    fs::remove_file(place.join("manifest.csv")).unwrap();
    assert_eq!(class.run(&place).unwrap().to_string(), "2 new, 6 unchanged");
    class.check(&place);
    assert!(fs::symlink_metadata(place.join("machines/s2.yaml")).unwrap().is_file());
}
