//! Types and values in words.

use super::table::Type;
use crate::source::Yaml11;
use crate::source::yaml11::{Body, Tree};

/// What a value is, as YAML 1.1 reads it.
pub(super) fn describe(tree: &Tree) -> &'static str {
    match &tree.body {
        Body::Map(_) => "a map",
        Body::List(_) => "a list",
        Body::Scalar(value) => match value {
            Yaml11::Null => "nothing",
            Yaml11::Bool(true) => "true",
            Yaml11::Bool(false) => "false",
            Yaml11::Int(_) | Yaml11::BigInt(_) => "a whole number",
            Yaml11::Float(_) => "a number",
            Yaml11::Timestamp(_) => "a date",
            Yaml11::Binary(_) => "bytes",
            _ => "text",
        },
    }
}

/// What is allowed: `true or false`, `text or a list`.
pub(super) fn allowed(types: &[Type]) -> String {
    let mut words: Vec<String> = Vec::new();
    for one in types {
        let word = match one {
            Type::Enum(words) => format!("one of {}", words.join(", ")),
            Type::Str => "text".into(),
            Type::Int => "a whole number".into(),
            Type::Num => "a number".into(),
            Type::Bool => "true or false".into(),
            Type::Null => "nothing".into(),
            Type::Any => "anything".into(),
            Type::Module => "the name of a module".into(),
            Type::Map { .. } => "a map".into(),
            Type::List(_) => "a list".into(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" or ")
}
