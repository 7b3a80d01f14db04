//! cloud-init 26.2's own schema, from Debian's package, and `bootseed lint` reject the same
//! documents: the examples of every rule, and for every key of the table one document for each kind
//! of value. And its modules, its shell and the programs of its image do with the bad example of a
//! rule what the rule says, in `evidence.py`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use bootseed::diagnostic::Severity;
use bootseed::lint::{self, Settings};
use serde_json::{Value, json};

use super::machine::{self, Machine, Suite};
use super::values::tools::said;

/// One process for all documents: what it says of each, in a line.
const CHECK: &str = r#"
import json, yaml
from cloudinit.config.schema import (
    SchemaValidationError, get_schema, validate_cloudconfig_schema)
schema = get_schema()
for line in open("/documents/all"):
    try:
        config = yaml.safe_load(json.loads(line))
        validate_cloudconfig_schema(config, schema, strict=True, log_deprecations=False)
        print("VERDICT OK")
    except SchemaValidationError as error:
        bad = error.schema_errors
        print("VERDICT", "BAD" if bad else "OK", "; ".join(map(str, bad))[:300].replace("\n", " "))
    except Exception as error:
        print("VERDICT BAD", type(error).__name__)
"#;

/// Rules that find what the schema rejects.
const OF_THE_SCHEMA: &[&str] = &[
    "invalid-yaml",
    "unknown-key",
    "missing-key",
    "no-map",
    "wrong-type",
    "scalar-for-list",
    "empty-key",
    "bad-value",
    "command-becomes-map",
    "non-string-command",
    "unquoted-mode",
];

/// The examples of the rules that are cloud-config.
fn examples() -> Vec<String> {
    let all = lint::rules().flat_map(|rule| [rule.examples.bad, rule.examples.good]);
    all.filter(|text| text.starts_with("#cloud-config")).map(str::to_owned).collect()
}

/// For every key each kind of value, in the maps and lists around it.
fn generated() -> Vec<String> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lint/schema/keys.tsv");
    let table = fs::read_to_string(table).expect("the table is there");
    let values = [
        json!(7),
        json!(7.5),
        json!(true),
        json!(null),
        json!("word"),
        json!([]),
        json!(["word", "other"]),
        json!([["word", "other"]]),
        json!({}),
        json!({"name": "word"}),
    ];
    let paths = table.lines().filter(|line| !line.starts_with('#'));
    let paths = paths.filter_map(|line| line.split('\t').next());
    let one = |path: &str, value: &Value| {
        let steps = path.replace("[]", ".[]");
        let whole = steps.split('.').rev().fold(value.clone(), |inner, step| match step {
            "[]" => json!([inner]),
            "*" => json!({"word": inner}),
            key => json!({key: inner}),
        });
        format!("#cloud-config\n{whole}\n")
    };
    paths.flat_map(|path| values.iter().map(move |value| one(path, value))).collect()
}

fn is_rejected(text: &str) -> bool {
    let found = lint::lint("a", text.as_bytes(), &Settings::default());
    let mut found = found.iter().map(|finding| &finding.diagnostic);
    found.any(|one| one.severity == Severity::Error && OF_THE_SCHEMA.contains(&one.id))
}

#[test]
fn cloud_init_rejects_what_lint_rejects() {
    if !machine::can_boot() {
        return;
    }
    let documents: Vec<String> = examples().into_iter().chain(generated()).collect();
    let lines: Vec<String> = documents.iter().map(|text| json!(text).to_string() + "\n").collect();
    let machine = Machine::unpack(Suite::Sid, "lint");
    machine.write("/documents/all", lines.concat());
    machine.write("/documents/check.py", CHECK);
    let mut command = Command::new("chroot");
    command.arg(machine.path("/")).args(["python3", "/documents/check.py"]);
    let said = said(&command.output().expect("chroot runs"));
    let verdicts: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("VERDICT ")).collect();
    assert_eq!(verdicts.len(), documents.len(), "{said}");
    let wrong: Vec<String> = documents
        .iter()
        .zip(&verdicts)
        .filter(|(text, verdict)| verdict.starts_with("BAD") != is_rejected(text))
        .map(|(text, verdict)| format!("{verdict}\n    {}", text.replace('\n', " ")))
        .collect();
    let share = 100.0 * wrong.len() as f64 / documents.len() as f64;
    eprintln!("{} of {} documents differ ({share:.2} %)", wrong.len(), documents.len());
    assert!(share <= 1.0, "{}", wrong.join("\n"));
}

/// Where a rule says that `evidence.py` proves it.
const EVIDENCE: &str = "tests/oracles/evidence.py";

#[test]
fn a_machine_does_what_the_rules_say() {
    if !machine::can_boot() {
        return;
    }
    let examples = lint::rules().map(|rule| (rule.id, [rule.examples.bad, rule.examples.good]));
    let examples: BTreeMap<_, _> = examples.collect();
    let machine = Machine::unpack(Suite::Sid, "evidence");
    machine.write("/evidence/examples.json", json!(examples).to_string());
    machine.write("/evidence/evidence.py", include_str!("evidence.py"));
    machine.write("/evidence/unpack.py", include_str!("../destinations/unpack.py"));
    let mut command = Command::new("chroot");
    command.arg(machine.path("/"));
    command.args(["python3", "-B", "/evidence/evidence.py", "/evidence/examples.json"]);
    let said = said(&command.output().expect("chroot runs"));
    let refuted: Vec<&str> = said.lines().filter(|line| line.starts_with("REFUTED")).collect();
    assert!(refuted.is_empty(), "{}", refuted.join("\n"));
    let proved = said.lines().filter_map(|line| line.strip_prefix("PROVED "));
    let named = lint::rules().filter(|rule| rule.evidence.contains(&EVIDENCE));
    let (proved, named): (BTreeSet<_>, BTreeSet<_>) =
        (proved.collect(), named.map(|rule| rule.id).collect());
    assert_eq!(proved, named, "{said}");
    eprintln!("{} of {} rules are proved", proved.len(), lint::rules().count());
}
