//! YAML, so that version 1.1 (PyYAML in cloud-init) and 1.2 read the same: a plain word where
//! nothing can be mistaken, JSON's double quotes otherwise.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};
use serde_json::Value as Json;

use super::super::engine::Trace;
use crate::source::{Plain, Yaml11, resolve_plain};

/// A value on one line.
pub(super) fn write(value: &Value, trace: &mut Trace) -> Result<String, Error> {
    Ok(flow(&to_json(value)?, trace))
}

/// Refuses what is undefined, in lists and maps as well, and functions and the like.
pub(in crate::template) fn refuse_unwritable(value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        ValueKind::Plain | ValueKind::Invalid => {
            let message = "this is no value that can be written";
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
        ValueKind::Seq | ValueKind::Iterable => {
            value.try_iter()?.try_for_each(|item| refuse_unwritable(&item))
        }
        ValueKind::Map => {
            value.try_iter()?.try_for_each(|key| refuse_unwritable(&value.get_item(&key)?))
        }
        _ => Ok(()),
    }
}

/// Any value that can be written.
pub(in crate::template) fn to_json(value: &Value) -> Result<Json, Error> {
    refuse_unwritable(value)?;
    serde_json::to_value(value).map_err(|error| {
        Error::new(ErrorKind::BadSerialization, "this cannot be written as YAML").with_source(error)
    })
}

/// A value on one line; lists and maps in brackets.
pub(in crate::template) fn flow(value: &Json, trace: &mut Trace) -> String {
    match value {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| flow(item, trace)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(map) => {
            let mut pair = |(key, value): (&String, &Json)| {
                format!("{}: {}", text(key, trace), flow(value, trace))
            };
            let pairs: Vec<String> = map.iter().map(&mut pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Json::String(string) => text(string, trace),
        other => number(other, trace),
    }
}

/// A number, true, false or null.
fn number(value: &Json, trace: &mut Trace) -> String {
    let written = match value.as_f64().filter(|_| value.is_f64()) {
        // PyYAML reads an exponent only behind a point and with a sign: 1.0e+16.
        Some(float) => {
            let shown = format!("{float:?}");
            match shown.split_once('e') {
                Some((digits, exponent)) => {
                    let point = if digits.contains('.') { "" } else { ".0" };
                    let sign = if exponent.starts_with('-') { "" } else { "+" };
                    format!("{digits}{point}e{sign}{exponent}")
                }
                None => shown,
            }
        }
        None => value.to_string(),
    };
    trace.add_plain(resolve_plain(&written), &written);
    written
}

/// A text, or a key.
pub(in crate::template) fn text(text: &str, trace: &mut Trace) -> String {
    let value = Yaml11::Str(text.to_string());
    if is_plain(text) {
        trace.add_plain(value, text);
        return text.to_string();
    }
    trace.add(value);
    quoted(text)
}

/// Can a text stand without quotes, in either version of YAML and inside brackets?
pub(in crate::template) fn is_plain(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || "_-./+@".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/')
        && text.chars().all(inside)
        && text.len() <= 100
        // As a key it would get a colon, and be MIME_HEADER.
        && !text.to_ascii_lowercase().ends_with("mime-version")
        && resolve_plain(text) == Yaml11::Str(text.to_string())
        && matches!(Plain::of(text), Plain::Text)
}

/// JSON's double quotes, with everything escaped that YAML 1.1 calls unprintable or a line break.
pub(in crate::template) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
    hide_mime_header(out)
}

/// cloud-init takes a text for a MIME message when its first 4,096 bytes have `mime-version:` in
/// them: `cloudinit/user_data.py`, `convert_string`.
fn hide_mime_header(quoted: String) -> String {
    let lower = quoted.to_ascii_lowercase();
    let mut out = String::new();
    let mut from = 0;
    for (at, found) in lower.match_indices(MIME_HEADER) {
        let colon = at + found.len() - 1;
        out.push_str(&quoted[from..colon]);
        out.push_str("\\u003a");
        from = colon + 1;
    }
    out + &quoted[from..]
}

/// What makes cloud-init see a MIME message, in small letters.
pub const MIME_HEADER: &str = "mime-version:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let table = [
            ("Asia/Seoul", "Asia/Seoul"),
            ("/usr/local/sbin/x", "/usr/local/sbin/x"),
            ("hello-cju", "hello-cju"),
            ("on", "\"on\""),
            ("0644", "\"0644\""),
            ("12:30:45", "\"12:30:45\""),
            ("null", "\"null\""),
            ("a: b", "\"a: b\""),
            ("a\u{7f}\u{85}b", "\"a\\u007f\\u0085b\""),
            ("MIME-Version: 1.0", "\"MIME-Version\\u003a 1.0\""),
            ("mime-version", "\"mime-version\""),
            ("", "\"\""),
        ];
        for (text, expected) in table {
            assert_eq!(super::text(text, &mut Trace::default()), expected);
        }
    }

    #[test]
    fn numbers() {
        let table = [("1e16", "1.0e+16"), ("1.5", "1.5"), ("7", "7"), ("true", "true")];
        for (json, expected) in table {
            let value: Json = serde_json::from_str(json).unwrap();
            assert_eq!(flow(&value, &mut Trace::default()), expected);
        }
    }
}
