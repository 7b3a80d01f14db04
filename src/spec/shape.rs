//! Does a tree have the shape that a schema describes? Every unknown key, wrong type and missing
//! key is reported; scalars become the type that the parameter has, so that an unquoted `3.10`
//! is the text 3.10 where a text is wanted.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::{Kind, Node, Path, Segment};

/// The schema of `T` without references, and without `null` where a key may be left out.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let mut schema: Value = settings.into_generator().into_root_schema_for::<T>().into();
    tidy(&mut schema);
    schema
}

/// Leaving a key out is the only way to say nothing: drops `null` from types, and the defaults and
/// number formats that are Rust's affair.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|t| t != "null");
                if let [only] = &types[..] {
                    map["type"] = only.clone();
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("enum") {
                choices.retain(|choice| !choice.is_null());
            }
            drop_null_alternative(map);
            map.remove("default");
            map.remove("format");
            map.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

fn drop_null_alternative(map: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = map.get_mut("anyOf") else { return };
    branches.retain(|branch| branch["type"] != "null");
    if let [Value::Object(only)] = &branches[..] {
        let only = only.clone();
        map.remove("anyOf");
        for (key, value) in only {
            map.entry(key).or_insert(value);
        }
    }
}

/// The schema as an editor needs it: bootseed takes a text without quotes where it looks like a
/// number (`python: 3.9`), but to an editor that is a number.
pub(super) fn published(mut schema: Value) -> Value {
    unquote(&mut schema);
    schema
}

fn unquote(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(unquote),
        Value::Object(map) => {
            let choice = map.contains_key("enum") || map.contains_key("const");
            if map.get("type") == Some(&json!("string")) && !choice {
                map.insert("type".into(), json!(["string", "number"]));
            }
            map.values_mut().for_each(unquote);
        }
        _ => {}
    }
}

/// The schema of the value at `path`.
pub(super) fn at<'a>(schema: &'a Value, path: &Path) -> Option<&'a Value> {
    path.segments().iter().try_fold(schema, |schema, segment| match segment {
        Segment::Key(key) => schema.get("properties")?.get(key),
        Segment::Index(_) => schema
            .get("items")
            .or_else(|| branch(schema, "array").and_then(|branch| branch.get("items"))),
    })
}

/// Compares `node` with `schema` and returns its value with the types that the schema wants.
pub(super) fn conform(node: &Node, schema: &Value, report: &mut Report) -> Value {
    Shape { report }.value(node, schema, &Path::default())
}

struct Shape<'a> {
    report: &'a mut Report,
}

