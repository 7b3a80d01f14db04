//! No value can break the output: every text parameter takes every text, and the text arrives
//! unchanged where it belongs, or is refused with an error that names the parameter.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

#[path = "../host/mod.rs"]
mod host;
mod meaning;
mod packing;
mod places;
mod slots;
#[path = "../values/mod.rs"]
mod values;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bootseed::source::Yaml11;
use host::have_modules;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use slots::Slot;
use values::document::{self, Document, Refusal};
use values::{awkward, pyyaml};

/// What is wrong with one text in one place, if anything; and the document.
fn trial(slot: &Slot, text: &str) -> Result<Option<Document>, String> {
    let outcome = catch_unwind(AssertUnwindSafe(|| document::render(&slot.with(text))));
    match outcome {
        Err(_) => Err("it panicked".into()),
        Ok(Err(refusal)) => refused_well(slot, &refusal).map(|()| None),
        Ok(Ok(document)) => {
            let pattern = slot.pattern();
            let arrived =
                catch_unwind(AssertUnwindSafe(|| places::arrived(&pattern, &document, text)));
            match arrived {
                Ok(true) => Ok(Some(document)),
                _ => Err("it did not arrive".into()),
            }
        }
    }
}

fn refused_well(slot: &Slot, refusal: &Refusal) -> Result<(), String> {
    let Refusal { paths, shown, broken } = refusal;
    if *broken {
        return Err(format!("a template failed: {shown}"));
    }
    if !paths.iter().any(|path| slot.is_named_by(path)) {
        return Err(format!("no error names the place: {paths:?}\n{shown}"));
    }
    match shown.chars().find(|c| c.is_control() && *c != '\n') {
        Some(c) => Err(format!("the message has {c:?} in it: {shown}")),
        None => Ok(()),
    }
}

/// Tries each text in each place; panics with the shortest text that fails in each.
fn all_trials(slots: &[Slot], texts: &[String]) -> Vec<Document> {
    let mut failures = BTreeMap::new();
    let mut documents = Vec::new();
    for slot in slots {
        for text in texts {
            match trial(slot, text) {
                Ok(document) => documents.extend(document),
                Err(why) => {
                    let shortest = failures
                        .entry(slot.path.to_string())
                        .or_insert_with(|| (text.clone(), why.clone()));
                    if text.len() < shortest.0.len() {
                        *shortest = (text.clone(), why);
                    }
                }
            }
        }
    }
    let shown = |(path, (text, why)): (&String, &(String, String))| {
        let why: String = why.chars().take(500).collect();
        format!("{path}: {text:?}: {why}\n")
    };
    assert!(failures.is_empty(), "{}", failures.iter().map(shown).collect::<String>());
    documents
}

#[test]
fn every_awkward_text_in_every_parameter() {
    let documents = all_trials(&slots::all(), &awkward::texts());
    assert!(documents.len() > 1000, "only {} were accepted", documents.len());
    python_agrees(documents);
}

#[test]
fn any_text_in_every_parameter() {
    let texts = awkward::sample(&awkward::strategy(), 40);
    python_agrees(all_trials(&slots::all(), &texts));
}

/// PyYAML reads each document, and the list of steps in it, as bootseed does.
fn python_agrees(documents: Vec<Document>) {
    if have_modules(&["yaml"]) {
        let list = |d: &Document| (d.file(document::MACHINE).to_string(), d.machine.clone());
        let lists: Vec<_> = documents.iter().map(list).collect();
        let texts = documents.into_iter().map(|d| (d.text, d.tree));
        pyyaml::agrees(&texts.chain(lists).collect::<Vec<_>>());
    }
}

/// The parameters that are the file's text as it stands take any text at all.
#[test]
fn texts_that_are_free_are_accepted() {
    let free = ["files[0].content", "run[0]", "run[0][1]", "web.index", "cloud_config.migrate"];
    let slots: Vec<Slot> =
        slots::all().into_iter().filter(|slot| free.contains(&&*slot.path.to_string())).collect();
    let run = |slot: &Slot| slot.path.to_string().starts_with("run");
    awkward::runner(300)
        .run(&(prop::sample::select(slots), awkward::strategy()), |(slot, text)| {
            let trial = trial(&slot, &text).map_err(TestCaseError::fail)?;
            let may_refuse = run(&slot) && (text.contains('\0') || text.trim().is_empty())
                || slot.is_key && text.is_empty();
            prop_assert!(trial.is_some() || may_refuse, "{text:?} is refused at {}", slot.path);
            Ok(())
        })
        .unwrap();
}

