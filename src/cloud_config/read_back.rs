//! Does the document say what went into it?
//!
//! It is read as cloud-init's PyYAML reads it (YAML 1.1). Every value that a template wrote must
//! be there as a whole scalar, with its type, in the order in which they were written.

use crate::source::{Yaml11, scalars, yaml11};
use crate::template::MIME_HEADER;

/// What is wrong with a document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReadBackError {
    /// cloud-init would not know it for a cloud-config.
    #[error("the first line must be exactly #cloud-config")]
    Header,
    /// cloud-init would take it for a MIME message.
    #[error("`{MIME_HEADER}` in the result would make cloud-init take it for a MIME message")]
    Mime,
    /// It is no YAML.
    #[error("the result is not valid YAML: {0}")]
    Yaml(String),
    /// It is YAML, but not a map.
    #[error("the result is not a map of cloud-init's keys")]
    NotAMap,
    /// A value is not what it was.
    #[error(
        "the value {0} does not come back from the result; in a template, write a value on its own \
         behind `key: ` or `- `, not between other words: key: {{{{ (\"before \" ~ value) }}}}"
    )]
    Lost(String),
}

pub(super) fn compare(text: &str, written: &[Yaml11]) -> Result<(), ReadBackError> {
    if text.lines().next().map(str::trim_end) != Some("#cloud-config") {
        return Err(ReadBackError::Header);
    }
    compare_map(text, written)
}

/// The same for another file of which a machine reads a map.
pub(super) fn compare_map(text: &str, written: &[Yaml11]) -> Result<(), ReadBackError> {
    if text.to_ascii_lowercase().contains(MIME_HEADER) {
        return Err(ReadBackError::Mime);
    }
    let document = yaml11::read(text).map_err(ReadBackError::Yaml)?;
    let mut found = scalars(&document).into_iter();
    match written.iter().find(|value| !found.any(|scalar| scalar == *value)) {
        Some(lost) => Err(ReadBackError::Lost(shown(lost))),
        None if matches!(document, Yaml11::Map(_)) => Ok(()),
        None => Err(ReadBackError::NotAMap),
    }
}

/// What begins like a hash of crypt(3) is not shown.
fn shown(value: &Yaml11) -> String {
    let text = match value {
        Yaml11::Str(text) if text.starts_with('$') => "\"$***\"".into(),
        Yaml11::Str(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
