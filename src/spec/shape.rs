//! Does a tree have the shape that a schema describes? Every unknown key, wrong type and missing
//! key is reported; scalars become the type that the parameter has, so that an unquoted `3.10`
//! is the text 3.10 where a text is wanted.

use std::sync::OnceLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::place::normal;
use super::unknown::{self, Corrected};
use super::{expected, odd};
use crate::diagnostic::{Diagnostic, Report, nearest, sounds_secret};
use crate::source::{Kind, Node, Path, Plain, Segment, slips_at};

/// The schema of the parameter file. Making it takes longer than reading a file, so it is kept.
pub(super) fn own() -> &'static Value {
    static OWN: OnceLock<Value> = OnceLock::new();
    OWN.get_or_init(schema_of::<super::Spec>)
}

/// The schema of `T` without references, and without `null` where a key may be left out.
fn schema_of<T: JsonSchema>() -> Value {
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

/// The schema of the value at `path`.
pub(super) fn at<'a>(schema: &'a Value, path: &Path) -> Option<&'a Value> {
    path.segments().iter().try_fold(schema, |schema, segment| match segment {
        Segment::Key(key) => {
            let schema = branch(schema, "object").unwrap_or(schema);
            match schema.get("properties") {
                Some(known) => known.get(&**key),
                None => each(schema),
            }
        }
        Segment::Index(_) => schema
            .get("items")
            .or_else(|| branch(schema, "array").and_then(|branch| branch.get("items"))),
    })
}

/// The schema of every value of a map with keys of the owner's.
fn each(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|each| each.is_object())
}

/// The same, to be changed.
pub(super) fn at_mut<'a>(schema: &'a mut Value, path: &Path) -> Option<&'a mut Value> {
    path.segments().iter().try_fold(schema, |schema, segment| match segment {
        Segment::Key(key) => schema.get_mut("properties")?.get_mut(&**key),
        Segment::Index(_) => schema.get_mut("items"),
    })
}

/// What [`conform`] gives.
pub(super) struct Conformed {
    /// The value with the types that the schema wants.
    pub(super) value: Value,
    /// Where something had to be left out or put in.
    pub(super) gaps: Vec<Path>,
    /// The tree that it was read from, if keys had to be guessed.
    pub(super) corrected: Option<Node>,
}

/// Compares `node` with `schema`.
pub(super) fn conform(node: &Node, schema: &Value, report: &mut Report) -> Conformed {
    let root = Path::default();
    let Corrected { tree, gaps } = unknown::correct(node, schema, &root, schema, report);
    let mut shape = Shape { report, gaps };
    let value = shape.value(tree.as_ref().unwrap_or(node), schema, &root);
    Conformed { value: value.unwrap_or_else(|| json!({})), gaps: shape.gaps, corrected: tree }
}

struct Shape<'a> {
    report: &'a mut Report,
    gaps: Vec<Path>,
}

