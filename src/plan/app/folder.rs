//! The folder of an application, read.
//!
//! In: a folder. Out: [`Code`] with its files. To leave something else behind: a line of `LEFT`. `no_folder` stands in where there are none.

use std::path::Path as FilePath;

use ignore::WalkBuilder;

use super::code::{Code, Member, is_called};
use crate::system;

/// What no machine needs: names of files and folders, `*` for any text at either end.
const LEFT: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".DS_Store",
    ".idea",
    ".vscode",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    "Thumbs.db",
    "__pycache__",
    "node_modules",
    "*.pyc",
    // pip does not read them.
    "Pipfile.lock",
    "pdm.lock",
    "poetry.lock",
    "uv.lock",
    "*.egg-info",
];

/// More is not an application that fits into user-data, in files and in bytes.
const MOST_FILES: usize = 5000;
const MOST_BYTES: u64 = 32 << 20;

impl Code {
    /// Takes the files of a folder, and those of `include`.
    pub(super) fn walk(mut self, folder: &FilePath, include: &[String]) -> Result<Code, String> {
        let wanted = include.to_vec();
        let mut walk = WalkBuilder::new(folder);
        walk.standard_filters(false).require_git(false).git_ignore(true);
        walk.filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            let left = LEFT.iter().any(|pattern| is_called(&name, pattern));
            !left && !entry.path().join("pyvenv.cfg").exists()
        });
        let mut bytes = 0;
        for entry in walk.build() {
            let entry = entry.map_err(|error| error.to_string())?;
            let kind = entry.file_type();
            if kind.is_some_and(|kind| kind.is_symlink()) {
                return Err(format!("`{}` is a link", entry.path().display()));
            }
            if kind.is_some_and(|kind| kind.is_file()) {
                bytes += self.take(folder, entry.path())?;
            }
            if self.members.len() > MOST_FILES || bytes > MOST_BYTES {
                return Err(format!("`{}` is too large for user-data", folder.display()));
            }
        }
        for name in wanted.iter().filter(|name| !name.contains("..")) {
            let path = folder.join(name);
            if !self.members.contains_key(name) && path.is_file() {
                self.take(folder, &path)?;
            }
        }
        Ok(self)
    }

    /// Takes a file, and says how large it is.
    fn take(&mut self, folder: &FilePath, path: &FilePath) -> Result<u64, String> {
        let trouble = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
        let data = std::fs::metadata(path).map_err(trouble)?;
        if data.len() > MOST_BYTES {
            return Err(format!("`{}` is too large for user-data", path.display()));
        }
        let bytes = std::fs::read(path).map_err(trouble)?;
        let below = path.strip_prefix(folder).unwrap_or(path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        self.members.insert(
            parts.join("/"),
            Member { bytes, executable: system::mode(&data) & 0o100 != 0 },
        );
        Ok(data.len())
    }
}
