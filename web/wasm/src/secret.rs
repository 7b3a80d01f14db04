//! What in a parameter file must not be in a link.
//!
//! In: the text. Out: the paths of its values that are secret by their key or by what they are, and
//! whether anything in it looks like a secret, as in a comment.

use bootseed::diagnostic::{secrets, sounds_secret};
use bootseed::source::{Kind, Node, Source, parse};
use serde::Deserialize;
use serde_json::{Value, json};

/// A parameter file.
#[derive(Deserialize)]
pub struct Ask {
    /// Its text.
    text: String,
}

/// The paths, as lists of keys and places.
pub(crate) fn answer(ask: &Ask) -> Value {
    let mut found = Vec::new();
    match parse(&Source::new("parameters", ask.text.as_str())) {
        Ok(tree) => {
            walk(&tree, false, &mut Vec::new(), &mut found);
            json!({ "paths": found, "tokens": !secrets(&ask.text).is_empty() })
        }
        Err(_) => json!({ "failure": "the parameters cannot be read" }),
    }
}

fn walk(node: &Node, secret: bool, at: &mut Vec<Value>, found: &mut Vec<Vec<Value>>) {
    match &node.kind {
        Kind::Map(entries) => {
            for entry in entries {
                at.push(entry.key.clone().into());
                // `secrets` of an application are names; their values are made on the machine.
                let names = entry.key == "secrets";
                walk(&entry.value, !names && sounds_secret(&entry.key), at, found);
                at.pop();
            }
        }
        Kind::List(items) => {
            for (place, item) in items.iter().enumerate() {
                at.push(place.into());
                walk(item, secret, at, found);
                at.pop();
            }
        }
        Kind::Scalar(scalar) if secret || !secrets(&scalar.text).is_empty() => {
            found.push(at.clone())
        }
        _ => {}
    }
}
