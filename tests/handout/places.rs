//! Where a result may be, where not, and where it is harder than usual.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use bootseed::handout::{Folder, Present};

use crate::Test;
use crate::class::{Class, add_foreign, check_foreign, check_room, room, snapshot};
use crate::host::{have, left_out};

pub(crate) const TESTS: &[Test] = &[
    ("places_that_are_refused", refused),
    ("a_symbolic_link_is_followed", link),
    ("an_empty_folder_is_taken", empty),
    ("files_of_others_are_not_replaced", in_the_way),
    ("a_manifest_that_leads_elsewhere_is_refused", bad_manifest),
    ("the_parent_may_not_be_written", parent_not_writable),
    ("a_full_disk", full_disk),
    ("a_read_only_disk", read_only_disk),
    ("a_file_system_without_locks", without_locks),
    ("a_relative_place", relative),
];

/// Is this root, so that mounts can be made?
fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        left_out("mounts and other users, which need root");
    }
    root
}

/// What beginning at a place says.
fn error(place: &Path) -> String {
    let error = Folder::begin(place).map(|_| ()).unwrap_err().to_string();
    let check = Present::open(place).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, check);
    error
}

fn refused() {
    let (room, place) = room();
    let path = |name: &str| room.path().join(name);
    fs::write(path("file"), "").unwrap();
    symlink("nowhere", path("dangling")).unwrap();
    symlink("file", path("to-file")).unwrap();
    for (name, manifest) in [
        ("notes", None),
        ("extension", Some("{\"name\": \"x\", \"files\": [1]}")),
        ("later", Some("{\"made_by\": \"bootseed roster\", \"format\": 2}")),
        ("cut", Some("{\"made_by\": \"bootseed roster\", \"for")),
        ("empty", Some("")),
    ] {
        fs::create_dir(path(name)).unwrap();
        let (file, text) = manifest.map_or(("notes.txt", "x"), |text| ("manifest.json", text));
        fs::write(path(name).join(file), text).unwrap();
    }
    let before = snapshot(room.path());
    for (name, expected) in [
        ("file", "is not a folder"),
        ("to-file", "is not a folder"),
        ("dangling", "is not a folder"),
        ("no/such", "no does not exist; make it first"),
        ("file/x", "file/x: Not a directory"),
        ("no/..", "does not exist"),
        ("notes", "notes is not empty and was not made by bootseed"),
        ("extension", "manifest.json does not tell which files bootseed made: it was not made by"),
        ("later", "it was made by a later version of bootseed (format 2)"),
        ("cut", "it is damaged: EOF"),
        ("empty", "it is damaged: EOF"),
    ] {
        let error = error(&path(name));
        assert!(error.contains(expected), "{name}: {error}");
    }
    assert!(error(Path::new("/")).starts_with("/ is not empty and was not made by bootseed"));
    assert!(error(Path::new("")).contains("does not exist"));
    assert_eq!(snapshot(room.path()), before);
    assert!(!place.exists());
}

fn link() {
    let (room, place) = room();
    let real = room.path().join("disk/2026");
    fs::create_dir_all(real.parent().unwrap()).unwrap();
    Class::new(0, 5).run(&real).unwrap();
    symlink("disk/2026", &place).unwrap();
    Class::new(1, 5).run(&place).unwrap();
    assert!(fs::symlink_metadata(&place).unwrap().is_symlink());
    Class::new(1, 5).check(&real);
    assert_eq!(fs::read_dir(real.parent().unwrap()).unwrap().count(), 1);
}

fn empty() {
    let (room, place) = room();
    fs::create_dir(&place).unwrap();
    fs::set_permissions(&place, Permissions::from_mode(0o700)).unwrap();
    Class::new(0, 5).run(&place).unwrap();
    Class::new(0, 5).check(&place);
    assert_eq!(fs::metadata(&place).unwrap().mode() & 0o777, 0o700);
    check_room(room.path());
}

fn in_the_way() {
    for name in ["machines/s12.yaml", "machines/s13.yaml/x"] {
        let (room, place) = room();
        let class = Class::new(0, 12);
        class.run(&place).unwrap();
        let path = place.join(name);
        if name.ends_with("/x") {
            let _ = fs::remove_file(path.parent().unwrap());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        fs::write(&path, "mine").unwrap();
        let before = snapshot(&place);
        let error = Class::new(0, 20).run(&place).unwrap_err().to_string();
        assert!(error.contains(name.trim_end_matches("/x")), "{error}");
        assert!(error.contains("is in the way of the result and was not made by"), "{error}");
        assert_eq!(fs::read_to_string(path).unwrap(), "mine");
        assert_eq!(snapshot(&place), before);
        check_room(room.path());
    }
}

fn bad_manifest() {
    let (room, place) = room();
    let victim = room.path().join("victim");
    fs::write(&victim, "x").unwrap();
    fs::create_dir(&place).unwrap();
    for list in [
        "\"others\": [\"../victim\"]".to_string(),
        format!("\"others\": [{:?}]", victim.to_str().unwrap()),
        "\"gone\": [{\"student\": \"a\", \"file\": \"machines/../../victim\"}]".into(),
    ] {
        let text = format!("{{\"made_by\": \"bootseed roster\", \"format\": 1, {list}}}");
        fs::write(place.join("manifest.json"), text).unwrap();
        let error = error(&place);
        assert!(error.contains("it leads to another folder"), "{error}");
    }
    assert!(victim.exists());
}

/// A place that belongs to nobody, in a folder that does not, and this program where nobody can run
/// it.
fn of_nobody() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let (room, place) = room();
    fs::set_permissions(room.path(), Permissions::from_mode(0o755)).unwrap();
    let program = room.path().join("program");
    // What this process itself had open for writing might not be started yet.
    let copied = Command::new("cp").arg(std::env::current_exe().unwrap()).arg(&program).status();
    assert!(copied.unwrap().success());
    fs::create_dir(&place).unwrap();
    std::os::unix::fs::chown(&place, Some(65534), Some(65534)).unwrap();
    (room, place, program)
}

