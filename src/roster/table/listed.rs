//! Rosters that are a list of maps, in JSON or YAML.
//!
//! In: a text. Out: rows below a header of all keys, in the order in which they first appear.
//! Numbers are taken as they are written.

use std::collections::HashMap;
use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Cell, MOST_COLUMNS, Raw, fault::Fault, trimmed};
use crate::source::{self, Kind, Node, Plain, Source};

/// The largest JSON that is read, in MiB. It is in memory as a whole.
pub(super) const MOST_JSON: u64 = 256;

/// An entry of the list: its cells with their keys, or what is wrong.
type Entry = Result<Vec<(String, Cell)>, Fault>;

/// The rows of a list in JSON, below their header.
///
/// # Errors
/// No JSON, or no list.
pub(super) fn json(text: &str) -> Result<Vec<Raw>, Fault> {
    let root: &RawValue = serde_json::from_str(trimmed(text)).map_err(json_fault)?;
    if !root.get().starts_with('[') {
        return Err(Fault::NotAList(json_kind(root)));
    }
    let entries: Vec<&RawValue> = serde_json::from_str(root.get()).map_err(json_fault)?;
    Ok(rows(entries.into_iter().map(json_entry)))
}

fn json_entry(entry: &RawValue) -> Entry {
    if !entry.get().starts_with('{') {
        return Err(Fault::NotAMap(json_kind(entry)));
    }
    let Pairs(pairs) = serde_json::from_str(entry.get()).map_err(json_fault)?;
    Ok(pairs.into_iter().map(|(key, value)| (key, json_cell(value))).collect())
}

/// The pairs of an object, also those with the same key.
struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'de>, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(All)
    }
}

fn json_cell(value: &RawValue) -> Cell {
    match value.get() {
        "null" => Ok(String::new()),
        text if text.starts_with('"') => serde_json::from_str(text).map_err(json_fault),
        text if text.starts_with(['[', '{']) => Err(Fault::Nested(json_kind(value))),
        plain => Ok(plain.to_owned()),
    }
}

fn json_kind(value: &RawValue) -> &'static str {
    match value.get().bytes().next() {
        Some(b'[') => "a list",
        Some(b'{') => "a map",
        Some(b'"') => "text",
        Some(b'n') => "nothing",
        Some(b't' | b'f') => "true/false",
        _ => "a number",
    }
}

fn json_fault(error: serde_json::Error) -> Fault {
    let (line, column, message) = (error.line(), error.column(), error.to_string());
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Fault::Json { message, line, column }
}

/// The rows of a list in YAML, below their header.
///
/// # Errors
/// Too large, no YAML, or no list.
pub(super) fn yaml(name: &str, text: &str) -> Result<Vec<Raw>, Fault> {
    if text.len() > source::MAX_BYTES {
        return Err(Fault::TooLarge(1, "YAML"));
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let root = source::parse(&Source::new(name, text)).map_err(Fault::Yaml)?;
    match &root.kind {
        Kind::List(entries) => Ok(rows(entries.iter().map(yaml_entry))),
        _ => Err(Fault::NotAList(root.describe())),
    }
}

fn yaml_entry(entry: &Node) -> Entry {
    let Kind::Map(pairs) = &entry.kind else { return Err(Fault::NotAMap(entry.describe())) };
    Ok(pairs.iter().map(|pair| (pair.key.clone(), yaml_cell(&pair.value))).collect())
}

fn yaml_cell(value: &Node) -> Cell {
    let scalar = value.as_scalar().ok_or(Fault::Nested(value.describe()))?;
    Ok(match scalar.look() {
        Plain::Null => String::new(),
        Plain::Bool(value) => value.to_string(),
        _ => scalar.text.clone(),
    })
}

/// The header and the rows of a list.
fn rows(entries: impl Iterator<Item = Entry>) -> Vec<Raw> {
    let mut columns = Columns::default();
    let row = |(at, entry)| match entry {
        Ok(pairs) => Raw { number: at + 1, cells: columns.cells(pairs), fault: None },
        Err(fault) => Raw { number: at + 1, cells: Vec::new(), fault: Some(fault) },
    };
    let mut rows: Vec<Raw> = entries.enumerate().map(row).collect();
    let header = columns.keys.into_iter().map(Ok).collect();
    rows.insert(0, Raw { number: 0, cells: header, fault: None });
    rows
}

/// The keys of all entries so far.
#[derive(Default)]
struct Columns {
    keys: Vec<String>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// The cells of an entry in the order of the columns.
    fn cells(&mut self, pairs: Vec<(String, Cell)>) -> Vec<Cell> {
        let mut cells: Vec<Option<Cell>> = Vec::new();
        for (key, cell) in pairs {
            let place = self.place(trimmed(&key));
            if place >= MOST_COLUMNS {
                // The header says it.
                continue;
            }
            cells.resize_with(cells.len().max(place + 1), || None);
            if let Some(old) = cells.get_mut(place) {
                *old = Some(if old.is_none() { cell } else { Err(Fault::DuplicateKey) });
            }
        }
        cells.into_iter().map(|cell| cell.unwrap_or(Ok(String::new()))).collect()
    }

    fn place(&mut self, key: &str) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.keys.push(key.to_owned());
        self.places.insert(key.to_owned(), self.keys.len() - 1);
        self.keys.len() - 1
    }
}
