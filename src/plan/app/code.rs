//! The code of an application, from a folder on this computer.
//!
//! In: the folder. Out: [`Code`], the files that go to the machine, which packs them: the same bytes
//! from the same files. To ask about something else: a line of `PRIVATE`.

use std::collections::BTreeMap;
use std::path::Path as FilePath;
use std::sync::{Mutex, PoisonError};

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;

/// What may hold a secret or somebody's data.
const PRIVATE: &[&str] = &[
    ".env",
    ".env.*",
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
    "secret.json",
    "secrets.json",
    "secrets.toml",
    "*-firebase-adminsdk-*",
    "service-account.json",
    "*.db",
    "*.sqlite",
    "*.sqlite3",
];

/// Examples of them, which hold none.
const EXAMPLES: &[&str] = &["*.example", "*.sample", "*.template", "*.dist"];

/// A file.
#[derive(Clone, PartialEq)]
pub(super) struct Member {
    pub(super) bytes: Vec<u8>,
    pub(super) executable: bool,
}

/// By their paths with `/`.
type Members = BTreeMap<String, Member>;

/// The files of an application.
#[derive(Default)]
pub(super) struct Code {
    /// Does a parameter file have them in itself?
    inline: bool,
    pub(super) members: Members,
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
            let is = |patterns: &[&str]| patterns.iter().any(|one| is_called(name, one));
            is(PRIVATE) && !is(EXAMPLES) && !include.contains(path)
        };
        let found: Vec<&str> = self.members.keys().filter(asked).map(String::as_str).collect();
        if found.is_empty() {
            return Some(self);
        }
        let message = format!("may this be read by everybody on the machine? {}", found.join(", "));
        let help = format!(
            "leave it out by a line in .gitignore; or take it: include: [{}]. A secret that the \
             machine can make itself belongs in `secrets`",
            found.join(", ")
        );
        report.push(Diagnostic::error("app-private", message).at(&at.key("from")).help(help));
        None
    }

    /// What a parameter file has in itself.
    pub(super) fn written(files: &BTreeMap<String, String>) -> Code {
        let member = |text: &String| Member { bytes: text.as_bytes().to_vec(), executable: false };
        let named = files.iter().filter(|(path, _)| !path.is_empty());
        let members = named.map(|(path, text)| (path.clone(), member(text)));
        Code { inline: true, members: members.collect() }
    }

    /// The parameter that says where it is.
    pub(super) fn place(&self, app: &Path) -> Path {
        app.key(if self.inline { "code" } else { "from" })
    }

    /// Files with these texts.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Code {
        let member = |text: &str| Member { bytes: text.into(), executable: false };
        let members = files.iter().map(|(path, text)| (path.to_string(), member(text)));
        Code { inline: false, members: members.collect() }
    }

    /// The paths of all files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// The code in one of its folders.
    pub(super) fn within(&self, folder: &str) -> Code {
        let inside = |(path, member): (&String, &Member)| {
            let path = path.strip_prefix(folder)?.strip_prefix('/')?;
            Some((path.to_owned(), member.clone()))
        };
        Code { inline: self.inline, members: self.members.iter().filter_map(inside).collect() }
    }

    /// The text of a file, if there is one with text in it. PowerShell writes UTF-16; Python may be
    /// in any encoding that it names itself.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let bytes = &self.members.get(path)?.bytes;
        let (encoding, _) =
            encoding_rs::Encoding::for_bom(bytes).unwrap_or((encoding_rs::UTF_8, 0));
        let (text, _, broken) = encoding.decode(bytes);
        (!broken || path.ends_with(".py")).then(|| text.into_owned())
    }

    /// All files as .tar.xz. The last is remembered: in a roster it is that of all machines.
    pub(super) fn packed(&self) -> std::io::Result<Vec<u8>> {
        static LAST: Mutex<Option<(Members, Vec<u8>)>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, packed)) = last.as_ref().filter(|(members, _)| *members == self.members) {
            return Ok(packed.clone());
        }
        let packed = self.pack()?;
        *last = Some((self.members.clone(), packed.clone()));
        Ok(packed)
    }
}

/// Has a file this name, in which `*` at the start or at the end is any text?
pub(super) fn is_called(name: &str, pattern: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(rest), Some(_)) => name.contains(rest.trim_end_matches('*')),
        (Some(ending), None) => name.ends_with(ending),
        (None, Some(begin)) => name.starts_with(begin),
        (None, None) => name == pattern,
    }
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
        for name in [".env.local", "config/secrets.json", "shop-firebase-adminsdk-a1.json"] {
            assert!(code(&[("app.py", "x"), (name, "x")], &[]).0.is_none(), "{name}");
        }
        assert!(code(&[("app.py", "x"), (".env.example", "x")], &[]).0.is_some());
    }

    #[test]
    fn the_same_files_are_the_same_bytes() {
        let packed = || code(&[("b.py", "x"), ("a/c.py", "y")], &[]).0.unwrap().packed().unwrap();
        assert_eq!(packed(), packed());
    }
}
