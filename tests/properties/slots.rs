//! Every text parameter, found in the schema: a new parameter is covered by itself.

use bootseed::source::{Path, Segment};
use bootseed::spec;
use serde_json::{Map, Value, json};

/// A place that takes a text.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) path: Path,
    /// Is the text the last key of the path, and not the value?
    pub(crate) is_key: bool,
}

/// What has to stand beside a parameter so that it can be accepted.
const BESIDE: &[(&str, &str, &str)] = &[
    ("users[]", "name", "kim"),
    ("files[]", "path", "/srv/x"),
    ("files[]", "content", "x"),
    ("apt.sources[]", "name", "docker"),
    ("apt.sources[]", "source", "deb https://example.org/x $RELEASE main"),
    ("apt.sources[]", "key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"),
    ("app", "git", r#"{"url": "https://example.org/a.git", "commit": "v1"}"#),
    ("app", "module", "a:b"),
    ("app.git", "url", "https://example.org/a.git"),
    ("app.git", "commit", "v1"),
    ("app.archive", "url", "https://example.org/a.tar.gz"),
    ("app.archive", "sha256", SUM),
    ("web.auth", "users", r#"[{"name": "kim", "password_hash": "$6$a$b"}]"#),
    ("web.auth.users[]", "name", "kim"),
    ("web.auth.users[]", "password", "x"),
    ("status", "report", "http://example.org/"),
    ("parts[]", "kind", "script"),
    ("parts[]", "content", "#!/bin/sh\n"),
    ("conda.environments[]", "name", "e1"),
    ("conda.environments[]", "pip", r#"["flask"]"#),
    ("conda.installer.x86_64", "url", "https://example.org/x86_64"),
    ("conda.installer.aarch64", "url", "https://example.org/aarch64"),
    ("conda.installer.x86_64", "sha256", SUM),
    ("conda.installer.aarch64", "sha256", SUM),
];

/// What must not stand beside a parameter.
const CONTRADICTS: &[(&str, &str)] = &[
    ("from", "content"),
    ("key_from", "key"),
    ("password_hash", "password"),
    ("from", "git"),
    ("archive", "git"),
    ("code", "git"),
    ("command", "module"),
    ("branch", "commit"),
];

const SUM: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// All of them.
pub(crate) fn all() -> Vec<Slot> {
    let mut slots = Vec::new();
    walk(&spec::schema(), &Path::root(), &mut slots);
    // Not only the program but also an argument of it.
    slots.push(value(Path::root().key("run").index(0).index(1)));
    slots
}

fn value(path: Path) -> Slot {
    Slot { path, is_key: false }
}

fn walk(schema: &Value, at: &Path, slots: &mut Vec<Slot>) {
    for branch in schema["anyOf"].as_array().into_iter().flatten() {
        walk(branch, at, slots);
    }
    let choice = schema.get("oneOf").or(schema.get("enum")).is_some();
    // An editor is told that a text may look like a number.
    let kind = schema["type"].as_array().map_or(&schema["type"], |kinds| &kinds[0]);
    match kind.as_str() {
        Some("string") => slots.push(value(at.clone())),
        Some("array") => walk(&schema["items"], &at.index(0), slots),
        Some("object") => match schema["properties"].as_object() {
            Some(known) => {
                known.iter().for_each(|(key, one)| walk(one, &at.key(key.clone()), slots))
            }
            None => {
                slots.push(value(at.key("migrate")));
                slots.push(Slot { path: at.clone(), is_key: true });
            }
        },
        None if choice => slots.push(value(at.clone())),
        _ => {}
    }
}

impl Slot {
    /// The path with every index blank, to look it up in a table.
    pub(crate) fn pattern(&self) -> String {
        let end = if self.is_key { ".<key>" } else { "" };
        pattern(self.path.segments()) + end
    }

    /// The smallest parameters that have this text in this place.
    pub(crate) fn with(&self, text: &str) -> Value {
        let leaf = if self.is_key { json!({ text: "x" }) } else { json!(text) };
        let segments = self.path.segments();
        (0..segments.len()).rev().fold(leaf, |inner, depth| match &segments[depth] {
            Segment::Index(0) => json!([inner]),
            Segment::Index(_) => json!(["printf", inner]),
            Segment::Key(key) => Value::Object(beside(&segments[..depth], key, inner)),
        })
    }

    /// Does an error at this path speak of this place?
    pub(crate) fn is_named_by(&self, path: &Path) -> bool {
        let (own, other) = (self.path.segments(), path.segments());
        let deep_enough = other.len() + 1 >= own.len() && !path.is_root();
        deep_enough && own.iter().zip(other).all(|(a, b)| a == b)
    }
}

fn beside(above: &[Segment], key: &str, inner: Value) -> Map<String, Value> {
    let parent = pattern(above);
    let contradicts = |other: &str| CONTRADICTS.contains(&(key, other));
    let mut map: Map<String, Value> = BESIDE
        .iter()
        .filter(|(at, other, _)| *at == parent && !contradicts(other))
        .map(|(_, other, text)| {
            let list = serde_json::from_str(text)
                .ok()
                .filter(|value: &Value| value.is_array() || value.is_object());
            (other.to_string(), list.unwrap_or_else(|| json!(text)))
        })
        .collect();
    map.insert(key.to_string(), inner);
    map
}

fn pattern(segments: &[Segment]) -> String {
    let shown = Path::from(segments.to_vec()).to_string();
    shown.replace("[0]", "[]").replace("[1]", "[]")
}
