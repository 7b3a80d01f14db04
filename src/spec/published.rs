//! The schema as an editor needs it: with what a value may look like, which [`check`](super::load)
//! says in words, and with numbers where bootseed takes a text without quotes (`python: 3.9`).
//!
//! To give a parameter a pattern: a line of `PATTERNS`. A text of a roster (`{{ student.id }}`) may
//! stand anywhere.

use serde_json::{Map, Value, json};

use super::{account, machine, shape};
use crate::source::Path;

const URL: &str = r#"https?://[^/?\s@"'`\\<>{}|^]+(?:[/?][^\s"'`\\<>{}|^]*)?"#;
const NAME: &str = "[a-z_][a-z0-9_-]{0,31}";
const LABEL: &str = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

/// Parameters (an item of a list by `[0]`), and what the whole of their text looks like.
const PATTERNS: &[(&str, &str)] = &[
    ("swap", "auto|[0-9]+(?:[KkMmGg][Ii]?)?[Bb]*"),
    ("users[0].name", NAME),
    ("users[0].groups[0]", NAME),
    ("users[0].shell", r"/(?!(?:.*/)?\.{0,2}$)(?!(?:.*/)?\.\.(?:/|$)).*"),
    (
        "users[0].ssh_authorized_keys[0]",
        r"(?:\S.* )?(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\S* \S{21,}(?: .*)?",
    ),
    ("users[0].password", r"(?!\$(?:1|2[abxy]|5|6|7|gy|md5|sha1|y|argon2id)\$[^$]*\$).+"),
    ("users[0].password_hash", r"\$(?:2b|5|6|7|gy|y)\$[^\x00-!*:;\\\x7f-\uffff]+"),
    ("packages[0]", "[A-Za-z0-9][A-Za-z0-9+.:=~/_-]*"),
    ("services[0]", r"[A-Za-z0-9][A-Za-z0-9_.:@\\-]*"),
    ("files[0].path", r"/(?!tmp/)(?!(?:.*/)?\.{0,2}$)(?!(?:.*/)?\.\.(?:/|$)).*"),
    ("files[0].owner", "[A-Za-z0-9_][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)?"),
    ("files[0].mode", "0?[0-7]{3,4}"),
    ("apt.mirror", URL),
    ("apt.proxy", URL),
    ("apt.sources[0].name", "[A-Za-z0-9][A-Za-z0-9_-]{0,59}"),
    ("apt.sources[0].source", r"deb(?:-src)? .*https?://\S+ +\S+.*"),
    ("conda.environments[0].index_url", URL),
    ("conda.environments[0].extra_index_urls[0]", URL),
    ("conda.environments[0].find_links[0]", URL),
    ("conda.mirror", URL),
    ("conda.installer.x86_64.url", URL),
    ("conda.installer.x86_64.sha256", "[0-9A-Fa-f]{64}"),
    ("conda.installer.aarch64.url", URL),
    ("conda.installer.aarch64.sha256", "[0-9A-Fa-f]{64}"),
    ("conda.prefix", r"/(?!(?:.*/)?\.\.(?:/|$))[A-Za-z0-9/._+-]{1,59}"),
    ("conda.channels[0]", "(?!.*(?:@|/t/))[A-Za-z0-9][A-Za-z0-9_./:~%+-]*"),
    (
        "conda.environments[0].name",
        r"(?!(?:base|root)$)[^\x00-/:-@\[-^`{-\x7f][^\x00-*,/:-@\[-^`{-\x7f]{0,62}",
    ),
    (
        "conda.environments[0].python",
        r"(?:(?:^|[,|]) *(?:(?:<=?|!=) *[0-9]+(?:\.[0-9]+)*(?:\.\*)?|(?:==?|>=?|~=)? *(?:2(?:\.[0-7])?|3(?:\.(?:[0-9]|[1-3][0-9]|40))?)(?:\.[0-9]+)*(?:\.\*|(?:a|b|rc)[0-9]+)?) *)+",
    ),
    (
        "conda.environments[0].packages[0]",
        r"(?:[A-Za-z0-9]\S*::)?[A-Za-z0-9_][A-Za-z0-9_.-]*(?: *(?:[=<>!~].*|[0-9*^(]\S*(?: +\S+)?))?(?:\[.*\])?",
    ),
    (
        "conda.environments[0].pip[0]",
        r"(?!.* -)(?:[A-Za-z0-9+]+://\S+|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])? *(?:\[[^\]]*\])? *(?:\(? *(?:===?|~=|!=|<=?|>=?) *[A-Za-z0-9].*|@ *\S+://\S+.*)?(?:;.+)?)",
    ),
    ("web.server_name", r"[^\x00-)+,\-/:-@\[-^`{-\x7f][^\x00-)+,/:-@\[-^`{-\x7f]{0,252}"),
    (
        "web.root",
        r"(?!/*(?:\./+)*(?:(?:boot|dev|etc|home|proc|root|run|sys|tmp)(?:/|$)|(?:opt|usr|usr/local|var|var/lib|bin|lib|sbin|\.)?/*$))/(?!(?:.*/)?\.\.(?:/|$))[^$]*",
    ),
    ("web.index", r"(?!\s*[^\s<>]+\.(?:css|html?|j2|js|md|pdf|php|png|txt)\s*$)[\s\S]*"),
    ("parts[0].name", "[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"),
];

