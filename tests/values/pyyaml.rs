//! PyYAML's word on documents: many of them in one Python process.

use std::collections::HashSet;

use bootseed::source::Yaml11;
use serde_json::{Value, json};

use super::tools;

/// Debian's own: python3-yaml is not for any other Python.
const PYTHON: &str = "/usr/bin/python3";

const PROGRAM: &str = r#"
import json, sys, yaml
def tell(value):
    if isinstance(value, dict):
        return {"map": [[tell(k), tell(v)] for k, v in value.items()]}
    if isinstance(value, list):
        return {"list": [tell(v) for v in value]}
    if isinstance(value, str):
        return value
    return {type(value).__name__: repr(value)}
def read(text):
    try:
        return tell(yaml.safe_load(text.encode()))
    except Exception as error:
        return {"error": str(error)}
json.dump([read(text) for text in json.load(sys.stdin)], sys.stdout)
"#;

/// What PyYAML makes of each document.
fn read(documents: &[&str]) -> Vec<Value> {
    let input = serde_json::to_vec(documents).expect("JSON");
    let output = tools::feed(tools::plain(PYTHON).args(["-c", PROGRAM]), &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The same value as the program above tells it.
fn tell(value: &Yaml11) -> Value {
    match value {
        Yaml11::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| json!([tell(key), tell(value)]));
            json!({ "map": entries.collect::<Vec<_>>() })
        }
        Yaml11::List(items) => json!({ "list": items.iter().map(tell).collect::<Vec<_>>() }),
        Yaml11::Str(text) => json!(text),
        Yaml11::Null => json!({ "NoneType": "None" }),
        Yaml11::Bool(true) => json!({ "bool": "True" }),
        Yaml11::Bool(false) => json!({ "bool": "False" }),
        Yaml11::Int(number) => json!({ "int": number.to_string() }),
        other => panic!("a test document has no {other:?}"),
    }
}

/// What Python's email package, which cloud-init uses, finds in MIME messages: type, file name and
/// text of each part.
pub fn mime_parts(messages: &[Vec<u8>]) -> Vec<Vec<(String, String, String)>> {
    const PROGRAM: &str = r#"
import email, json, sys
def parts(message):
    parts = email.message_from_string(message).walk()
    return [(p.get_content_type(), p.get_filename() or "", p.get_payload(decode=True).decode())
            for p in parts if not p.is_multipart()]
json.dump([parts(message) for message in json.load(sys.stdin)], sys.stdout)
"#;
    let texts: Vec<_> = messages.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    let input = serde_json::to_vec(&texts).expect("JSON");
    let output = tools::feed(tools::plain(PYTHON).args(["-c", PROGRAM]), &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Asserts that PyYAML reads each document as bootseed does.
pub fn agrees(documents: &[(String, Yaml11)]) {
    let mut seen = HashSet::new();
    let new: Vec<_> = documents.iter().filter(|(text, _)| seen.insert(text.as_str())).collect();
    let texts: Vec<&str> = new.iter().map(|(text, _)| text.as_str()).collect();
    let read = read(&texts);
    assert_eq!(read.len(), new.len());
    for (read, (text, tree)) in read.iter().zip(new) {
        assert_eq!(*read, tell(tree), "PyYAML reads this differently:\n{text}");
    }
}
