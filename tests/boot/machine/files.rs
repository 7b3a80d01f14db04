//! Files, names and scripts: where what the tests build is kept.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Suite;

/// The folder of the scripts, above that of this file.
pub(super) fn scripts() -> PathBuf {
    // `file!` is relative to the package, or absolute: `join` takes both.
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join(Path::new(file!()));
    here.parent().and_then(Path::parent).expect("a file is in a folder").to_owned()
}

/// Where built root file systems and repositories are kept between runs: without `..` and links,
/// which `systemctl --root` trips over.
pub(super) fn cache() -> PathBuf {
    let folder = match std::env::var_os("BOOTSEED_TEST_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("target/boot-cache"),
    };
    fs::create_dir_all(&folder).expect("a folder for what is built");
    fs::canonicalize(folder).expect("it was just made")
}

pub(super) fn machines_folder() -> PathBuf {
    let folder = cache().join("machines");
    fs::create_dir_all(&folder).expect("a folder for machines");
    folder
}

/// The unpacked root file system that machines of a suite share and do not change.
/// It is unpacked once for each version of it.
pub(super) fn base_tree(suite: Suite) -> PathBuf {
    static TREES: [OnceLock<PathBuf>; Suite::ALL.len()] =
        [const { OnceLock::new() }; Suite::ALL.len()];
    TREES[suite as usize].get_or_init(|| unpacked(suite)).clone()
}

fn unpacked(suite: Suite) -> PathBuf {
    let tar = PathBuf::from(run_script("rootfs", &[&suite.to_string()]).trim());
    let version = read_lossy(&tar.with_extension("stamp"));
    let prefix = format!("tree-{suite}-");
    let tree = machines_folder().join(format!("{prefix}{}", &version[..12]));

    let lock = OpenOptions::new()
        .create(true)
        .append(true)
        .open(machines_folder().join(format!("{suite}.lock")))
        .expect("a lock file");
    lock.lock().expect("the lock is had");
    if !tree.is_dir() {
        for entry in fs::read_dir(machines_folder()).expect("it can be listed").flatten() {
            if entry.file_name().to_string_lossy().starts_with(&prefix) {
                fs::remove_dir_all(entry.path()).expect("an old version goes");
            }
        }
        let half = machines_folder().join(format!("{prefix}half"));
        fs::create_dir_all(&half).expect("a folder for the tree");
        must_run(Command::new("tar").arg("-xf").arg(&tar).arg("-C").arg(&half));
        fs::rename(&half, &tree).expect("the tree gets its name");
    }
    tree
}

pub(super) fn run_script(name: &str, arguments: &[&str]) -> String {
    let output = Command::new(scripts().join(name))
        .args(arguments)
        .env("BOOTSEED_TEST_CACHE", cache())
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("tests/boot/{name}: {error}"));
    assert!(
        output.status.success(),
        "tests/boot/{name}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(super) fn must_run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{errors}", output.status);
}

/// A name that no other test program and no other machine of this one has.
pub(super) fn unique_name() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("bootseed-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A machine's name for `systemd-nspawn`: at most 64 characters, no underscores.
pub(super) fn host_name(name: &str) -> String {
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    name.trim_end_matches('-').to_owned()
}

pub(super) fn read_lossy(path: &Path) -> String {
    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().expect("paths of the tests are text")
}
