//! Requests, answers, templates, variables and profiles that hold user-data: JSON and YAML, and
//! the columns that the AWS CLI prints.

use serde_json::{Map, Value};

use super::budget::Budget;
use super::envelope::{Opened, Sort};
use super::{tagged, template};

/// Keys that hold user-data. Where a map has several, the first one here counts.
const KEYS: &[&str] = &[
    "user_data_base64",
    "UserData",
    "userData",
    "user_data",
    "userdata",
    "customData",
    "CustomData",
    "custom_data",
    "user-data",
    "Fn::Base64",
    "cloud-init.user-data",
    "user.user-data",
];

/// A function of CloudFormation that is only a wrapper here.
const BASE64: &str = "Fn::Base64";

/// Machines of one file that are looked at.
const MACHINES: usize = 1_000;

/// YAML of more bytes is not looked into.
const LONGEST_YAML: usize = 1 << 20;

/// JSON of more bytes is not looked into: its values take forty times as much.
const LONGEST_JSON: usize = 8 << 20;

/// What the aliases of a YAML could write out, in bytes.
const MOST_REPEATED: usize = 64 << 20;

/// A request of the AWS CLI, variables or the state of Terraform and the like; also an answer that
/// was cut down to the text itself.
pub(super) fn json(bytes: &[u8], budget: &mut Budget) -> Option<Opened> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let first = bytes.first().filter(|byte| b"{[\"".contains(byte))?;
    if bytes.len() > LONGEST_JSON {
        return None;
    }
    let value: Value = serde_json::from_slice(bytes).ok()?;
    match value {
        Value::String(text) if *first == b'"' => {
            Some(Opened::one("JSON (text)", Sort::Carrier, text.into_bytes()))
        }
        value => opened("JSON", &value, budget),
    }
}

/// A template of CloudFormation, a profile of LXD and the like.
pub(super) fn yaml(bytes: &[u8], budget: &mut Budget) -> Option<Opened> {
    let text = std::str::from_utf8(bytes).ok()?;
    let header = |line: &str| line.starts_with("#cloud-") || line.starts_with("# cloud-");
    let misspelt = text.lines().any(header);
    if misspelt || !KEYS.iter().any(|key| text.contains(key)) && !text.contains("!Base64") {
        return None;
    }
    let aliases = text.bytes().filter(|byte| *byte == b'*').count();
    if aliases.saturating_mul(text.len()) > MOST_REPEATED
        || text.len() > LONGEST_YAML
        || !budget.take_yaml(text.len())
    {
        return None;
    }
    opened("YAML", &tagged::read(text)?, budget)
}

/// `USERDATA` and the text, in the columns of `aws … --output text`.
pub(super) fn cli(bytes: &[u8], _: &mut Budget) -> Option<Opened> {
    let text = std::str::from_utf8(bytes).ok()?;
    let value = text.lines().take(8).find_map(|line| line.strip_prefix("USERDATA\t"))?;
    Some(Opened::one("AWS CLI (USERDATA)", Sort::Carrier, value.trim().into()))
}

/// User-data that was found in a tree.
struct Place {
    /// Where it is: keys and numbers, without its own key.
    path: String,
    key: &'static str,
    sort: Option<Sort>,
    content: Vec<u8>,
}

fn opened(format: &str, value: &Value, budget: &mut Budget) -> Option<Opened> {
    let mut found = Vec::new();
    search(value, "", &mut found);
    let first = found.first()?;
    let envelope = format!("{format} ({})", first.key);
    let sort =
        first.sort.unwrap_or_else(|| template::sort(value, &first.path, first.key == BASE64));
    let lost = template::refusal(value);
    let mut inside: Vec<(String, Vec<u8>)> = Vec::new();
    let (count, mut note) = (found.len(), None);
    for place in found.into_iter().take(MACHINES) {
        let known = inside.iter().any(|(_, content)| *content == place.content);
        if !known && budget.take(place.content.len()) {
            inside.push((place.path, place.content));
        }
    }
    if count > 1 {
        note = Some(format!(
            "it holds the user-data of {count} machines, {} of them different",
            inside.len()
        ));
    }
    (!inside.is_empty()).then(|| Opened { envelope, sort, inside, note, lost, ..Opened::default() })
}

