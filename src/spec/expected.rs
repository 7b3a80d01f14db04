//! What a parameter should have been: a list, a text, true or false; and how it is written.
//!
//! In: a part of the schema and what stands there instead. Out: words for a message.

use serde_json::Value;

use super::shape::choices;
use super::word::shorten;
use crate::diagnostic::conceal;
use crate::source::{Kind, Node, Plain};

/// Words that mean true or false elsewhere.
const TRUE: &[&str] = &["yes", "y", "on", "1", "enabled"];
const FALSE: &[&str] = &["no", "n", "off", "0", "disabled"];

/// What the type is called, and how a value of it is written instead of `node`.
pub(super) fn of(schema: &Value, node: &Node) -> (&'static str, String) {
    match schema["type"].as_str() {
        Some("array") => ("a list", list(schema, node)),
        Some("object") => ("a map", map(schema, node)),
        Some("boolean") => ("true or false", boolean(node)),
        Some("integer") => ("a whole number", integer(node)),
        _ if !choices(schema).is_empty() => {
            ("a text", format!("write one of: {}", choices(schema).join(", ")))
        }
        _ => ("a text", text(node)),
    }
}

fn list(schema: &Value, node: &Node) -> String {
    let simple = |word: &&str| word.len() < 30 && !word.contains('/');
    match &node.kind {
        Kind::Scalar(scalar)
            if schema["items"]["type"] == "string"
                && scalar.text.split([' ', ',']).all(|word| simple(&word)) =>
        {
            let words = scalar.text.split([' ', ',']).filter(|word| !word.is_empty());
            format!("write it as a list: [{}]", words.collect::<Vec<_>>().join(", "))
        }
        Kind::Scalar(scalar) => {
            let item = conceal(&shorten(&scalar.text));
            format!("begin each item on a line of its own with `- `: - {item}")
        }
        _ => "begin each item on a line of its own with `- `".into(),
    }
}

fn map(schema: &Value, node: &Node) -> String {
    let known = schema["properties"].as_object();
    let names: Vec<&str> = known.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let names =
        if names.is_empty() { String::new() } else { format!("; known: {}", names.join(", ")) };
    let one = node.as_scalar().map(|scalar| conceal(&shorten(&scalar.text)));
    match one.filter(|text| !text.contains([':', ' ', '*'])) {
        Some(text) if text == "default" => {
            "leave it out: the account that the image has is always kept".to_owned()
        }
        Some(text) if known.is_some_and(|known| known.contains_key("name")) => {
            format!("write `name: {text}`{names}")
        }
        Some(text) if known.is_some_and(|known| known.contains_key("distribution")) => {
            format!("write `distribution: {text}` on the next line, indented{names}")
        }
        _ => format!("write `key: value` on lines of their own, indented{names}"),
    }
}

fn boolean(node: &Node) -> String {
    let word = node.as_scalar().map(|scalar| scalar.text.to_lowercase()).unwrap_or_default();
    if TRUE.contains(&word.as_str()) {
        "write true".into()
    } else if FALSE.contains(&word.as_str()) {
        "write false".into()
    } else {
        "write true or false, without quotes".into()
    }
}

fn integer(node: &Node) -> String {
    match node.as_scalar().map(|scalar| Plain::of(&scalar.text)) {
        Some(Plain::Int(_)) => "write a number from 0 to 4294967295".into(),
        _ => "write digits only".into(),
    }
}

fn text(node: &Node) -> String {
    let line = node.span.text().lines().next().unwrap_or_default();
    match node.kind {
        Kind::Map(_) if line.contains(": ") && !line.starts_with('{') => {
            let line = conceal(&shorten(line)).replace('\'', "''");
            format!("a text with `: ` in it is put in quotes: '{line}'")
        }
        Kind::Map(_) => "a text that begins with `{` or has `: ` in it is put in quotes".into(),
        _ => "write one text; one that begins with `[` is put in quotes".into(),
    }
}
