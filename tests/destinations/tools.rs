//! Programs: bootseed itself, and those that take what it makes.
//!
//! In: the name of a program. Out: how to run it, or a word that it is left out. Python programs
//! come from a venv below `target`, made when it is first needed; `requirements.txt` has their
//! versions.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::host::{everything, left_out};

pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The folder of the Python programs, or `None` where `what` is left out.
pub(crate) fn python_programs(what: &str) -> Option<PathBuf> {
    if !everything() {
        left_out(what);
        return None;
    }
    let folder = target().join("python");
    let wanted = fs::read_to_string(Path::new(ROOT).join("tests/destinations/requirements.txt"));
    let (wanted, stamp) = (wanted.unwrap(), folder.join("stamp"));
    let lock = OpenOptions::new().create(true).append(true).open(target().join("python.lock"));
    let lock = lock.unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&stamp).unwrap_or_default() != wanted {
        let _ = fs::remove_dir_all(&folder);
        succeeds(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(&folder));
        let mut pip = Command::new(folder.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "-r"]);
        succeeds(pip.arg(Path::new(ROOT).join("tests/destinations/requirements.txt")));
        fs::write(&stamp, wanted).unwrap();
    }
    Some(folder.join("bin"))
}

/// Where things are kept from one run to the next.
pub(crate) fn target() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("destinations");
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn bootseed(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(arguments);
    command
}

/// What a command prints when all is well.
pub(crate) fn succeeds(command: &mut Command) -> Vec<u8> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    output.stdout
}

/// What a command prints when it ends with this code.
pub(crate) fn fails(command: &mut Command, code: i32) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{}", said(&output));
    said(&output)
}

pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// A parameter file in a folder.
pub(crate) fn spec(folder: &Path, text: &str) -> String {
    let file = folder.join("machine.yaml");
    fs::write(&file, text).unwrap();
    file.display().to_string()
}

/// What `bootseed render` prints for a parameter file.
pub(crate) fn render(spec: &str, arguments: &[&str]) -> Vec<u8> {
    succeeds(bootseed(&["render", spec]).args(arguments))
}

/// What `bootseed inspect --json` says.
pub(crate) fn inspect(file: &Path) -> serde_json::Value {
    let output = bootseed(&["inspect", "--json"]).arg(file).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)))
}
