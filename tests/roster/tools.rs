//! Programs: bootseed itself, and those that take what it makes.

use std::env;
use std::io::Write;
use std::process::{Command, Stdio};

/// Has everything to be tested?
pub(crate) fn all() -> bool {
    env::var_os("BOOTSEED_TEST_ALL").is_some()
}

/// Says that something is not tested. Not `eprintln!`, which is shown for a failed test only.
pub(crate) fn left_out(what: &str) {
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}; ./tests/all tests it");
}

/// Are all these programs here? `what` is left out otherwise.
pub(crate) fn have(what: &str, programs: &[&str]) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let here = |name: &str| env::split_paths(&path).any(|folder| folder.join(name).is_file());
    let lacking: Vec<&&str> = programs.iter().filter(|name| !here(name)).collect();
    assert!(lacking.is_empty() || !all(), "not installed: {lacking:?}");
    if !lacking.is_empty() {
        left_out(what);
    }
    lacking.is_empty()
}

/// What bootseed prints when all is well.
pub(crate) fn bootseed(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}
