//! Does a tree have the shape that a schema describes? Every unknown key, wrong type and missing
//! key is reported; scalars become the type that the parameter has, so that an unquoted `3.10`
//! is the text 3.10 where a text is wanted.

use std::sync::OnceLock;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::expected;
use crate::diagnostic::{Diagnostic, Report, conceal, nearest};
use crate::source::{Kind, Node, Path, Plain, Segment};

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
        Segment::Key(key) => schema.get("properties")?.get(&**key),
        Segment::Index(_) => schema
            .get("items")
            .or_else(|| branch(schema, "array").and_then(|branch| branch.get("items"))),
    })
}

/// Compares `node` with `schema`. Out: its value with the types that the schema wants, and the
/// places where it had to leave something out or put something in.
pub(super) fn conform(node: &Node, schema: &Value, report: &mut Report) -> (Value, Vec<Path>) {
    let mut shape = Shape { report, root: schema, gaps: Vec::new() };
    let value = shape.value(node, schema, &Path::default());
    (value.unwrap_or_else(|| json!({})), shape.gaps)
}

struct Shape<'a> {
    report: &'a mut Report,
    /// The schema of the whole file.
    root: &'a Value,
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
        let Some(known) = schema.get("properties").and_then(Value::as_object) else {
            return node.to_cloud_json();
        };
        let mut map = Map::new();
        let mut guessed = Vec::new();
        for entry in node.entries() {
            let place = at.key(entry.key.clone());
            match known.get(&entry.key) {
                Some(schema) => {
                    let value = self.value(&entry.value, schema, &place);
                    map.insert(entry.key.clone(), value.unwrap_or(Value::Null));
                }
                None => guessed.extend(self.unknown_key(&entry.key, known, &place)),
            }
        }
        self.missing_keys(&mut map, &guessed, schema, at);
        map.retain(|_, value| !value.is_null());
        Value::Object(map)
    }

    /// Puts something in for required keys that are not there or not usable. A key that was
    /// probably meant by another one is not reported again.
    fn missing_keys(
        &mut self,
        map: &mut Map<String, Value>,
        guessed: &[String],
        schema: &Value,
        at: &Path,
    ) {
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let Some(key) = key.as_str() else { continue };
            let declared = &schema["properties"][key];
            let there = map.get(key).cloned();
            if there.as_ref().is_none_or(Value::is_null) {
                self.gaps.push(at.key(key.to_owned()));
                map.insert(key.to_owned(), placeholder(declared));
            }
            if there.is_some() || guessed.iter().any(|guess| guess == key) {
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

    /// The key that was probably meant.
    fn unknown_key(&mut self, key: &str, known: &Map<String, Value>, at: &Path) -> Option<String> {
        self.gaps.push(at.clone());
        let guess = meant(key, known);
        let help = match &guess {
            Some(guess) => format!("did you mean `{guess}`?"),
            None => hint(key, known, at, self.root),
        };
        let shown = conceal(&super::word::shorten(key));
        let message = match at.parent().filter(|parent| !parent.is_root()) {
            Some(parent) => format!("`{parent}` has no key `{shown}`"),
            None => format!("there is no parameter `{shown}`"),
        };
        self.report.push(Diagnostic::error("unknown-key", message).at_key(at).help(help));
        guess
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
        let (what, help) = expected::of(schema, node);
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

/// Other words for parameters.
const SYNONYMS: &[(&str, &str)] = &[
    ("apps", "packages"),
    ("apt_packages", "packages"),
    ("command", "run"),
    ("commands", "run"),
    ("dependencies", "packages"),
    ("destination", "path"),
    ("envs", "environments"),
    ("environment", "environments"),
    ("env", "environments"),
    ("html", "index"),
    ("node", "hostname"),
    ("permissions", "mode"),
    ("pip_packages", "pip"),
    ("checksum", "sha256"),
    ("runcmd", "run"),
    ("sha", "sha256"),
    ("sum", "sha256"),
    ("source", "from"),
    ("ssh_keys", "ssh_authorized_keys"),
    ("ssh_key", "ssh_authorized_keys"),
    ("keys", "ssh_authorized_keys"),
    ("passwd", "password"),
    ("hashed_passwd", "password_hash"),
    ("text", "content"),
    ("type", "kind"),
    ("tz", "timezone"),
    ("write_files", "files"),
];

/// The known key that was probably meant by `key`.
fn meant(key: &str, known: &Map<String, Value>) -> Option<String> {
    let same = |entry: &&(&str, &str)| entry.0 == key && known.contains_key(entry.1);
    let synonym = SYNONYMS.iter().find(same).map(|(_, word)| *word);
    synonym.or_else(|| nearest(key, known.keys().map(String::as_str))).map(str::to_owned)
}

/// What to do about a key that is like none of those known here.
fn hint(key: &str, known: &Map<String, Value>, at: &Path, root: &Value) -> String {
    let top = at.segments().len() == 1;
    if let Some(place) = home(root, key, &Path::default()) {
        return match place.is_root() {
            true => format!("`{key}` is a parameter of its own: write it at the start of a line"),
            false => format!("`{key}` belongs below `{place}`"),
        };
    }
    if top && super::cloud_config::keys().any(|cloud| cloud == key) {
        return format!("`{key}` is a key of cloud-init: write it below `cloud_config:`");
    }
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    format!("known here: {}", names.join(", "))
}

/// Where there is a parameter of this name.
fn home(schema: &Value, key: &str, at: &Path) -> Option<Path> {
    let known = schema.get("properties").and_then(Value::as_object);
    if known.is_some_and(|known| known.contains_key(key)) {
        return Some(at.clone());
    }
    let below = known.into_iter().flatten().map(|(name, schema)| (at.key(name.clone()), schema));
    let items = schema.get("items").map(|items| (at.index(0), items));
    below.chain(items).find_map(|(at, schema)| home(schema, key, &at))
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
