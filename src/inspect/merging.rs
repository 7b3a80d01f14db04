//! How a cloud-config wants to be merged: a merger that cloud-init does not know loses the whole
//! part. `cloudinit/mergers/__init__.py`

use crate::source::Yaml11;

/// Keys that say it; the first one counts.
const KEYS: &[&str] = &["merge_how", "merge_type"];

/// Mergers, without the prefix `m_` that they may have.
const MERGERS: &[&str] = &["dict", "list", "str"];

/// The key whose value names no merger, if there is one.
pub(super) fn mistaken(entries: &[(Yaml11, Yaml11)]) -> Option<&'static str> {
    let value = |name: &str| {
        let found = entries.iter().find(|(key, _)| *key == Yaml11::Str(name.into()));
        found.map(|(_, value)| value).filter(|value| **value != Yaml11::Null)
    };
    let (key, value) = KEYS.iter().find_map(|key| Some((*key, value(key)?)))?;
    let good = match value {
        Yaml11::Str(text) => text.split('+').all(is_written_merger),
        Yaml11::List(items) => items.iter().all(is_listed_merger),
        _ => false,
    };
    (!good).then_some(key)
}

fn is_merger(name: &str) -> bool {
    let name = name.replace('-', "_");
    let name = name.trim();
    name.is_empty() || MERGERS.contains(&name.strip_prefix("m_").unwrap_or(name))
}

/// `list(append)`
fn is_written_merger(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let name = text.strip_suffix(')').and_then(|text| text.split_once('(')).map(|(name, _)| name);
    text.is_empty() || name.is_some_and(|name| !name.is_empty() && is_merger(name))
}

/// `{name: list, settings: [append]}` or `[list, append]`
fn is_listed_merger(item: &Yaml11) -> bool {
    let name = match item {
        Yaml11::Map(entries) => {
            let value = |name: &str| {
                let found = entries.iter().find(|(key, _)| *key == Yaml11::Str(name.into()));
                found.map(|(_, value)| value)
            };
            value("settings").and(value("name"))
        }
        Yaml11::List(items) => items.first(),
        _ => None,
    };
    matches!(name, Some(Yaml11::Str(name)) if is_merger(name))
}
