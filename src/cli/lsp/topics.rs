//! What a key is about: from the keys of cloud-config, or from the schema of the parameter file.

use std::sync::OnceLock;

use bootseed::lint::schema::{self, Known};
use bootseed::spec;
use serde_json::Value;

/// Which keys there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    CloudConfig,
    Parameters,
}

/// A key.
pub(super) struct Topic {
    pub(super) name: String,
    /// What it is about, in Markdown.
    pub(super) about: String,
    /// Words that it takes.
    pub(super) words: Vec<String>,
}

/// Where the keys of cloud-config are described.
const MODULES: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html";

impl Model {
    /// The key at the end of a path.
    pub(super) fn topic(self, path: &[String]) -> Option<Topic> {
        let name = path.last()?;
        match self {
            Model::CloudConfig => schema::known(path).map(|known| cloud(name, &known)),
            Model::Parameters => find(path).first().map(|schema| parameter(name, schema)),
        }
    }

    /// The keys below a path.
    pub(super) fn below(self, path: &[String]) -> Vec<Topic> {
        match self {
            Model::CloudConfig => {
                schema::below(path).iter().map(|(name, known)| cloud(name, known)).collect()
            }
            Model::Parameters => {
                let maps =
                    find(path).into_iter().filter_map(|one| one.get("properties")?.as_object());
                maps.flatten().map(|(name, schema)| parameter(name, schema)).collect()
            }
        }
    }
}

fn cloud(name: &str, known: &Known) -> Topic {
    let mut lines: Vec<String> = known.about.iter().map(|about| (*about).to_owned()).collect();
    lines.push(format!("`{}` takes {}.", known.path, known.takes));
    if known.required {
        lines.push("It has to be there.".into());
    }
    if known.since > (22, 2) {
        lines.push(format!("Since cloud-init {}.{}.", known.since.0, known.since.1));
    }
    if let Some(deprecated) = &known.deprecated {
        lines.push(format!("**{deprecated}**"));
    }
    lines.push(format!("[Keys of cloud-config]({MODULES})"));
    let words = known.words.iter().map(|word| (*word).to_owned()).collect();
    Topic { name: name.to_owned(), about: lines.join("\n\n"), words }
}

fn parameter(name: &str, schema: &Value) -> Topic {
    let own = flat(schema);
    let about = own.iter().find_map(|one| one.get("description")?.as_str());
    let example = own.iter().find_map(|one| one.get("examples")?.get(0));
    let mut lines: Vec<String> = about.iter().map(|about| (*about).to_owned()).collect();
    lines.extend(example.map(|example| format!("Example: `{example}`")));
    Topic { name: name.to_owned(), about: lines.join("\n\n"), words: words(&own) }
}

/// The words that a value can be.
fn words(schemas: &[&Value]) -> Vec<String> {
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let mut words = Vec::new();
    for one in schemas {
        let several = one.get("enum").and_then(Value::as_array).into_iter().flatten();
        words.extend(several.chain(one.get("const")).filter_map(word));
        let types = one.get("type");
        let is_bool = |kind: &Value| kind == "boolean";
        let listed = |types: &Value| types.as_array().is_some_and(|all| all.iter().any(is_bool));
        if types.is_some_and(|types| is_bool(types) || listed(types)) {
            words.extend(["true".to_owned(), "false".to_owned()]);
        }
    }
    words
}

fn root() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(spec::schema)
}

/// The schemas that a value at a path may have.
fn find(path: &[String]) -> Vec<&'static Value> {
    let mut found = flat(root());
    for step in path {
        let next = found.iter().filter_map(|one| match step.as_str() {
            "[]" => one.get("items"),
            name => {
                let named = one.get("properties").and_then(|all| all.get(name));
                named.or_else(|| one.get("additionalProperties").filter(|other| other.is_object()))
            }
        });
        found = next.flat_map(flat).collect();
    }
    found
}

/// A schema, and those that it is made of.
fn flat(schema: &Value) -> Vec<&Value> {
    let mut flat = vec![schema];
    let mut at = 0;
    while let Some(one) = flat.get(at).copied() {
        let parts = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| one.get(key)?.as_array());
        flat.extend(parts.flatten());
        at += 1;
    }
    flat
}
