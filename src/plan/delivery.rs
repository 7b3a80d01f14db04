//! Files and commands, with every choice made.

use std::io::ErrorKind;
use std::path::Path as FilePath;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{Command, File, Spec};

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

pub(super) fn files(
    spec: &Spec,
    folder: &FilePath,
    report: &mut Report,
) -> (Vec<PlannedFile>, Vec<Placed>) {
    let (mut files, mut placed) = (Vec::new(), Vec::new());
    for (i, file) in spec.files.iter().enumerate() {
        let at = Path::default().key("files").index(i);
        let Some((text, base64)) = content(file, folder, &at, report) else { continue };
        let mode = format!("{:0>4}", file.mode.as_deref().unwrap_or("0644"));
        let mut path = file.path.clone();
        if let Some(owner) = late_owner(file) {
            let staged = format!("{STAGE}/{}", i + 1);
            placed.push(Placed { staged: staged.clone(), owner, mode: mode.clone(), path });
            path = staged;
        }
        let mode = if path == file.path { mode } else { "0600".into() };
        files.push(PlannedFile { path, mode, text, base64, origin: at.to_string() });
    }
    (files, placed)
}

/// The owner of a file that has to wait for its account: `user:group`.
fn late_owner(file: &File) -> Option<String> {
    let home = file.path.strip_prefix("/home/").and_then(|rest| rest.split_once('/'));
    let owner = file.owner.as_deref().or(home.map(|(user, _)| user)).unwrap_or("root");
    let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
    let system = user == "root" && group == "root" && home.is_none();
    (!system).then(|| format!("{user}:{group}"))
}

/// The content of a file: its text, or base64 and `true` when it is not text.
fn content(
    file: &File,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<(String, bool)> {
    if let Some(text) = &file.content {
        return Some((text.clone(), false));
    }
    let name = file.from.as_ref()?;
    let bytes = read_local(name, folder, &at.key("from"), report)?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    })
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
