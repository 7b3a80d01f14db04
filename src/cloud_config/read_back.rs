//! Does the document say what went into it?
//!
//! It is read as cloud-init's PyYAML reads it (YAML 1.1). Every value that a template wrote must
//! be there as a whole scalar, with its type, in the order in which they were written. In a template
//! of the owner's a value that needs no quotes may also stand within a longer text.

use crate::diagnostic;
use crate::source::{Yaml11, scalars, yaml11};
use crate::template::{MIME_HEADER, Written};

/// What is wrong with a document.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReadBackError {
    /// cloud-init would not know it for a cloud-config.
    #[error("the first line must be exactly #cloud-config")]
    Header,
    /// cloud-init would take it for a MIME message.
    #[error("`{MIME_HEADER}` in the result would make cloud-init take it for a MIME message")]
    Mime,
    /// It is no YAML; and its lines around the place.
    #[error("the result is not valid YAML: {0}{1}")]
    Yaml(String, String),
    /// It is YAML, but not a map.
    #[error("the result is not a map of cloud-init's keys")]
    NotAMap,
    /// A value is not what it was.
    #[error("the value {0} does not come back from the result; {APART}")]
    Lost(String),
}

/// Where a value may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As a scalar of its own.
    Whole,
    /// Also within a longer text, as `"port={{ port }}"` puts it, if it needs no quotes.
    Within,
}

pub(super) fn compare(text: &str, written: &[Written], fit: Fit) -> Result<(), ReadBackError> {
    if text.lines().next().map(str::trim_end) != Some("#cloud-config") {
        return Err(ReadBackError::Header);
    }
    compare_map(text, written, fit)
}

/// The same for another file of which a machine reads a map.
pub(super) fn compare_map(text: &str, written: &[Written], fit: Fit) -> Result<(), ReadBackError> {
    if text.to_ascii_lowercase().contains(MIME_HEADER) {
        return Err(ReadBackError::Mime);
    }
    let document = yaml11::read(text).map_err(|why| {
        let lines = excerpt(text, &why);
        let apart = is_between(text, &why, written).then(|| format!("\n  {APART}"));
        ReadBackError::Yaml(why, lines + &apart.unwrap_or_default())
    })?;
    let scalars = scalars(&document);
    let mut from = 0;
    for one in written {
        let rest = &scalars[from..];
        let whole = rest.iter().position(|scalar| **scalar == one.value);
        let within = || rest.iter().position(|scalar| is_within(one, scalar));
        match (whole, within().filter(|_| fit == Fit::Within)) {
            // More of the values may follow in the same text.
            (whole, Some(at)) if whole.is_none_or(|whole| at < whole) => from += at,
            (Some(at), _) => from += at + 1,
            _ => return Err(ReadBackError::Lost(shown(&one.value))),
        }
    }
    if matches!(document, Yaml11::Map(_)) { Ok(()) } else { Err(ReadBackError::NotAMap) }
}

/// Does the value stand, character by character, in this text?
fn is_within(written: &Written, scalar: &Yaml11) -> bool {
    let plain = written.plain.as_deref().filter(|plain| !plain.is_empty());
    matches!((plain, scalar), (Some(plain), Yaml11::Str(text)) if text.contains(plain))
}

const APART: &str = "in a template, write a value on its own behind `key: ` or `- `, not between \
     other words: key: {{ (\"before \" ~ value) }}";

/// Does a value in quotes of its own stand between other characters, in the line of the error?
fn is_between(text: &str, why: &str, written: &[Written]) -> bool {
    let line = line_number(why).and_then(|number| text.lines().nth(number.saturating_sub(1)));
    let Some(line) = line else { return false };
    written.iter().filter(|one| one.plain.is_none()).any(|one| {
        let Yaml11::Str(value) = &one.value else { return false };
        let quoted = serde_json::Value::from(value.as_str()).to_string();
        let places = line.match_indices(&quoted);
        let mut before = places.filter_map(|(at, _)| line[..at].chars().next_back());
        before.any(|c| !" [{,".contains(c))
    })
}

/// The line that an error names.
fn line_number(why: &str) -> Option<usize> {
    why.trim_start_matches("line ").split([',', ':']).next()?.parse().ok()
}

/// The lines of a result around the one that an error names, without secrets.
fn excerpt(text: &str, why: &str) -> String {
    /// Lines above the place; the mistake is often in one of them.
    const ABOVE: usize = 3;
    let Some(place) = line_number(why) else { return String::new() };
    let start = why.rsplit_once(" begins in ").and_then(|(_, mark)| line_number(mark));
    let start = start.unwrap_or(place);
    let hidden = diagnostic::hide(text);
    let mut shown = String::new();
    for (i, line) in hidden.lines().enumerate().skip(start.min(place).saturating_sub(ABOVE)) {
        if i + 1 > place || i >= start + ABOVE && i + ABOVE < place {
            continue;
        }
        let sign = if i + 1 == place { '>' } else { ' ' };
        shown += &format!("\n{sign} {:>4} | {}", i + 1, diagnostic::visible(line));
    }
    shown
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
