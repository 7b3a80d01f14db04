//! What cloud-init reads: YAML 1.1 as PyYAML's `safe_load` understands it.
//!
//! In: a plain scalar or a whole document. Out: a [`Yaml11`], in which `on` is a boolean, `0644`
//! is 420 and `12:30:45` is 45045; or the reason why PyYAML refuses the document.

mod compose;
mod construct;
mod node;
mod property;
mod reader;
mod resolve;
mod scalar;
mod scanner;
mod token;
mod tree;

pub use resolve::resolve_plain;
pub use tree::{Body, Pair, Style, Tree, tree};

/// A value as PyYAML makes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Yaml11 {
    /// `None`.
    Null,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A whole number beyond 128 bits, as it was written.
    BigInt(String),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Str(String),
    /// A date, or a date with a time, as it was written.
    Timestamp(String),
    /// `<<`: merges a map when it is a key, and is an error as a value.
    Merge,
    /// `=`: text when it is a key, and an error as a value.
    Value,
    /// `!!binary`.
    Binary(Vec<u8>),
    /// Looks like a number or a date, and makes PyYAML fail: `0b_`, `2024-13-45`.
    Invalid(String),
    /// A list.
    List(Vec<Yaml11>),
    /// A map, in the order of a Python `dict`.
    Map(Vec<(Yaml11, Yaml11)>),
}

/// The leaves and keys of a value, in the order of the document.
pub fn scalars(value: &Yaml11) -> Vec<&Yaml11> {
    let mut found = Vec::new();
    let mut todo = vec![value];
    while let Some(next) = todo.pop() {
        match next {
            Yaml11::List(items) => todo.extend(items.iter().rev()),
            Yaml11::Map(entries) => {
                todo.extend(entries.iter().rev().flat_map(|(key, value)| [value, key]));
            }
            leaf => found.push(leaf),
        }
    }
    found
}

/// Reads a document as `yaml.safe_load` does.
///
/// # Errors
/// When PyYAML refuses it, and when a key stands twice or a value repeats itself, which PyYAML
/// lets pass.
pub fn read(text: &str) -> Result<Yaml11, String> {
    tree::document(text, tree::Twice::Refused).map(value)
}

/// A document without a value is null.
fn value(tree: Option<Tree>) -> Yaml11 {
    tree.map_or(Yaml11::Null, Yaml11::from)
}

/// Why a document is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// PyYAML refuses it.
    Refused(String),
    /// PyYAML may read it, but it is too large or too deep to be followed here.
    Beyond(String),
}

/// Reads a document as `yaml.safe_load` does, a key that stands twice included: the last one
/// counts.
///
/// # Errors
/// When PyYAML refuses it, and when it is too deep to be followed.
pub fn load(text: &str) -> Result<Yaml11, LoadError> {
    tree(text).map(value)
}

/// Refuses what PyYAML's reader calls special characters.
fn check_printable(text: &str) -> Result<(), String> {
    for (number, line) in text.split('\n').enumerate() {
        if let Some(c) = line.chars().find(|c| !is_printable(*c)) {
            let code = u32::from(c);
            return Err(format!("line {}: the character U+{code:04X} is not allowed", number + 1));
        }
    }
    Ok(())
}

/// Whether PyYAML lets a character stand in a document as it is.
pub fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{D7FF}'
        | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests;