/// A text of a roster, which becomes another for each machine.
const ROSTER: &str = r"\{\{";

/// The published form of a schema.
pub(super) fn published(mut schema: Value) -> Value {
    unquote(&mut schema);
    for (path, pattern) in PATTERNS {
        put(&mut schema, path, "pattern", json!(format!("^(?:{pattern})$|{ROSTER}")));
    }
    let host = format!(
        r"^(?!localhost$|(?:[0-9]+\.){{3}}[0-9]+$)(?=.{{1,253}}$){LABEL}(?:\.{LABEL})*$|{ROSTER}"
    );
    put(&mut schema, "hostname", "pattern", json!(host));
    for (path, names) in
        [("timezone", json!(machine::time_zones())), ("locale", json!(machine::locales()))]
    {
        put(&mut schema, path, "anyOf", json!([{"enum": names}, {"pattern": ROSTER}]));
    }
    put(&mut schema, "users[0].name", "not", json!({"enum": account::reserved()}));
    let root = json!({"properties": {"name": {"const": "root"}}, "required": ["name"]});
    let alone = json!({
        "required": ["ssh_authorized_keys"], "propertyNames": {"enum": ["name", "ssh_authorized_keys"]},
    });
    put(&mut schema, "users[0]", "if", root);
    put(&mut schema, "users[0]", "then", alone);
    put(&mut schema, "web.port", "not", json!({"enum": [22, 53]}));
    if let Some(map) = schema.as_object_mut() {
        // What aliases repeat is the author's own.
        map.insert("patternProperties".into(), json!({ "^x-": {} }));
    }
    // These hold for numbers alone.
    put(&mut schema, "conda.environments[0].python", "minimum", json!(2));
    put(&mut schema, "conda.environments[0].python", "exclusiveMaximum", json!(4));
    schema
}

/// Adds a keyword to the schema of a parameter.
fn put(schema: &mut Value, path: &str, keyword: &str, value: Value) {
    let place = path.parse::<Path>().ok().and_then(|path| shape::at_mut(schema, &path));
    if let Some(Value::Object(map)) = place {
        map.insert(keyword.to_owned(), value);
    }
}

fn unquote(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(unquote),
        Value::Object(map) => {
            text_or_number(map);
            map.values_mut().for_each(unquote);
        }
        _ => {}
    }
}

fn text_or_number(map: &mut Map<String, Value>) {
    let choice = map.contains_key("enum") || map.contains_key("const");
    if map.get("type") == Some(&json!("string")) && !choice {
        map.insert("type".into(), json!(["string", "number"]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_belongs_to_a_parameter() {
        let schema = crate::spec::schema();
        let paths = PATTERNS.iter().map(|(path, _)| *path);
        for path in paths.chain(["hostname", "web.port", "conda.environments[0].python"]) {
            let found = shape::at(&schema, &path.parse().unwrap()).unwrap();
            assert!(found.get("pattern").or(found.get("not")).is_some(), "{path}");
        }
        assert!(
            schema["properties"]["timezone"]["anyOf"][0]["enum"].as_array().unwrap().len() > 300
        );
    }
}