/// Both readers limit the depth of what they read, so this ends.
fn search(value: &Value, path: &str, found: &mut Vec<Place>) {
    match value {
        Value::Object(map) => search_map(map, path, found),
        Value::Array(items) => match google(items) {
            Some((content, sort)) => {
                let (path, sort) = (path.into(), Some(sort));
                found.push(Place { path, key: GOOGLE, sort, content: content.into() });
            }
            None => {
                for (number, item) in items.iter().enumerate() {
                    search(item, &format!("{path}[{number}]"), found);
                }
            }
        },
        _ => {}
    }
}

fn search_map(map: &Map<String, Value>, path: &str, found: &mut Vec<Place>) {
    let own = KEYS.iter().find_map(|key| Some((*key, map.get(*key)?, text(map.get(*key)?)?)));
    if let Some((key, value, content)) = &own {
        let key = if value.get(BASE64).is_some() { BASE64 } else { key };
        let (path, content) = (path.into(), content.clone().into_bytes());
        found.push(Place { path, key, sort: None, content });
    }
    for (name, value) in map {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match KEYS.iter().find(|key| *key == name) {
            Some(_) if own.is_some() => {}
            Some(key) => by_machine(key, value, &below, found),
            None => search(value, &below, found),
        }
    }
}

/// A map with the user-data of many machines: `{"user_data": {"lab-1": "…", "lab-2": "…"}}`
fn by_machine(key: &'static str, value: &Value, path: &str, found: &mut Vec<Place>) {
    let Value::Object(machines) = value else { return search(value, path, found) };
    for (name, value) in machines {
        let path = format!("{path}.{name}");
        match text(value) {
            Some(content) => {
                let content = content.into_bytes();
                found.push(Place { path, key, sort: None, content });
            }
            None => search(value, &path, found),
        }
    }
}

/// The text of a value, also where a function of CloudFormation or an answer of AWS is around it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && !is_hash(text) => Some(text.clone()),
        Value::Object(map) if map.len() == 1 => {
            let (name, value) = map.iter().next()?;
            match (name.as_str(), value) {
                ("Value" | BASE64, value) => text(value),
                ("Fn::Sub", Value::Array(items)) => text(items.first()?).map(template::literal),
                ("Fn::Sub", value) => text(value).map(template::literal),
                ("Fn::Join", Value::Array(items)) => joined(items),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `Fn::Join`; what is known only to CloudFormation is shown as `Fn::Sub` would have it.
fn joined(items: &[Value]) -> Option<String> {
    let [Value::String(between), Value::Array(pieces)] = items else { return None };
    let piece = |piece: &Value| match piece {
        Value::String(text) => text.clone(),
        Value::Object(map) => text(piece).unwrap_or_else(|| {
            let name = map.values().next().and_then(Value::as_str);
            format!("${{{}}}", name.unwrap_or("…"))
        }),
        other => other.to_string(),
    };
    Some(pieces.iter().map(piece).collect::<Vec<_>>().join(between))
}

/// Terraform's state has a SHA-1 in the place of text.
fn is_hash(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const GOOGLE: &str = "user-data";

/// Metadata of Google: a list of keys and values. `DataSourceGCE.py` of cloud-init
fn google(items: &[Value]) -> Option<(String, Sort)> {
    let value = |key: &str| {
        let item = items.iter().find(|item| item["key"] == key)?;
        item["value"].as_str().map(str::to_string)
    };
    let encoded = value("user-data-encoding").as_deref() == Some("base64");
    let sort = if encoded { Sort::Base64Carrier } else { Sort::PlainCarrier };
    value(GOOGLE).map(|content| (content, sort))
}
