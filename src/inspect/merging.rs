//! How a cloud-config wants to be merged: a merger that cloud-init does not know loses the whole
//! part. `cloudinit/mergers/__init__.py`

use crate::source::yaml11::{Body, Tree};

/// Keys that say it; the first one counts.
const KEYS: &[&str] = &["merge_how", "merge_type"];

/// Mergers, without the prefix `m_` that they may have.
const MERGERS: &[&str] = &["dict", "list", "str"];

/// The key whose value names no merger, if there is one.
pub(super) fn mistaken(config: &Tree) -> Option<&'static str> {
    let value = |name: &str| config.get(name).filter(|value| !value.is_null());
    let (key, value) = KEYS.iter().find_map(|key| Some((*key, value(key)?)))?;
    let good = match (value.as_str(), &value.body) {
        (Some(text), _) => text.split('+').all(is_written_merger),
        (None, Body::List(items)) => items.iter().all(is_listed_merger),
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
fn is_listed_merger(item: &Tree) -> bool {
    let name = match &item.body {
        Body::Map(_) => item.get("settings").and(item.get("name")),
        Body::List(items) => items.first(),
        Body::Scalar(_) => None,
    };
    name.and_then(Tree::as_str).is_some_and(is_merger)
}