impl Shape<'_> {
    /// The value; `None`, reported, if it is not what it should be.
    fn value(&mut self, node: &Node, schema: &Value, at: &Path) -> Option<Value> {
        if node.is_null() && !at.is_root() {
            return self.empty(at);
        }
        let Some(wanted) = wanted(schema, node) else { return Some(node.to_cloud_json()) };
        match (&node.kind, wanted.get("type").and_then(Value::as_str)) {
            (Kind::Map(_), Some("object")) => Some(self.map(node, wanted, at)),
            (Kind::List(items), Some("array")) => Some(self.list(items, &wanted["items"], at)),
            (Kind::Scalar(scalar), Some(kind)) => self.scalar(&scalar.text, node, kind, wanted, at),
            (_, Some(_)) => self.wrong_type(node, wanted, at),
            (Kind::Scalar(scalar), None) => self.text(&scalar.text, wanted, at),
            (_, None) => self.wrong_type(node, wanted, at),
        }
    }

    fn list(&mut self, items: &[Node], schema: &Value, at: &Path) -> Value {
        let mut values = Vec::new();
        for (i, node) in items.iter().enumerate() {
            let value = self.value(node, schema, &at.index(i));
            values.push(value.unwrap_or_else(|| placeholder(schema)));
        }
        Value::Array(values)
    }

    fn map(&mut self, node: &Node, schema: &Value, at: &Path) -> Value {
        let mut map = Map::new();
        let Some(known) = schema.get("properties").and_then(Value::as_object) else {
            let Some(each) = each(schema) else { return node.to_cloud_json() };
            for entry in node.entries() {
                let value = self.value(&entry.value, each, &at.key(entry.key.clone()));
                map.extend(value.map(|value| (entry.key.clone(), value)));
            }
            return Value::Object(map);
        };
        for entry in node.entries() {
            let Some(schema) = known.get(&entry.key) else { continue };
            let value = self.value(&entry.value, schema, &at.key(entry.key.clone()));
            map.insert(entry.key.clone(), value.unwrap_or(Value::Null));
        }
        self.missing_keys(&mut map, schema, at);
        map.retain(|_, value| !value.is_null());
        Value::Object(map)
    }

    /// Puts something in for required keys that are not there or not usable.
    fn missing_keys(&mut self, map: &mut Map<String, Value>, schema: &Value, at: &Path) {
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let Some(key) = key.as_str() else { continue };
            let declared = &schema["properties"][key];
            let there = map.get(key).cloned();
            if there.as_ref().is_none_or(Value::is_null) {
                self.gaps.push(at.key(key.to_owned()));
                map.insert(key.to_owned(), placeholder(declared));
            }
            if there.is_some() {
                continue;
            }
            let help = format!(
                "add `{key}:` ({})",
                one_line(declared["description"].as_str().unwrap_or_default())
            );
            let diagnostic = Diagnostic::error("missing-key", format!("`{key}` is missing here"));
            self.report.push(diagnostic.at(at).help(help));
        }
    }

    fn empty(&mut self, at: &Path) -> Option<Value> {
        self.gaps.push(at.clone());
        let message = format!("`{at}` has no value");
        let help = "give it a value, or leave it out";
        self.report.push(Diagnostic::error("empty-value", message).at_key(at).help(help));
        None
    }

    fn scalar(
        &mut self,
        text: &str,
        node: &Node,
        kind: &str,
        schema: &Value,
        at: &Path,
    ) -> Option<Value> {
        match (kind, text) {
            ("array" | "object", _) => self.wrong_type(node, schema, at),
            _ if odd::is_reported(node, schema, at, self.report) => {
                self.gaps.push(at.clone());
                None
            }
            ("string", _) if text.trim().is_empty() && !may_be_blank(at) => self.empty(at),
            ("string", _) => self.text(text, schema, at),
            ("boolean", "true" | "True" | "TRUE") => Some(json!(true)),
            ("boolean", "false" | "False" | "FALSE") => Some(json!(false)),
            ("integer", _) => match text.parse::<u32>() {
                Ok(number) => Some(json!(number)),
                Err(_) => self.wrong_type(node, schema, at),
            },
            _ => self.wrong_type(node, schema, at),
        }
    }

    fn text(&mut self, text: &str, schema: &Value, at: &Path) -> Option<Value> {
        let choices = choices(schema);
        if let Some(file) = PATHS.iter().find(|(path, _)| is_at(at, path)).map(|one| one.1) {
            return Some(json!(normal(text, file)));
        }
        if choices.is_empty() || choices.contains(&text) {
            return Some(json!(text));
        }
        self.gaps.push(at.clone());
        let help = match nearest(text, choices.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of: {}", choices.join(", ")),
        };
        let message = format!("`{at}` cannot be `{}`", super::word::shorten(text));
        self.report.push(Diagnostic::error("unknown-value", message).at(at).help(help));
        None
    }

    fn wrong_type(&mut self, node: &Node, schema: &Value, at: &Path) -> Option<Value> {
        self.gaps.push(at.clone());
        let plain = node.as_scalar().is_some_and(|scalar| scalar.plain);
        let kind =
            schema["type"].as_str().filter(|kind| plain && ["array", "object"].contains(kind));
        let slips = kind.map(|kind| slips_at(&node.span, kind == "array")).unwrap_or_default();
        if !slips.is_empty() {
            self.report.extend(slips.into_iter().map(Diagnostic::from));
            return None;
        }
        let secret = matches!(at.last(), Some(Segment::Key(key)) if sounds_secret(key));
        let (what, mut help) = expected::of(schema, node);
        if secret {
            help = "write one text; put it in quotes".into();
        }
        let place = if at.is_root() { "the parameter file".into() } else { format!("`{at}`") };
        let number = node.as_scalar().filter(|_| what.ends_with("number"));
        let this = match number.filter(|scalar| scalar.look() != Plain::Text) {
            Some(scalar) => format!("`{}`", super::word::shorten(&scalar.text)),
            None => node.describe().into(),
        };
        let message = format!("{place} must be {what}, this is {this}");
        self.report.push(Diagnostic::error("wrong-type", message).at(at).help(help));
        None
    }
}

/// Parameters that are paths on the machine; is it one of a file?
const PATHS: &[(&[&str], bool)] = &[
    (&["files", "path"], true),
    (&["users", "shell"], true),
    (&["conda", "prefix"], false),
    (&["web", "root"], false),
];

/// Is it at these keys, whatever the items of lists between them?
fn is_at(at: &Path, keys: &[&str]) -> bool {
    let named = at.segments().iter().filter_map(|segment| match segment {
        Segment::Key(key) => Some(&**key),
        Segment::Index(_) => None,
    });
    named.eq(keys.iter().copied())
}

/// Texts that may well be empty.
fn may_be_blank(at: &Path) -> bool {
    let is = |segment: Option<&Segment>, names: &[&str]| matches!(segment, Some(Segment::Key(key)) if names.contains(&&**key));
    is(at.segments().first(), &["run"]) || is(at.last(), &["content", "index", "password"])
}

/// What stands in for a value that is not usable, so that the rest can be checked.
fn placeholder(schema: &Value) -> Value {
    let schema = schema.get("anyOf").and_then(|branches| branches.get(0)).unwrap_or(schema);
    match schema["type"].as_str() {
        Some("boolean") => json!(false),
        Some("integer") => json!(0),
        Some("array") => json!([]),
        Some("object") => {
            let keys =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            keys.map(|key| (key.to_owned(), placeholder(&schema["properties"][key])))
                .collect::<Map<_, _>>()
                .into()
        }
        _ => json!(choices(schema).first().copied().unwrap_or_default()),
    }
}

/// The alternative of `schema` that `node` is meant to be; `None` where anything goes.
pub(super) fn wanted<'a>(schema: &'a Value, node: &Node) -> Option<&'a Value> {
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
pub(super) fn choices(schema: &Value) -> Vec<&str> {
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
