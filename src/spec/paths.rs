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

/// The files on this computer that a parameter file names, relative to it.
pub fn local_files(tree: &Node) -> impl Iterator<Item = &str> {
    LOCAL.iter().flat_map(move |(list, key)| {
        let list = list.iter().try_fold(tree, |node, key| Some(&node.entry(key)?.value));
        let items = list.map(Node::items).unwrap_or_default().iter();
        items.filter_map(|item| Some(item.entry(key)?.value.as_scalar()?.text.as_str()))
    })
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
