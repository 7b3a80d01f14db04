//! The files of a call: those that are named, and those in folders that are user-data.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use bootseed::inspect::{self, Inspection, Kind};

/// A file to look at.
pub(super) struct File {
    pub(super) path: PathBuf,
    /// Its name in messages.
    pub(super) name: String,
}

impl File {
    fn new(path: &Path) -> File {
        let stdin = path == Path::new("-");
        let name = if stdin { "<stdin>".into() } else { path.display().to_string() };
        File { path: path.to_owned(), name }
    }
}

/// Files of a folder that are larger are no user-data.
const LARGEST: u64 = 1 << 20;

/// Endings of files that are not looked into.
const OTHERS: &[&str] =
    &["md", "rs", "py", "html", "css", "js", "lock", "svg", "png", "jpg", "pdf"];

pub(super) fn named(paths: &[PathBuf]) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = files.len();
            let walk = ignore::WalkBuilder::new(path).sort_by_file_path(Path::cmp).build();
            for entry in walk {
                let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
                if entry.file_type().is_some_and(|kind| kind.is_file())
                    && is_user_data(entry.path())
                {
                    files.push(File::new(entry.path()));
                }
            }
            if files.len() == before {
                anyhow::bail!("in {} there is no file that is user-data", path.display());
            }
        } else {
            files.push(File::new(path));
        }
    }
    Ok(files)
}

fn is_user_data(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let small = fs::metadata(path).is_ok_and(|data| data.len() <= LARGEST);
    if OTHERS.contains(&ending) || !small {
        return false;
    }
    let Ok(bytes) = fs::read(path) else { return false };
    let known = |found: &Inspection| {
        found.parts.iter().any(|part| !matches!(part.kind, Kind::Unknown | Kind::Script))
    };
    let found = inspect::inspect(&bytes);
    let misspelt = |text: &str| {
        text.lines().next().is_some_and(|line| {
            line.starts_with('#') && line.contains("cloud") && line.contains("config")
        })
    };
    known(&found)
        || found.machines.iter().any(known)
        || std::str::from_utf8(&bytes).is_ok_and(misspelt)
}
