//! Messages as a log of static analysis, for code scanning and editors.
//!
//! In: all [`Message`]s of a run, and what their ids mean. Out: SARIF 2.1.0,
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>.

use serde_json::{Value, json};

use super::place::file;
use super::{Level, Message, Repair, Spot};

/// What an id means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// One line.
    pub summary: String,
    /// All of it.
    pub text: String,
}

/// The schema that it keeps to.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json";

/// The ids of what is no result: why a run failed.
const FAILED: &[&str] = &["failure", "usage"];

/// The log of one run of the program of this `version`.
pub fn sarif(
    messages: &[Message],
    version: &str,
    meaning: impl Fn(&str) -> Option<Meaning>,
) -> Value {
    let is_result = |one: &&Message| one.id.is_some_and(|id| !FAILED.contains(&id));
    let (results, others): (Vec<_>, Vec<_>) = messages.iter().partition(is_result);
    let mut ids: Vec<&str> = results.iter().filter_map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let index = |one: &Message| ids.iter().position(|id| Some(*id) == one.id);
    let found: Vec<Value> = results.iter().map(|one| result(one, index(one))).collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id, meaning(id))).collect();
    let failed = others.iter().any(|one| one.severity == Level::Error);
    let notes: Vec<Value> = others.iter().map(|one| notification(one)).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "bootseed", "semanticVersion": version, "rules": rules}},
            "invocations": [{
                "executionSuccessful": !failed,
                "toolExecutionNotifications": notes,
            }],
            "columnKind": "unicodeCodePoints",
            "results": found,
        }],
    })
}

fn rule(id: &str, meaning: Option<Meaning>) -> Value {
    match meaning {
        Some(Meaning { summary, text }) => json!({
            "id": id,
            "shortDescription": {"text": summary},
            "fullDescription": {"text": text.clone()},
            "help": {"text": text},
        }),
        None => json!({"id": id}),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint | Level::Note => "note",
    }
}

fn result(message: &Message, index: Option<usize>) -> Value {
    let help = message.help.as_ref().map(|help| format!("\n{help}"));
    let text = format!("{}{}", message.message, help.unwrap_or_default());
    let mut result = json!({
        "ruleId": message.id,
        "ruleIndex": index,
        "level": level(message.severity),
        "message": {"text": text},
    });
    let mut put = |name: &str, values: Vec<Value>| {
        if !values.is_empty() {
            result[name] = values.into();
        }
    };
    put("locations", message.place.iter().map(|spot| location(spot, None)).collect());
    let related = message.related.iter();
    put("relatedLocations", related.map(|one| location(&one.place, Some(&one.message))).collect());
    put("fixes", message.fix.iter().filter_map(fix).collect());
    result
}

fn location(spot: &Spot, words: Option<&str>) -> Value {
    let mut location = json!({});
    match file(spot) {
        Some((name, true)) => location["physicalLocation"] = physical(name, Some(spot)),
        Some((name, false)) => {
            location["physicalLocation"] = physical(name, None);
            location["logicalLocations"] = json!([{"fullyQualifiedName": row(spot)}]);
        }
        None => location["logicalLocations"] = json!([{"fullyQualifiedName": spot.source}]),
    }
    if let Some(words) = words {
        location["message"] = json!({"text": words});
    }
    location
}

/// The line of an inner text, in words.
fn row(spot: &Spot) -> String {
    match spot.start {
        Some(start) => format!("{}, line {}, column {}", spot.source, start.line, start.column),
        None => spot.source.clone(),
    }
}

fn physical(name: &str, spot: Option<&Spot>) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(name)}});
    if let Some(region) = spot.and_then(region) {
        physical["region"] = region;
    }
    physical
}

fn region(spot: &Spot) -> Option<Value> {
    let (start, end) = (spot.start?, spot.end?);
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }))
}

/// All edits of a repair are in one file.
fn fix(repair: &Repair) -> Option<Value> {
    let (name, _) = file(&repair.edits.first()?.place).filter(|(_, whole)| *whole)?;
    let replacements = repair.edits.iter().map(|edit| {
        let deleted = region(&edit.place)?;
        Some(json!({"deletedRegion": deleted, "insertedContent": {"text": edit.text}}))
    });
    let replacements: Vec<Value> = replacements.collect::<Option<_>>()?;
    Some(json!({
        "description": {"text": repair.title},
        "artifactChanges": [{
            "artifactLocation": {"uri": uri(name)},
            "replacements": replacements,
        }],
    }))
}

fn notification(message: &Message) -> Value {
    let mut notification =
        json!({"level": level(message.severity), "message": {"text": message.message}});
    if let Some(id) = message.id {
        notification["descriptor"] = json!({"id": id});
    }
    notification
}

/// A path as a relative or absolute URI (RFC 3986): a colon could end a scheme.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_uris() {
        assert_eq!(uri("./a b/수업.yaml"), "a%20b/%EC%88%98%EC%97%85.yaml");
        assert_eq!(uri("/x:y"), "file:///x%3Ay");
    }

    #[test]
    fn what_made_the_run_fail_is_no_result() {
        let messages = [
            Message::new(Level::Error, Some("failure"), "cannot read a"),
            Message::new(Level::Warning, Some("w"), "b"),
        ];
        let log = sarif(&messages, "1.0.0", |_| None);
        let run = &log["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(1));
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "w");
    }
}