/// Any tree below a key of cloud-init that bootseed has no use for comes through as it is, and so
/// do the lists that bootseed writes to as well.
#[test]
fn other_keys_come_through() {
    let leaf = prop_oneof![
        4 => awkward::strategy().prop_map(Value::String),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
    ];
    let tree = leaf.prop_recursive(4, 24, 5, |inner| {
        let map = prop::collection::btree_map(awkward::strategy(), inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            map.prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    });
    let mut documents = Vec::new();
    for value in awkward::sample(&tree, 150) {
        let words = json!(["echo", value.to_string()]);
        for (key, value) in [
            ("migrate", value.clone()),
            ("runcmd", json!([value.to_string(), words])),
            ("write_files", json!([{ "path": "/srv/a", "content": value }])),
            ("bootcmd", json!([words])),
        ] {
            let parameters = json!({ "cloud_config": { key: value } });
            let document = document::render(&parameters).unwrap_or_else(|r| panic!("{}", r.shown));
            let found = document.at(key).expect("the key is there");
            assert!(holds(found, &value), "{parameters}\n{}", document.text);
            documents.push((document.text, document.tree));
        }
    }
    if have_modules(&["yaml"]) {
        pyyaml::agrees(&documents);
    }
}

/// Is it this value, or a list that has the items of this one in a row?
fn holds(found: &Yaml11, value: &Value) -> bool {
    match (found, value) {
        (Yaml11::List(items), Value::Array(values)) => {
            let found = |items: &[Yaml11]| items.iter().zip(values).all(|(a, b)| same(a, b));
            values.is_empty() || items.windows(values.len()).any(found)
        }
        _ => same(found, value),
    }
}

fn same(found: &Yaml11, value: &Value) -> bool {
    match (found, value) {
        (Yaml11::Str(a), Value::String(b)) => a == b,
        (Yaml11::Int(a), Value::Number(b)) => b.as_i64().is_some_and(|b| i128::from(b) == *a),
        (Yaml11::Bool(a), Value::Bool(b)) => a == b,
        (Yaml11::List(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Yaml11::Map(a), Value::Object(b)) => {
            let entry = |(key, a): &(Yaml11, Yaml11)| {
                document::text(key).and_then(|key| b.get(key)).is_some_and(|b| same(a, b))
            };
            a.len() == b.len() && a.iter().all(entry)
        }
        _ => false,
    }
}

/// The text of a part reaches cloud-init as it is, whatever is in it.
#[test]
fn parts_come_through_in_a_mime_message() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let mut texts = awkward::texts();
    texts.extend(awkward::sample(&awkward::strategy(), 40));
    texts.retain(|text| !text.contains('\0'));
    let scripts: Vec<String> = texts.iter().map(|text| format!("#!/bin/sh\n{text}")).collect();
    let payload = |script: &String| {
        let parts = json!([{ "kind": "script", "name": "a.sh", "content": script }]);
        document::render(&json!({ "parts": parts })).unwrap_or_else(|r| panic!("{}", r.shown))
    };
    let documents: Vec<Document> = scripts.iter().map(payload).collect();
    let messages: Vec<Vec<u8>> = documents.iter().map(|d| d.payload.clone()).collect();
    for ((found, script), document) in
        pyyaml::mime_parts(&messages).iter().zip(scripts).zip(documents)
    {
        let part = ("text/x-shellscript".to_string(), "a.sh".to_string(), script);
        assert!(found.contains(&part), "{found:?}\n{part:?}");
        assert!(found.iter().any(|(_, _, text)| *text == document.text), "{found:?}");
    }
}

#[test]
fn the_table_of_places_has_no_stale_line() {
    let patterns: Vec<String> = slots::all().iter().map(Slot::pattern).collect();
    let stale: Vec<_> =
        places::known().filter(|known| !patterns.contains(&known.to_string())).collect();
    assert!(stale.is_empty(), "{stale:?} are no text parameters: {patterns:?}");
}

/// No text turns the document into another kind of user-data.
/// <https://github.com/canonical/cloud-init/blob/25.1.4/cloudinit/user_data.py#L369>
#[test]
fn cloud_init_never_sees_another_format() {
    for slot in slots::all() {
        for text in [
            "mime-version",
            "MIME-Version:",
            "x mime-version: 1.0\n\nmime-version:",
            "## template: jinja",
        ] {
            let Ok(document) = document::render(&slot.with(text)) else { continue };
            assert!(document.text.starts_with("#cloud-config\n"), "{}", document.text);
            let lower = document.text.to_ascii_lowercase();
            assert!(!lower.contains("mime-version:"), "{}: {text}\n{lower}", slot.path);
        }
    }
}