fn parent_not_writable() {
    if !is_root() {
        return;
    }
    let (room, place, program) = of_nobody();
    let run = |class: Class, place: &Path| {
        let mut command = class.command(place, &["env", program.to_str().unwrap()]);
        let run = command.uid(65534).gid(65534).current_dir("/").output().unwrap();
        String::from_utf8(run.stderr).unwrap()
    };
    assert_eq!(run(Class::new(0, 12), &place), "12 new\n");
    add_foreign(&place);
    let before = fs::metadata(&place).unwrap().ino();
    let said = run(Class::new(1, 12).pruned(), &place);
    assert_eq!(said, "2 new, 3 changed, 7 unchanged, 2 gone\n");
    Class::new(1, 12).check(&place);
    check_foreign(&place);
    assert_eq!(fs::metadata(&place).unwrap().ino(), before);
    assert!(!place.join(".bootseed").exists());
    let said = run(Class::new(1, 12), &room.path().join("other"));
    assert!(said.contains("cannot make") && said.contains("other: Permission denied"), "{said}");
    assert!(said.ends_with("; name a folder that you may write\n"), "{said}");
    // After a run of root the folder still belongs to nobody.
    Class::new(0, 12).run(&place).unwrap();
    Class::new(0, 12).check(&place);
    let after = fs::metadata(&place).unwrap();
    assert_eq!((after.ino(), after.uid()), (before, 65534));
}

/// Runs a shell in which nothing that it mounts is seen outside, and returns what it says.
fn shell(class: Class, place: &Path, script: &str) -> Option<String> {
    if !is_root() || !have(&["unshare"]) {
        return None;
    }
    let script = format!("set -e; cd \"${{PLACE%/*}}\"; {script}");
    let words = ["unshare", "--mount", "--propagation=private", "sh", "-c", &script];
    let output = class.command(place, &words).env("PLACE", place).output().unwrap();
    Some(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn full_disk() {
    let (room, place) = room();
    let script = "mount -t tmpfs -o size=100k none .; cd .; cd \"$PWD\"; \"$0\" || ls -A . 1>&2";
    let Some(said) = shell(Class::new(0, 40), &place, script) else { return };
    let error = said.strip_suffix('\n').unwrap();
    assert!(error.starts_with("cannot write ") && error.contains("No space left"), "{said}");
    assert!(error.ends_with("; make room there, or name a folder on another disk"), "{said}");
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), 0);
}

fn read_only_disk() {
    let (_room, place) = room();
    let script = "mount -t tmpfs none .; cd \"$PWD\"; \"$0\"; mount -o remount,ro .; \"$0\" || \
                  BOOTSEED_TEST_PLACE=\"$PWD/new\" \"$0\"";
    let Some(said) = shell(Class::new(0, 12), &place, script) else { return };
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((lines.len(), lines.first()), (3, Some(&"12 new")), "{said}");
    for line in &lines[1..] {
        assert!(line.starts_with("cannot make ") && line.contains("Read-only file"), "{said}");
        assert!(line.ends_with("; name a folder that you may write"), "{said}");
    }
}

/// Runs a class while the system refuses a call, as file systems do that do not know it.
fn without(call: &str, error: &str) {
    if !have(&["strace"]) {
        return;
    }
    let (room, place) = room();
    let (before, after) = (Class::new(0, 12), Class::new(1, 12));
    before.run(&place).unwrap();
    add_foreign(&place);
    let old = snapshot(&place);
    let inject = format!("inject={call}:error={error}");
    let strace = ["strace", "-qq", "-o", "/dev/null", "-e", &inject];
    for said in ["2 new, 3 changed, 7 unchanged, 2 gone\n", "12 unchanged, 2 gone\n"] {
        let run = after.command(&place, &strace).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&run.stderr), said);
        after.check(&place);
        check_foreign(&place);
        check_room(room.path());
    }
    let (path, new) = (place.join("machines/s4.yaml"), snapshot(&place));
    let time = |of: &(u64, u32, i64, i64)| (of.1, of.2, of.3);
    assert_eq!(time(&new[&path]), time(&old[&path]), "{call}: mode and time");
}

fn without_locks() {
    without("flock", "EBADF");
    without("flock", "ENOLCK");
}

fn relative() {
    let (room, place) = room();
    let run = |name: &str, folder: &Path| {
        let mut command = Class::new(0, 3).command(Path::new(name), &[]);
        let run = command.current_dir(folder).output().unwrap();
        String::from_utf8(run.stderr).unwrap()
    };
    assert_eq!(run("class/", room.path()), "3 new\n");
    assert_eq!(run("./class", room.path()), "3 unchanged\n");
    assert_eq!(run(".", &place), "3 unchanged\n");
    assert_eq!(run("../class/machines/..", &place), "3 unchanged\n");
    fs::remove_file(place.join("machines/s1.yaml")).unwrap();
    assert_eq!(run(".", &place), "1 new, 2 unchanged\n");
    assert_eq!(run("", room.path()), " does not exist; make it first, or name another folder\n");
    Class::new(0, 3).check(&place);
    check_room(room.path());
}
