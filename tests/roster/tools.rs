//! Programs: bootseed itself, and those that take what it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where Debian's own Python and its modules are.
const PYTHON: &str = "/usr/bin/python3";

/// What bootseed prints when all is well.
pub(crate) fn bootseed(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    let output = command.args(arguments).stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder of its own for a test.
pub(crate) fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("roster").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// What LibreOffice Calc makes of a file: `to` is the extension, with a filter behind a colon where
/// one is needed; `from` are the options with which a CSV is read.
pub(crate) fn convert(file: &Path, from: Option<&str>, to: &str, into: &Path) -> PathBuf {
    // A profile of its own: two soffice with the same one do not run side by side.
    let profile = format!("-env:UserInstallation=file://{}/profile", into.display());
    let mut soffice = Command::new("soffice");
    soffice.arg(profile).args(["--headless", "--convert-to", to]);
    soffice.args(from.map(|options| format!("--infilter=CSV:{options}")));
    soffice.arg("--outdir").arg(into).arg(file);
    run(&mut soffice);
    let made = into.join(file.with_extension(to.split(':').next().unwrap()).file_name().unwrap());
    assert!(made.is_file(), "{soffice:?} made no {}", made.display());
    made
}

/// Runs a Python program in a folder.
pub(crate) fn python(program: &str, folder: &Path) {
    run(Command::new(PYTHON).args(["-c", program]).current_dir(folder));
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
}