impl Shape<'_> {
    fn value(&mut self, node: &Node, schema: &Value, at: &Path) -> Value {
        if node.is_null() && !at.is_root() {
            self.empty(at);
            return Value::Null;
        }
        let Some(wanted) = wanted(schema, node) else { return node.to_json() };
        match (&node.kind, wanted.get("type").and_then(Value::as_str)) {
            (Kind::Map(_), Some("object")) => self.map(node, wanted, at),
            (Kind::Map(entries), _) if at.is_root() && entries.is_empty() => json!({}),
            (Kind::Scalar(_), Some("object")) if at.is_root() && node.is_null() => json!({}),
            (Kind::List(items), Some("array")) => {
                let item = &wanted["items"];
                let items = items.iter().enumerate();
                items.map(|(i, node)| self.value(node, item, &at.index(i))).collect()
            }
            (Kind::Scalar(scalar), Some(kind)) => self.scalar(&scalar.text, node, kind, wanted, at),
            (_, Some(kind)) => self.wrong_type(node, kind, at),
            (_, None) => self.choice(node, wanted, at),
        }
    }

    fn map(&mut self, node: &Node, schema: &Value, at: &Path) -> Value {
        let Kind::Map(entries) = &node.kind else { return Value::Null };
        let Some(known) = schema.get("properties").and_then(Value::as_object) else {
            return node.to_json();
        };
        let mut map = Map::new();
        for entry in entries {
            let place = at.key(&entry.key);
            match known.get(&entry.key) {
                Some(schema) => {
                    map.insert(entry.key.clone(), self.value(&entry.value, schema, &place));
                }
                None => self.unknown_key(&entry.key, known, &place),
            }
        }
        self.missing_keys(&map, schema, at);
        Value::Object(map)
    }

    fn missing_keys(&mut self, map: &Map<String, Value>, schema: &Value, at: &Path) {
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let Some(key) = key.as_str().filter(|key| !map.contains_key(*key)) else { continue };
            let diagnostic = Diagnostic::error("missing-key", format!("`{key}` is missing here"));
            let description = schema["properties"][key]["description"].as_str().unwrap_or_default();
            self.report
                .push(diagnostic.at(at).help(format!("add `{key}:` ({})", one_line(description))));
        }
    }

    fn unknown_key(&mut self, key: &str, known: &Map<String, Value>, at: &Path) {
        let help = match nearest(key, known.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                format!("known here: {}", names.join(", "))
            }
        };
        let shown = super::word::shorten(key);
        let message = match at.parent().filter(|parent| !parent.is_root()) {
            Some(parent) => format!("`{parent}` has no key `{shown}`"),
            None => format!("there is no parameter `{shown}`"),
        };
        self.report.push(Diagnostic::error("unknown-key", message).at_key(at).help(help));
    }

    fn empty(&mut self, at: &Path) {
        let message = format!("`{at}` has no value");
        let help = "give it a value, or leave it out";
        self.report.push(Diagnostic::error("empty-value", message).at_key(at).help(help));
    }

    fn scalar(&mut self, text: &str, node: &Node, kind: &str, schema: &Value, at: &Path) -> Value {
        match kind {
            "string" => self.text(text, schema, at),
            "boolean" => match text {
                "true" => json!(true),
                "false" => json!(false),
                _ => self.wrong_type(node, kind, at),
            },
            "integer" => match text.parse::<u32>() {
                Ok(number) => json!(number),
                Err(_) => self.wrong_type(node, kind, at),
            },
            _ => self.wrong_type(node, kind, at),
        }
    }

    fn text(&mut self, text: &str, schema: &Value, at: &Path) -> Value {
        let choices = choices(schema);
        if !choices.is_empty() && !choices.contains(&text) {
            let help = match nearest(text, choices.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", choices.join(", ")),
            };
            let message = format!("`{at}` cannot be `{}`", super::word::shorten(text));
            self.report.push(Diagnostic::error("unknown-value", message).at(at).help(help));
        }
        json!(text)
    }

    /// A value whose schema is a choice of constants (an enum with documented variants).
    fn choice(&mut self, node: &Node, schema: &Value, at: &Path) -> Value {
        match &node.kind {
            Kind::Scalar(scalar) => self.text(&scalar.text, schema, at),
            _ => self.wrong_type(node, "string", at),
        }
    }

    fn wrong_type(&mut self, node: &Node, kind: &str, at: &Path) -> Value {
        let (what, help) = expectation(kind, node);
        let place = if at.is_root() { "the parameter file".into() } else { format!("`{at}`") };
        let message = format!("{place} must be {what}, this is {}", node.describe());
        self.report.push(Diagnostic::error("wrong-type", message).at(at).help(help));
        Value::Null
    }
}

/// What a type is called, and how a value of it is written.
fn expectation(kind: &str, node: &Node) -> (&'static str, String) {
    match (kind, &node.kind) {
        ("array", Kind::Scalar(scalar)) => {
            ("a list", format!("write it as a list: [{}]", super::word::shorten(&scalar.text)))
        }
        ("array", _) => ("a list", "begin each item on a line of its own with `- `".into()),
        ("object", _) => {
            ("a map", "write its keys on lines of their own, indented, as `key: value`".into())
        }
        ("boolean", _) => ("true or false", "write true or false, without quotes".into()),
        ("integer", _) => ("a whole number", "write digits only".into()),
        (_, Kind::Map(_)) => {
            ("a text", "a text with `: ` in it needs quotes around the whole: 'echo a: b'".into())
        }
        _ => ("a text", "write one text, not a list".into()),
    }
}

/// The alternative of `schema` that `node` is meant to be; `None` where anything goes.
fn wanted<'a>(schema: &'a Value, node: &Node) -> Option<&'a Value> {
    if schema.get("anyOf").is_none() {
        let open = schema.get("type").is_none() && choices(schema).is_empty();
        return (!open).then_some(schema);
    }
    let kind = match node.kind {
        Kind::Map(_) => "object",
        Kind::List(_) => "array",
        Kind::Scalar(_) => "string",
    };
    branch(schema, kind).or_else(|| schema["anyOf"].get(0))
}

fn branch<'a>(schema: &'a Value, kind: &str) -> Option<&'a Value> {
    schema.get("anyOf")?.as_array()?.iter().find(|branch| branch["type"] == kind)
}

/// The constants that a schema allows.
fn choices(schema: &Value) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let described = described.flat_map(|one| {
        let several = one.get("enum").and_then(Value::as_array).into_iter().flatten();
        several.chain(one.get("const"))
    });
    listed.chain(described).filter_map(Value::as_str).collect()
}

/// The first sentence of a description.
fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split_once(". ").map_or(text.trim_end_matches('.'), |(first, _)| first).to_string()
}
