//! The program on the machine and what it is told, of every combination of features: Python compiles
//! each program, every name in it is defined, once, and PyYAML reads what bootseed says.

use bootseed::catalog::package_manager::APT;
use bootseed::program::Program;
use bootseed::source::Yaml11;
use bootseed::template::Templates;
use serde_json::{Map, Value, json};

use super::documents;
use super::host::have_modules;
use super::values::document::{self, Document, MACHINE};
use super::values::everything;
use super::values::tools;

/// Debian's own Python, which has PyYAML.
const PYTHON: &str = "/usr/bin/python3";

/// Reads programs with the kinds of their steps, and writes what is wrong with each.
const LOOK: &str = r#"
import ast, builtins, json, symtable, sys

def bound(node):
    """The names that a statement of the module binds."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [(name.asname or name.name).split(".")[0] for name in node.names]
    return [one.id for one in ast.walk(node)
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]

def read(table, top):
    """The names of the module that a scope and those inside it use."""
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (table is top or symbol.is_global()):
            yield symbol.get_name()
    for inner in table.get_children():
        yield from read(inner, top)

def look(text):
    """What is wrong with a program, and the kinds of steps that it knows."""
    tree = ast.parse(text, "program", feature_version=(3, 8))
    top = symtable.symtable(text, "program", "exec")
    names = [name for node in tree.body for name in bound(node)]
    twice = {name for name in names if names.count(name) > 1} - {"urllib", "http"}
    known = {*names, *dir(builtins), "__name__"}
    wrong = [f"{name} is defined twice" for name in sorted(twice)]
    wrong += [f"{name} is not defined" for name in sorted(set(read(top, top)) - known)]
    module = {"__name__": "program"}
    exec(compile(tree, "program", "exec"), module)
    return wrong, sorted(module["WORK"])

cache = {}
def looked_at(text, kinds):
    if text not in cache:
        try:
            cache[text] = look(text)
        except Exception as error:
            cache[text] = [repr(error)], []
    wrong, work = cache[text]
    return wrong + ([] if work == kinds else [f"it knows {work}, and has to do {kinds}"])

json.dump([looked_at(*one) for one in json.load(sys.stdin)], sys.stdout)
"#;

/// Reads documents; writes what the program in each is told.
const TOLD: &str = r#"
import json, sys, yaml
def told(text):
    files = {file["path"]: file["content"] for file in yaml.safe_load(text)["write_files"]}
    return yaml.safe_load(files["/etc/bootseed/machine.yaml"])
json.dump([told(text) for text in json.load(sys.stdin)], sys.stdout)
"#;

/// What a Python program makes of a value.
fn python(program: &str, input: &Value) -> Vec<Value> {
    let input = serde_json::to_vec(input).unwrap();
    let output = tools::feed(tools::plain(PYTHON).args(["-c", program]), &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Everything that can be said of conda with another program in the end.
fn condas() -> Vec<Option<Value>> {
    let environments = |all: Value| json!({ "environments": all });
    let terms = |all: Value| {
        json!({
            "distribution": "miniconda", "channels": ["pkgs/main"],
            "accept_anaconda_terms": true, "environments": all,
        })
    };
    let (one, pip) = (json!([{ "name": "a" }]), json!([{ "name": "a", "pip": ["b"] }]));
    let all = [
        json!({}),
        environments(json!([])),
        environments(one.clone()),
        environments(pip.clone()),
        terms(json!([])),
        terms(one),
        terms(pip),
    ];
    [None].into_iter().chain(all.into_iter().map(Some)).collect()
}

/// Every combination of what adds a step.
fn combinations() -> Vec<Value> {
    let features = [
        ("web", json!({})),
        ("packages", json!(["tree"])),
        ("services", json!(["cron"])),
        ("run", json!(["true"])),
        ("files", json!([{ "path": "/srv/x", "content": "x", "owner": "www-data" }])),
        (
            "app",
            json!({ "git": { "url": "https://a.example/b.git", "commit": "v1" }, "module": "c:d" }),
        ),
    ];
    let mut all = Vec::new();
    for conda in condas() {
        for chosen in 0..1 << features.len() {
            let chosen = (0..features.len()).filter(|i| chosen >> i & 1 == 1);
            let mut parameters: Map<String, Value> =
                chosen.map(|i| (features[i].0.to_string(), features[i].1.clone())).collect();
            parameters.extend(conda.clone().map(|conda| ("conda".to_string(), conda)));
            all.push(Value::Object(parameters));
        }
    }
    all
}

/// The kinds of the steps in `machine.yaml`, sorted.
fn kinds(document: &Document) -> Vec<&str> {
    let told = document.told();
    let mut kinds: Vec<&str> = told.iter().map(|(n, _)| n.split(':').next().unwrap()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The program for where there is no room.
fn without_comments(document: &Document) -> String {
    let program = Program::of(&document.steps, &APT, &Templates::default()).unwrap();
    let bare = program.without_comments();
    assert!(bare.text().len() < program.text().len() * 9 / 10);
    bare.text().to_string()
}

#[test]
fn every_combination_of_features_is_assembled_and_compiles() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let all = combinations();
    assert!(all.len() >= 512, "{}", all.len());
    let documents: Vec<Document> = all
        .iter()
        .map(|one| document::render(one).unwrap_or_else(|r| panic!("{one}: {}", r.shown)))
        .collect();
    let input: Vec<Value> = documents.iter().map(|d| json!([d.program(), kinds(d)])).collect();
    let bare = documents.iter().map(|d| json!([without_comments(d), kinds(d)]));
    let input: Vec<Value> = input.into_iter().chain(bare).collect();
    let wrong = python(LOOK, &json!(input));
    assert_eq!(wrong.len(), 2 * all.len());
    for (parameters, wrong) in all.iter().chain(&all).zip(wrong) {
        assert_eq!(wrong, json!([]), "{parameters}");
    }
    let most = documents.iter().map(|d| kinds(d).len()).max();
    assert_eq!(most, Some(11), "every kind of step is in one of them");
}

/// The test above has to see what is wrong.
#[test]
fn what_is_wrong_with_a_program_is_seen() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let fine = "WORK = {}\n\n\ndef x(step):\n    return len(step)\n\n\nWORK['x'] = x\n";
    let programs = [
        (fine.to_string(), None),
        (format!("{fine}\n\ndef y():\n    return [z for _ in WORK]\n"), Some("z is not defined")),
        (format!("{fine}\n\nx: int = 1\n"), Some("x is defined twice")),
        (format!("{fine}\n\nmatch x:\n    case 1:\n        pass\n"), Some("SyntaxError")),
        (fine.replace("['x']", "['y']"), Some("it knows ['y'], and has to do ['x']")),
        (format!("print(y)\ny = 1\n{fine}"), Some("NameError")),
    ];
    let input: Vec<Value> = programs.iter().map(|(text, _)| json!([text, ["x"]])).collect();
    for (found, (text, expected)) in python(LOOK, &json!(input)).iter().zip(&programs) {
        let found = found.to_string();
        let right = expected.map_or(found == "[]", |expected| found.contains(expected));
        assert!(right, "{found}\n{text}");
    }
}

/// The steps of `src/step/`, as the program has them from PyYAML.
fn told(document: &Document) -> Value {
    let steps = document.steps.iter().map(|step| {
        let Value::Object(mut fields) = serde_json::to_value(step).unwrap() else { panic!() };
        let mut field = |name: &str| fields.shift_remove(name).unwrap();
        let (name, data, needs) = (field("name"), field("data"), field("needs"));
        field("sentence");
        let mut told = Map::from_iter([("step".to_string(), name)]);
        told.extend(fields);
        if needs != json!([]) {
            told.insert("needs".to_string(), needs);
        }
        told.extend(data.as_object().unwrap().clone());
        Value::Object(told)
    });
    steps.collect()
}

#[test]
fn python_reads_the_steps_as_they_are() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let mut all = documents();
    for one in combinations() {
        all.push((one.to_string(), document::render(&one).unwrap()));
    }
    let texts: Vec<&str> = all.iter().map(|(_, document)| document.text.as_str()).collect();
    let read = python(TOLD, &json!(texts));
    assert_eq!(read.len(), all.len());
    for (read, (name, document)) in read.iter().zip(&all) {
        assert_eq!(read["steps"], told(document), "{name}");
        assert_eq!(read["family"], "debian", "{name}");
        let address = read["address"].as_str().unwrap();
        assert!(address.contains("ADDRESS"), "{name}: {address}\n{}", document.file(MACHINE));
    }
}

#[test]
fn every_step_has_a_time_limit() {
    let mut steps = 0;
    for (name, document) in documents() {
        for (step, told) in document.told() {
            let Some(Yaml11::Int(limit)) = document::key(told, "limit") else {
                panic!("{name}: {step} has no limit");
            };
            assert!((1..=120).contains(limit), "{name}: {step}: {limit}");
            steps += 1;
        }
    }
    assert!(steps > 20, "{steps}");
    // Of everything on, this is the parameter.
    let document = document::render(&everything::on()).unwrap();
    for step in ["env:esac", "pip:esac"] {
        assert_eq!(document.step_at(step, "limit"), Some(&Yaml11::Int(90)));
    }
}
