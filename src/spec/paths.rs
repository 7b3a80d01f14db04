//! The names of all parameters.

use serde_json::Value;

use super::shape;
use crate::source::{Node, Path};

/// Lists of which an item may name a file on this computer, each with the key that does.
const LOCAL: &[(&[&str], &str)] = &[
    (&["files"], "from"),
    (&["parts"], "from"),
    (&["conda", "environments"], "file"),
    (&["apt", "sources"], "key_from"),
];

/// The same without a list.
const LOCAL_ALONE: &[&[&str]] = &[&["web", "site"]];

/// The folder of an application.
const FOLDER: &[&str] = &["app", "from"];

/// The files on this computer that a parameter file names, relative to it.
pub fn local_files(tree: &Node) -> impl Iterator<Item = &str> {
    listed(tree).filter_map(|node| Some(node.as_scalar()?.text.as_str()))
}

/// Where a parameter file names a file or a folder on this computer.
pub fn local_places(tree: &Node) -> impl Iterator<Item = &Node> {
    listed(tree).chain(below_keys(tree, FOLDER))
}

fn listed(tree: &Node) -> impl Iterator<Item = &Node> {
    let alone = LOCAL_ALONE.iter().filter_map(move |path| below_keys(tree, path));
    let listed = LOCAL.iter().flat_map(move |(list, key)| {
        let items = below_keys(tree, list).map(Node::items).unwrap_or_default().iter();
        items.filter_map(|item| Some(&item.entry(key)?.value))
    });
    alone.chain(listed)
}

fn below_keys<'a>(tree: &'a Node, keys: &[&str]) -> Option<&'a Node> {
    keys.iter().try_fold(tree, |node, key| Some(&node.entry(key)?.value))
}

/// The path of every parameter; of a list that of its first item.
pub fn paths() -> Vec<String> {
    let mut found = Vec::new();
    below(shape::own(), &Path::root(), &mut found);
    found
}

fn below(schema: &Value, at: &Path, found: &mut Vec<String>) {
    if !at.is_root() {
        found.push(at.to_string());
    }
    if let Some(items) = schema.get("items") {
        below(items, &at.index(0), found);
    }
    for (key, schema) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        below(schema, &at.key(key.clone()), found);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_path_is_a_parameter() {
        let paths = super::paths();
        assert!(paths.contains(&"conda.environments[0].name".to_owned()), "{paths:?}");
        assert!(paths.iter().all(|path| super::super::is_parameter(&path.parse().unwrap())));
    }
}
