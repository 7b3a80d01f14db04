//! The items of a cloud-config archive: `_explode_archive` in `cloudinit/user_data.py`.

use super::Kind;
use super::budget::Budget;
use super::found::{Found, Label};
use super::kind::sniff;
use crate::source::Yaml11;
use crate::source::yaml11::{self, LoadError};

/// Why an archive is not opened.
#[derive(Debug)]
pub(super) enum Closed {
    /// cloud-init passes over it.
    Lost(String),
    /// cloud-init gives up, and all user-data is lost.
    Fatal(String),
    /// It cannot be told.
    Beyond,
}

/// The items, and what of it is passed over.
pub(super) fn items(seen: &[u8], budget: &mut Budget) -> Result<Vec<Found>, Closed> {
    let text = std::str::from_utf8(seen).map_err(|_| Closed::Lost("it is not UTF-8".into()))?;
    if !budget.take_yaml(text.len()) {
        return Err(Closed::Beyond);
    }
    let items = match yaml11::load(text) {
        Ok(Yaml11::List(items)) => items,
        Ok(_) => return Err(Closed::Lost("it is no list in YAML".into())),
        Err(LoadError::Refused(why)) => {
            return Err(Closed::Lost(format!("it is no list in YAML: {why}")));
        }
        Err(LoadError::Beyond(_)) => return Err(Closed::Beyond),
    };
    let item = |(number, one)| {
        let fatal = |why| Closed::Fatal(format!("item {} of the archive {why}", number + 1));
        item(one).transpose().map(|found| found.map_err(fatal))
    };
    items.iter().enumerate().filter_map(item).collect()
}

type Entries = [(Yaml11, Yaml11)];

/// What is neither a text nor a map is passed over.
fn item(item: &Yaml11) -> Result<Option<Found>, &'static str> {
    match item {
        Yaml11::Str(text) => {
            let label = untyped(text.as_bytes(), CLOUD_CONFIG);
            Ok(Some(Found::new(label, text.as_str())))
        }
        Yaml11::Map(entries) => described(entries).map(Some),
        _ => Ok(None),
    }
}

fn described(entries: &Entries) -> Result<Found, &'static str> {
    let value = |name: &str| {
        entries.iter().find(|(key, _)| *key == Yaml11::Str(name.into())).map(|(_, value)| value)
    };
    let (content, default) = match value("content") {
        None => (Vec::new(), CLOUD_CONFIG),
        Some(Yaml11::Str(text)) => (text.clone().into_bytes(), CLOUD_CONFIG),
        Some(Yaml11::Binary(bytes)) => (bytes.clone(), "application/octet-stream"),
        Some(_) => return Err("has a `content` that is no text"),
    };
    let label = label(value("type"), &content, default)?;
    let is_text = matches!(&label, Label::Item(name) if name.starts_with("text/"));
    if is_text && std::str::from_utf8(&content).is_err() {
        return Err("has a `content` that is not UTF-8");
    }
    let said = headers(entries)?;
    let shown = |value: &Yaml11| match value {
        Yaml11::Str(text) => text.clone(),
        Yaml11::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let (name, launch_index) = (value("filename").map(shown), value("launch-index").map(shown));
    Ok(Found { name, launch_index, said, ..Found::new(label, content) })
}

/// The type that an item says, or its content.
fn label(named: Option<&Yaml11>, content: &[u8], default: &str) -> Result<Label, &'static str> {
    let untyped = || Ok(untyped(content, default));
    match named {
        None | Some(Yaml11::Null | Yaml11::Bool(false) | Yaml11::Int(0)) => untyped(),
        Some(Yaml11::Str(name)) if name.is_empty() => untyped(),
        Some(Yaml11::Str(name)) if name.contains('/') => {
            let name = name.split(';').next().unwrap_or_default().trim().to_lowercase();
            Ok(Label::Item(name))
        }
        _ => Err("has a `type` that is none, such as text/x-shellscript"),
    }
}

/// What an item is that says no type and begins with no header.
const CLOUD_CONFIG: &str = "text/cloud-config";

fn untyped(content: &[u8], default: &str) -> Label {
    let known = std::str::from_utf8(content).ok().and_then(|_| sniff(content).0.mime_type());
    Label::Item(known.unwrap_or(default).into())
}

/// Keys that have a meaning. Any other becomes a header.
const KEYS: &[&str] = &[
    "content",
    "filename",
    "type",
    "launch-index",
    "content-disposition",
    "number-attachments",
    "content-type",
];

fn headers(entries: &Entries) -> Result<Vec<String>, &'static str> {
    let mut said = Vec::new();
    for (key, value) in entries {
        let Yaml11::Str(key) = key else { return Err("has a key that is no text") };
        if KEYS.contains(&key.to_lowercase().as_str()) {
            continue;
        }
        if !matches!(value, Yaml11::Str(_) | Yaml11::Null) {
            return Err("has a key that is not known and no text");
        }
        if key == "encoding" {
            let message =
                "cloud-init knows no `encoding` in an archive: the text is taken as it is";
            said.push(message.to_string());
        }
    }
    Ok(said)
}

impl Kind {
    /// The type that cloud-init gives to content of this kind.
    fn mime_type(&self) -> Option<&'static str> {
        super::kind::TYPES.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name)
    }
}
