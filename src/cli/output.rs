//! Where results go: standard output, or a file that appears whole or not at all.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Context;
use bootseed::destination::Artifact;

/// Mode of a result that holds a secret, and of any other.
const PRIVATE: u32 = 0o600;
const PUBLIC: u32 = 0o644;

/// Writes `text` to `file`, or to standard output. `secret` closes the file to other users.
pub(super) fn write(text: &str, file: Option<&Path>, secret: bool) -> anyhow::Result<()> {
    bytes(text.as_bytes(), file, secret)
}

fn bytes(bytes: &[u8], file: Option<&Path>, secret: bool) -> anyhow::Result<()> {
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => {
            replace(file, bytes, secret).with_context(|| format!("cannot write {}", file.display()))
        }
        None => print(bytes).context("cannot write to standard output"),
    }
}

/// Writes what a destination gave: one file to `place` or standard output, several into the folder
/// `place`.
pub(super) fn deliver(
    artifacts: &[Artifact],
    place: Option<&Path>,
    secret: bool,
) -> anyhow::Result<()> {
    let folder = match (artifacts, place) {
        ([one], Some(place)) if place.is_dir() => {
            bytes(&one.bytes, Some(&place.join(&one.name)), secret)?;
            name_left_over(artifacts, place);
            return Ok(());
        }
        ([one], place) => return bytes(&one.bytes, place, secret),
        (_, Some(folder)) if folder != Path::new("-") => folder,
        _ => {
            let names: Vec<&str> = artifacts.iter().map(|one| one.name.as_str()).collect();
            anyhow::bail!(
                "there are several files ({}): name a folder with -o DIR",
                names.join(", ")
            );
        }
    };
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for artifact in artifacts {
        bytes(&artifact.bytes, Some(&folder.join(&artifact.name)), secret)?;
    }
    name_left_over(artifacts, folder);
    Ok(())
}

/// Files, and what an earlier run may have written in the place of or beside each, when the
/// user-data was compressed and now is not, or the other way round.
const ALTERNATIVES: &[(&str, &str)] = &[
    ("user-data", "user-data.gz"),
    ("user-data.gz", "user-data"),
    ("user-data.gz", "user-data.yaml"),
    ("user-data.yaml", "user-data.gz"),
    ("run-instances.json", "user-data.gz"),
];

/// Names the files in the folder that look as if they belonged to the new ones, and do not.
fn name_left_over(artifacts: &[Artifact], folder: &Path) {
    let is_new = |name: &str| artifacts.iter().any(|one| one.name == name);
    let old = ALTERNATIVES.iter().filter(|(new, old)| is_new(new) && !is_new(old));
    for (_, old) in old.filter(|(_, old)| folder.join(old).is_file()) {
        note(&format!("note: {} is not of this run; remove it", folder.join(old).display()));
    }
}

/// A reader that has seen enough is no error.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
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
