//! Further parts of the user-data, each brought the way that every cloud-init understands.
//!
//! Scripts by frequency go where cloud-init runs them from, because their MIME types are not known
//! before 22.1; other cloud-configs are merged here, because on the machine a later part would
//! replace whole keys of an earlier one. The rest becomes parts of a MIME message.
//! <https://docs.cloud-init.io/en/latest/reference/merging.html>

use std::path::Path as FilePath;

use serde::Serialize;
use serde_json::{Map, Value};

use super::PlannedFile;
use super::delivery::read_local;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{Path, Source, parse};
use crate::spec::{self, PartKind, Spec};

/// A part of a MIME message, beside the cloud-config.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// MIME type, by which cloud-init chooses what to do with it.
    pub mime_type: &'static str,
    /// File name; cloud-init runs scripts in the order of their names.
    pub name: String,
    /// The text.
    pub text: String,
    /// The parameter that it comes from.
    #[serde(skip)]
    pub origin: String,
}

/// What became of the parts.
#[derive(Default)]
pub(super) struct Sorted {
    /// Parts of a MIME message.
    pub(super) mime: Vec<Part>,
    /// Scripts that cloud-init finds in its folders.
    pub(super) files: Vec<PlannedFile>,
    /// Cloud-configs, with the place they were named at.
    pub(super) configs: Vec<(Path, Map<String, Value>)>,
}

/// How a kind of part reaches the machine.
enum Way {
    Mime(&'static str),
    Folder(&'static str),
    Merge,
}

fn way(kind: PartKind) -> Way {
    match kind {
        PartKind::Script => Way::Mime("text/x-shellscript"),
        PartKind::Boothook => Way::Mime("text/cloud-boothook"),
        PartKind::Include => Way::Mime("text/x-include-url"),
        PartKind::PerBoot => Way::Folder("per-boot"),
        PartKind::PerInstance => Way::Folder("per-instance"),
        PartKind::PerOnce => Way::Folder("per-once"),
        PartKind::CloudConfig => Way::Merge,
    }
}

pub(super) fn sort(spec: &Spec, folder: &FilePath, report: &mut Report) -> Sorted {
    let mut sorted = Sorted::default();
    for (i, part) in spec.parts.iter().enumerate() {
        let at = Path::default().key("parts").index(i);
        let Some((text, place)) = text(part, folder, &at, report) else { continue };
        part.check_text(&text, &place, report);
        let name = part.file_name(i);
        match way(part.kind) {
            Way::Mime(mime_type) => {
                sorted.mime.push(Part { mime_type, name, text, origin: at.to_string() });
            }
            Way::Folder(folder) => {
                let path = format!("/var/lib/cloud/scripts/{folder}/{name}");
                let mut file = PlannedFile::text(path, text, at.to_string());
                file.mode = "0755".into();
                sorted.files.push(file);
            }
            Way::Merge => {
                let Some(map) = config(&text, &place, report) else { continue };
                spec::check_cloud_config(&map, &place, spec, report);
                sorted.configs.push((place, map));
            }
        }
    }
    sorted
}

/// The text of a part, and the parameter that it is in.
fn text(
    part: &spec::Part,
    folder: &FilePath,
    at: &Path,
    report: &mut Report,
) -> Option<(String, Path)> {
    if let Some(text) = &part.content {
        return Some((unix(text), at.key("content")));
    }
    let place = at.key("from");
    let bytes = read_local(part.from.as_ref()?, folder, &place, report)?;
    match String::from_utf8(bytes) {
        Ok(text) => Some((unix(&text), place)),
        Err(_) => {
            let message = "the file is not UTF-8 text";
            let help = "a part is text; bring other files by `files`";
            report.push(Diagnostic::error("part-text", message).at(&place).help(help));
            None
        }
    }
}

/// The text without a byte order mark, and with line ends of one character where its first line has
/// two, as cloud-init makes it of a script (`dos2unix` in `cloudinit/util.py`) but not of a file.
fn unix(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => text.replace("\r\n", "\n"),
        _ => text.to_string(),
    }
}

/// The keys of another cloud-config.
fn config(text: &str, at: &Path, report: &mut Report) -> Option<Map<String, Value>> {
    let source = Source::new(at.to_string(), text);
    let found = match parse(&source) {
        Ok(tree) => spec::cloud_config_value(&tree),
        Err(errors) => {
            report.extend(Report::from(errors));
            return None;
        }
    };
    let Value::Object(map) = found else {
        let message = "a cloud-config is a map of cloud-init's keys";
        let help = "write `key: value` on lines of their own, as below `cloud_config`";
        report.push(Diagnostic::error("part-text", message).at(at).help(help));
        return None;
    };
    Some(map)
}
