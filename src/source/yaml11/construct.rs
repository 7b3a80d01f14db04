//! From scalars with tags to values, as PyYAML's `SafeConstructor` makes them.
//!
//! In: a text and its tag. Out: a [`Yaml11`], or why there is none. Lists and maps are made in
//! `tree.rs`, up to the limits that are here.

use std::borrow::Cow;

use super::{Yaml11, resolve::special};

/// The most values of a document, with aliases written out.
pub(super) const MAX_NODES: usize = 100_000;
/// The most bytes of all texts, with aliases written out.
pub(super) const MAX_BYTES: usize = 32 << 20;
/// The deepest nesting, with aliases written out.
pub(super) const MAX_DEPTH: usize = 200;

pub(super) type Made<T = Yaml11> = Result<T, String>;

/// The end of a message about a document that is too large.
pub(super) const TOO_MUCH: &str = "too many values, or nested too deep";

pub(super) fn refuse<T>(line: usize, message: impl std::fmt::Display) -> Made<T> {
    Err(format!("line {line}: {message}"))
}

pub(super) fn scalar(tag: &str, text: Cow<'_, str>, line: usize) -> Made {
    let misfit = || refuse(line, format!("`{text}` is no valid {tag}"));
    match tag {
        "str" => Ok(Yaml11::Str(text.into_owned())),
        "null" => Ok(Yaml11::Null),
        "bool" => truth(&text).map_or_else(misfit, |value| Ok(Yaml11::Bool(value))),
        "int" | "float" | "timestamp" => match (tag, special(&text)) {
            ("int", Some(look @ (Yaml11::Int(_) | Yaml11::BigInt(_)))) => Ok(look),
            ("float", Some(look @ Yaml11::Float(_))) => Ok(look),
            ("float", _) => decimal(&text).map_or_else(misfit, |value| Ok(Yaml11::Float(value))),
            ("timestamp", Some(look @ Yaml11::Timestamp(_))) => Ok(look),
            _ => misfit(),
        },
        "binary" => base64(&text).map_or_else(misfit, |bytes| Ok(Yaml11::Binary(bytes))),
        "invalid" => misfit(),
        "merge" | "value" => refuse(line, format!("`{text}` cannot be a value without quotes")),
        _ => refuse(line, format!("the tag `!!{tag}` means nothing here")),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// What `!!float` also accepts: `1`, `1e5`.
fn decimal(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let fits = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if fits { text.parse().ok() } else { None }
}

/// Python's tolerant decoder: what is no letter of the alphabet is skipped.
fn base64(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let (mut bytes, mut bits, mut count, mut padding) = (Vec::new(), 0_u32, 0_u32, 0);
    for byte in text.bytes() {
        let Some(six) = sextet(byte) else {
            padding += u32::from(byte == b'=');
            if byte == b'=' && count % 4 >= 2 && count % 4 + padding >= 4 {
                return Some(bytes);
            }
            continue;
        };
        padding = 0;
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        count += 1;
        if count % 4 != 1 {
            bytes.push(u8::try_from(bits >> (6 - 2 * ((count + 3) % 4)) & 0xFF).ok()?);
        }
    }
    (count % 4 == 0).then_some(bytes)
}

fn sextet(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// What two keys have in common that are equal in Python, where `1`, `1.0` and `True` are.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Identity<'a> {
    Text(&'a str),
    Number(String),
    Other(String),
}

impl Identity<'_> {
    /// Of the key that has this number in its map: NaN equals nothing.
    pub(super) fn of(key: &Yaml11, number: usize) -> Identity<'_> {
        match key {
            Yaml11::Str(text) => Identity::Text(text),
            Yaml11::Bool(value) => Identity::Number(i32::from(*value).to_string()),
            Yaml11::Int(value) => Identity::Number(value.to_string()),
            Yaml11::Float(value) if value.is_nan() => Identity::Other(number.to_string()),
            Yaml11::Float(value) => Identity::Number(value.to_string()),
            other => Identity::Other(format!("{other:?}")),
        }
    }
}
