//! Where results go: standard output, or a file that appears whole or not at all.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;

/// Mode of a result that holds a secret, and of any other.
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

/// Writes `text` to `file`, or to standard output. `secret` closes the file to other users.
pub(super) fn write(text: &str, file: Option<&Path>, secret: bool) -> anyhow::Result<()> {
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => replace(file, text.as_bytes(), secret)
            .with_context(|| format!("cannot write {}", file.display())),
        None => print(text).context("cannot write to standard output"),
    }
}

/// A reader that has seen enough is no error.
fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn replace(file: &Path, bytes: &[u8], secret: bool) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut new = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    new.write_all(bytes)?;
    let mode = if secret { PRIVATE } else { PUBLIC };
    new.as_file().set_permissions(Permissions::from_mode(mode))?;
    new.persist(file)?;
    Ok(())
}

/// Writes to standard error; nobody is told if that fails.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
}
