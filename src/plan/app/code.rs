//! The code of an application, from a folder on this computer.
//!
//! In: the folder. Out: [`Code`], the files that go to the machine, which packs them: the same bytes
//! from the same files. To leave something else behind: a line of `LEFT`; to ask about something
//! else: a line of `PRIVATE`.

use std::collections::BTreeMap;
use std::path::Path as FilePath;

use ignore::WalkBuilder;
use liblzma::stream::{Check, Filters, LzmaOptions, PRESET_EXTREME, Stream};
use liblzma::write::XzEncoder;

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// What no machine needs: names of files and folders, `*` for any beginning.
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
    "*.egg-info",
];

/// What may hold a secret or somebody's data.
const PRIVATE: &[&str] = &[
    ".env",
    "*.env",
    ".netrc",
    ".pgpass",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "id_rsa",
    "id_ecdsa",
    "id_ed25519",
    "credentials.json",
    "service-account.json",
    "*.db",
    "*.sqlite",
    "*.sqlite3",
];

/// More is not an application that fits into user-data, in files and in bytes.
const MOST_FILES: usize = 5000;
const MOST_BYTES: u64 = 32 << 20;

/// Every file was changed at this time, 2020-01-01, so that the same files are the same bytes. Python
/// packages cannot have files from before 1980.
const MTIME: u64 = 1_577_836_800;

/// A file.
struct Member {
    bytes: Vec<u8>,
    executable: bool,
}

/// The files of an application, by their paths with `/`.
#[derive(Default)]
pub(super) struct Code {
    members: BTreeMap<String, Member>,
}

impl Code {
    /// Reads a folder.
    pub(super) fn read(
        folder: &FilePath,
        include: &[String],
        at: &Path,
        report: &mut Report,
    ) -> Option<Code> {
        let complain = |message: String, help: &str| {
            Diagnostic::error("app-folder", message).at(&at.key("from")).help(help)
        };
        if !folder.is_dir() {
            let what =
                if folder.exists() { "it is not a folder" } else { "there is no such folder" };
            let message = format!("cannot read `{}`: {what}", folder.display());
            report.push(complain(
                message,
                "the path is relative to the folder of the parameter file",
            ));
            return None;
        }
        match Code::default().walk(folder, include) {
            Ok(code) if code.members.is_empty() => {
                let message = format!("there are no files in `{}`", folder.display());
                report.push(complain(message, "name the folder that the application is in"));
                None
            }
            Ok(code) => code.without_secrets(include, at, report),
            Err(message) => {
                report.push(complain(
                    message,
                    "name a folder with nothing but the application in it",
                ));
                None
            }
        }
    }

    fn walk(mut self, folder: &FilePath, include: &[String]) -> Result<Code, String> {
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
        self.members.insert(parts.join("/"), Member { bytes, executable: is_executable(&data) });
        Ok(data.len())
    }

    /// Itself, if nothing in it has to be asked about.
    fn without_secrets(self, include: &[String], at: &Path, report: &mut Report) -> Option<Code> {
        for (i, name) in include.iter().enumerate() {
            if !self.members.contains_key(name) {
                let message = format!("there is no file `{name}` in the folder");
                let help = "write its path from the folder of the application on";
                let at = at.key("include").index(i);
                report.push(Diagnostic::error("app-include", message).at(&at).help(help));
            }
        }
        let asked = |path: &&String| {
            let name = path.rsplit('/').next().unwrap_or(path);
            PRIVATE.iter().any(|pattern| is_called(name, pattern)) && !include.contains(path)
        };
        let found: Vec<&str> = self.members.keys().filter(asked).map(String::as_str).collect();
        if found.is_empty() {
            return Some(self);
        }
        let message = format!("may this be read by everybody on the machine? {}", found.join(", "));
        let help = format!(
            "leave it out by a line in .gitignore; or take it: include: [{}]. A secret that the \
             machine can make itself belongs into `secrets`",
            found.join(", ")
        );
        report.push(Diagnostic::error("app-private", message).at(&at.key("from")).help(help));
        None
    }

    /// Files with these texts.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Code {
        let member = |text: &str| Member { bytes: text.into(), executable: false };
        let members = files.iter().map(|(path, text)| (path.to_string(), member(text)));
        Code { members: members.collect() }
    }

    /// The paths of all files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The text of a file, if there is one with text in it. PowerShell writes UTF-16.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let bytes = &self.members.get(path)?.bytes;
        let (encoding, _) =
            encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
        let (text, _, broken) = encoding.decode(bytes);
        (!broken).then(|| text.into_owned())
    }

    /// All files as .tar.xz.
    pub(super) fn packed(&self) -> std::io::Result<Vec<u8>> {
        let mut tar = tar::Builder::new(XzEncoder::new_stream(Vec::new(), stream()?));
        for (path, member) in &self.members {
            let mut header = tar::Header::new_ustar();
            header.set_size(member.bytes.len() as u64);
            header.set_mode(if member.executable { 0o755 } else { 0o644 });
            header.set_mtime(MTIME);
            tar.append_data(&mut header, path, &member.bytes[..])?;
        }
        tar.into_inner()?.finish()
    }
}

/// xz at its best for a few files: a larger window would only cost memory.
fn stream() -> std::io::Result<Stream> {
    let mut options = LzmaOptions::new_preset(6 | PRESET_EXTREME)?;
    options.dict_size(4 << 20);
    let mut filters = Filters::new();
    filters.lzma2(&options);
    Ok(Stream::new_stream_encoder(&filters, Check::Crc32)?)
}

fn is_called(name: &str, pattern: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(ending) => name.ends_with(ending),
        None => name == pattern,
    }
}

#[cfg(unix)]
fn is_executable(data: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    data.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(files: &[(&str, &str)], include: &[&str]) -> (Option<Code>, Report) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let include: Vec<String> = include.iter().map(|name| name.to_string()).collect();
        let mut report = Report::default();
        let code = Code::read(folder.path(), &include, &Path::root().key("app"), &mut report);
        (code, report)
    }

    #[test]
    fn what_a_machine_does_not_need_stays_behind() {
        let files = [
            ("app.py", "x"),
            (".gitignore", "instance/\n"),
            ("instance/data.db", "x"),
            (".git/config", "x"),
            ("sub/__pycache__/a.pyc", "x"),
            (".venv/pyvenv.cfg", "x"),
            ("static/a.css", "x"),
        ];
        let (code, report) = code(&files, &[]);
        assert!(!report.has_errors(), "{report:?}");
        let code = code.unwrap();
        assert_eq!(code.paths().collect::<Vec<_>>(), [".gitignore", "app.py", "static/a.css"]);
    }

    #[test]
    fn secrets_are_asked_about() {
        let files = [("app.py", "x"), (".env", "x"), ("data/a.db", "x")];
        let (none, report) = code(&files, &[".env"]);
        assert!(none.is_none());
        assert!(report.iter().any(|one| one.message.ends_with("data/a.db")), "{report:?}");
        let (all, _) = code(&files, &[".env", "data/a.db"]);
        assert_eq!(all.unwrap().paths().count(), 3);
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let packed = || code(&[("b.py", "x"), ("a/c.py", "y")], &[]).0.unwrap().packed().unwrap();
        assert_eq!(packed(), packed());
    }
}
