//! The names of all parameters.

use serde_json::Value;

use super::shape;
use crate::source::Path;

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
