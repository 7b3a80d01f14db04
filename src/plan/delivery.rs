//! Files and commands, with every choice made.

use std::io::ErrorKind;
use std::path::Path as FilePath;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::accounts::Accounts;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{Command, File, LineEndings, Spec, under};

/// Where files wait until the accounts exist.
const STAGE: &str = "/var/lib/bootseed/files";

/// The largest local file that is read, in bytes: more than any cloud takes as user-data.
const MAX_FILE: u64 = 1 << 20;

/// A file that cloud-init lays down, owned by root.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedFile {
    /// Absolute path.
    pub path: String,
    /// Octal mode with a leading zero.
    pub mode: String,
    /// The text, or the bytes in base64.
    pub text: String,
    /// Is it base64?
    pub base64: bool,
    /// The parameter that it comes from.
    #[serde(skip)]
    pub origin: String,
}

/// A file that the provisioning program puts in its place, because its owner or the home
/// directory above it does not exist yet when cloud-init lays files down.
/// <https://github.com/canonical/cloud-init/issues/2573>
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// Where it waits.
    pub staged: String,
    /// Owner as `user:group`.
    pub owner: String,
    /// Octal mode.
    pub mode: String,
    /// Where it goes.
    pub path: String,
}

impl PlannedFile {
    pub(super) fn text(path: String, text: String, origin: String) -> PlannedFile {
        PlannedFile { path, mode: "0644".into(), text, base64: false, origin }
    }
}

/// What becomes of the files.
#[derive(Default)]
pub(super) struct Delivery {
    /// Files that cloud-init lays down.
    pub(super) files: Vec<PlannedFile>,
    /// Those that wait for their accounts.
    pub(super) placed: Vec<Placed>,
    /// Those that wait for the packages that bring their accounts.
    pub(super) late: Vec<Placed>,
}

pub(super) fn files(
    spec: &Spec,
    accounts: &Accounts,
    folder: &FilePath,
    report: &mut Report,
) -> Delivery {
    let mut delivery = Delivery::default();
    for (i, file) in spec.files.iter().enumerate() {
        let at = Path::default().key("files").index(i);
        let Some((text, base64)) = content(file, folder, &at, report) else { continue };
        let origin = at.to_string();
        let mode = format!("{:0>4}", file.mode.as_deref().unwrap_or("0644"));
        let (user, group) = owner(file, accounts);
        let path = file.path.clone();
        if (user, group) == ("root", Some("root")) && file.home().is_none() {
            delivery.files.push(PlannedFile { path, mode, text, base64, origin });
            continue;
        }
        let staged = format!("{STAGE}/{}", i + 1);
        let known = group.filter(|group| accounts.has(user) && accounts.has_group(group));
        let owner = format!("{user}:{}", group.unwrap_or_default());
        let waiting = Placed { staged: staged.clone(), owner, mode, path };
        if known.is_some() { &mut delivery.placed } else { &mut delivery.late }.push(waiting);
        let mode = "0600".into();
        delivery.files.push(PlannedFile { path: staged, mode, text, base64, origin });
    }
    delivery
}

/// User and group of a file; no group is the one of an account that is not known yet.
fn owner<'a>(file: &'a File, accounts: &Accounts) -> (&'a str, Option<&'a str>) {
    let owner = file.owner.as_deref().or(file.home()).unwrap_or("root");
    match owner.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (owner, accounts.group_of(owner)),
    }
}

impl Placed {
    /// The command that puts it in its place. Behind `user:` the group is that user's own; the
    /// `chown` of uutils leaves it as it is.
    pub(super) fn command(&self) -> Vec<String> {
        let place = r#"install -Dm "$1" -- "$2" "$3"; o=$4; [[ $o != *: ]] || o+=$(id -g -- "${o%:}"); chown -- "$o" "$3""#;
        let words = ["bash", "-ec", place, "place", &self.mode, &self.staged];
        words.into_iter().chain([self.path.as_str(), &self.owner]).map(String::from).collect()
    }
}

/// The content of a file: its text, or base64 and `true` when it is not text.
fn content(
    file: &File,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<(String, bool)> {
    if let Some(text) = &file.content {
        return Some((ended(file, text.clone(), &at.key("content"), report), false));
    }
    let (name, at) = (file.from.as_ref()?, at.key("from"));
    let bytes = read_local(name, folder, &at, report)?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => (ended(file, text, &at, report), false),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    })
}

/// A text with the ends of lines that it is to have. Linux looks for an interpreter whose name ends
/// in a carriage return, and few programs take one as the end of a setting.
fn ended(file: &File, text: String, at: &Path, report: &mut Report) -> String {
    match file.line_endings {
        Some(LineEndings::Unix) => return text.replace("\r\n", "\n"),
        Some(LineEndings::Keep) => return text,
        None => {}
    }
    let program = text.starts_with("#!");
    if text.contains("\r\n") && (program || under(&file.path, "/etc")) {
        let message = match program {
            true => "this script cannot be run: its lines end as on Windows",
            false => "the lines of this file end as on Windows, which its readers may not take",
        };
        let help = "add `line_endings: unix`, or `line_endings: keep` if it has to be so";
        report.push(Diagnostic::warning("line-endings", message).at(at).help(help));
    }
    text
}

/// The bytes of a file of the author's computer.
pub(super) fn read_local(
    name: &str,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<Vec<u8>> {
    let path = folder.join(name);
    let length =
        std::fs::metadata(&path).map(|data| if data.is_file() { data.len() } else { u64::MAX });
    let trouble = match length {
        Ok(u64::MAX) => "it is not a file".to_string(),
        Ok(length) if length > MAX_FILE => format!("{length} bytes are too large for user-data"),
        Ok(_) => match std::fs::read(&path) {
            Ok(bytes) => return Some(bytes),
            Err(error) => error.to_string(),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => "there is no such file".into(),
        Err(error) => error.to_string(),
    };
    let message = format!("cannot read `{}`: {trouble}", path.display());
    let help = "the path is relative to the folder of the parameter file";
    report.push(Diagnostic::error("local-file", message).at(at).help(help));
    None
}

/// A command as a program with its arguments. A line of bash stops at its first mistake.
pub(super) fn argv(command: &Command) -> Vec<String> {
    match command {
        Command::Argv(words) => words.clone(),
        Command::Shell(line) => ["bash", "-eo", "pipefail", "-c", line].map(String::from).to_vec(),
    }
}
