//! What templates can do with a value, beside writing it.
//!
//! `|yaml` writes any value behind `key:`, `|item` behind `- `, `|block` writes a text over
//! several lines; each takes the columns by which lines of its own are indented. `|comment` makes a
//! text fit for a comment. In a systemd unit `|exec` writes a value that has a `$` in it into an Exec
//! line, and `|setting` into any other.

use minijinja::value::Value;
use minijinja::{Environment, Error, State};
use serde_json::Value as Json;

use super::engine::Trace;
use super::escape::systemd;
use super::escape::yaml::{MIME_HEADER, flow, quoted, refuse_unwritable, text, to_json};
use crate::source::{Yaml11, yaml11};

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("yaml", |state: &mut State, value: Value, indent: Option<usize>| {
        let value = to_json(&value)?;
        Ok::<_, Error>(Value::from_safe_string(below(
            &value,
            indent.unwrap_or(2),
            Trace::of(state),
        )))
    });
    environment.add_filter("item", |state: &mut State, value: Value, indent: Option<usize>| {
        let value = to_json(&value)?;
        Ok::<_, Error>(Value::from_safe_string(beside(
            &value,
            indent.unwrap_or(2),
            Trace::of(state),
        )))
    });
    environment.add_filter("block", |state: &mut State, value: String, indent: Option<usize>| {
        Value::from_safe_string(block(&value, indent.unwrap_or(4), Trace::of(state)))
    });
    environment.add_filter("comment", |value: Value| {
        refuse_unwritable(&value)?;
        Ok::<_, Error>(Value::from_safe_string(comment(&value)))
    });
    // Minijinja's own writes JSON that YAML 1.1 does not read the same.
    environment.add_filter("tojson", |state: &mut State, value: Value| {
        Ok::<_, Error>(Value::from_safe_string(flow(&to_json(&value)?, Trace::of(state))))
    });
    environment
        .add_filter("exec", |value: Value| systemd::exec(&value).map(Value::from_safe_string));
    environment.add_filter("setting", |value: Value| {
        systemd::setting(&value).map(Value::from_safe_string)
    });
}

/// A text on one line, without control characters, what YAML cannot hold, and [`MIME_HEADER`].
fn comment(value: &Value) -> String {
    let odd = |c: char| {
        c.is_control() || !yaml11::is_printable(c) || "\u{2028}\u{2029}\u{feff}".contains(c)
    };
    let dull = |c: char| if odd(c) { ' ' } else { c };
    let line: String = value.to_string().chars().map(dull).collect();
    match line.to_ascii_lowercase().contains(MIME_HEADER) {
        true => line.replace(':', " :"),
        false => line,
    }
}

/// Short lists and maps stay on one line.
const LINE: usize = 70;

fn is_flat(value: &Json) -> bool {
    let scalar = |value: &Json| !value.is_array() && !value.is_object();
    let scalars = match value {
        Json::Array(items) => items.iter().all(scalar),
        Json::Object(map) => map.is_empty(),
        _ => true,
    };
    scalars && flow(value, &mut Trace::default()).len() <= LINE
}

/// A value behind `key:`: on the same line, or on lines of its own.
fn below(value: &Json, indent: usize, trace: &mut Trace) -> String {
    match value {
        Json::String(string) => format!(" {}", string_below(string, indent, trace)),
        Json::Array(_) | Json::Object(_) if !is_flat(value) => {
            format!("\n{}{}", " ".repeat(indent), lines(value, indent, trace))
        }
        _ => format!(" {}", flow(value, trace)),
    }
}

fn string_below(string: &str, indent: usize, trace: &mut Trace) -> String {
    if string.trim_end().contains('\n') {
        block(string, indent, trace)
    } else {
        text(string, trace)
    }
}

/// A value behind `- `, whose lines are then indented by `indent`.
fn beside(value: &Json, indent: usize, trace: &mut Trace) -> String {
    match value {
        Json::String(string) => string_below(string, indent, trace),
        Json::Array(_) | Json::Object(_) if !is_flat(value) => lines(value, indent, trace),
        _ => flow(value, trace),
    }
}

/// The entries of a list or map, one a line.
fn lines(value: &Json, indent: usize, trace: &mut Trace) -> String {
    let entries: Vec<String> = match value {
        Json::Array(items) => {
            items.iter().map(|item| format!("- {}", beside(item, indent + 2, trace))).collect()
        }
        Json::Object(map) => map
            .iter()
            .map(|(key, value)| {
                let key = text(key, trace);
                format!("{key}:{}", below(value, indent + 2, trace))
            })
            .collect(),
        scalar => return flow(scalar, trace),
    };
    entries.join(&format!("\n{}", " ".repeat(indent)))
}

/// A text as it stands, behind `|`, where it reads back the same; in quotes otherwise.
fn block(value: &str, indent: usize, trace: &mut Trace) -> String {
    trace.add(Yaml11::Str(value.to_string()));
    // `|+` would also keep the empty lines that follow in the template.
    let ends = value.len() - value.trim_end_matches('\n').len();
    let safe = !value.trim().is_empty()
        && ends <= 1
        && !value.starts_with([' ', '\n', '\t'])
        && !value.to_ascii_lowercase().contains(MIME_HEADER)
        && value.chars().all(is_literal);
    if safe { literal(value, indent) } else { quoted(value) }
}

/// Does a character stand for itself in a literal block?
fn is_literal(c: char) -> bool {
    yaml11::is_printable(c) && !"\r\u{85}\u{2028}\u{2029}\u{feff}".contains(c)
}

/// A text as a literal block whose lines are indented by `indent`: `|` keeps one line end, `|-` none.
fn literal(value: &str, indent: usize) -> String {
    let (style, body) = match value.strip_suffix('\n') {
        Some(body) => ("|", body),
        None => ("|-", value),
    };
    let margin = " ".repeat(indent);
    let mut out = style.to_string();
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(&margin);
            out.push_str(line);
        }
    }
    out
}
