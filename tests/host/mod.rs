//! What a test needs of the host it runs on. A test that cannot run here is left out, and says so;
//! where everything has to be tested (`BOOTSEED_TEST_ALL`, set by `tests/all`), it fails.

// A test program that uses this module need not use all of it. It fails by panicking.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::panic)]

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Debian's own Python, which has Debian's modules.
pub const PYTHON: &str = "/usr/bin/python3";

/// Has everything to be tested?
pub fn everything() -> bool {
    env::var_os("BOOTSEED_TEST_ALL").is_some()
}

/// Says what is not tested.
pub fn left_out(what: &str) {
    assert!(!everything(), "cannot be tested: {what}");
    // Written past the test harness, which keeps what `eprintln!` says to itself.
    let _ = writeln!(std::io::stderr(), "LEFT OUT: {what}; ./tests/all tests it");
}

/// The PATH, with the folders of the administrator's programs in it.
pub fn path() -> String {
    env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin"
}

/// Where a program is.
pub fn find(program: &str) -> Option<PathBuf> {
    let found = env::split_paths(&path()).map(|folder| folder.join(program)).find(|p| p.is_file());
    if found.is_none() {
        left_out(&format!("what needs {program}, which is not installed"));
    }
    found
}

/// Are all these programs here?
pub fn have(programs: &[&str]) -> bool {
    programs.iter().all(|program| find(program).is_some())
}

/// Are all these modules of Python here?
pub fn have_modules(modules: &[&str]) -> bool {
    let import = format!("import {}", modules.join(", "));
    let python = Command::new(PYTHON).args(["-c", &import]).stderr(Stdio::null()).status();
    let here = python.is_ok_and(|status| status.success());
    if !here {
        left_out(&format!("what needs Python with {}", modules.join(" and ")));
    }
    here
}
