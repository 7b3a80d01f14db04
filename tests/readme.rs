//! Do the README and the pages of `docs/` tell the truth? Their commands are run, their output and
//! the parameter reference are compared with what the program prints.
//!
//! In a ```` ```console ```` block every line that begins with `$ ` is a command, and the lines
//! below it are all that it prints. A block below `<!-- file: NAME -->` is a file that later
//! commands of the same page use; those of the README are there for every page. Every page begins
//! in a folder of its own. `BLESS=1 cargo test --test readme` writes what is true into them all.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod host;

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use bootseed::catalog::Listed;
use bootseed::destination::Destination;
use bootseed::preset::Preset;
use bootseed::template::Escape;
use host::have_modules;
use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const REFERENCE: &str = "<!-- parameters: written by BLESS=1 cargo test --test readme -->";
const REFERENCE_END: &str = "<!-- end of the parameters -->";
const FILE: &str = "<!-- file: ";
const DESTINATIONS: &str = "<!-- destinations: written by BLESS=1 cargo test --test readme -->";
const DESTINATIONS_END: &str = "<!-- end of the destinations -->";

fn readme() -> String {
    fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap()
}

/// The README and the pages of `docs/`.
fn pages() -> Vec<PathBuf> {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let mut docs: Vec<PathBuf> =
        docs.filter(|path| path.extension().is_some_and(|one| one == "md")).collect();
    docs.sort();
    docs.insert(0, Path::new(ROOT).join("README.md"));
    docs
}

/// The text of all pages.
fn everything() -> String {
    pages().iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// What a command line prints, in `folder` and with bootseed on the path.
fn run(line: &str, folder: &Path) -> Output {
    let program = cargo_bin("bootseed");
    let old = env::var_os("PATH").unwrap_or_default();
    let folders =
        [program.parent().unwrap().to_path_buf()].into_iter().chain(env::split_paths(&old));
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec 2>&1; {line}")]).current_dir(folder).env("COLUMNS", "96");
    command.env("PATH", env::join_paths(folders).unwrap()).output().unwrap()
}

/// A page with everything in it that can be computed computed again.
fn regenerated(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(Path::new(ROOT).join("examples"), folder.path().join("examples"))
        .unwrap();
    let readme = readme();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix(FILE) {
            file(name, &mut lines, folder.path());
        }
    }
    let mut out = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(out, "{line}");
        if line == REFERENCE {
            lines.by_ref().find(|line| *line == REFERENCE_END).expect("the reference ends");
            let _ = writeln!(out, "\n{}\n{REFERENCE_END}", reference());
        } else if line == DESTINATIONS {
            lines.by_ref().find(|line| *line == DESTINATIONS_END).expect("the table ends");
            let _ = writeln!(out, "\n{}\n{DESTINATIONS_END}", destinations());
        } else if let Some(name) = line.strip_prefix(FILE) {
            out += &file(name, &mut lines, folder.path());
        } else if line == "```console" {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let _ = writeln!(out, "{}```", session(&block, folder.path()));
        }
    }
    out
}

/// Writes a file that the next lines have, and gives these back.
fn file<'a>(name: &str, lines: &mut impl Iterator<Item = &'a str>, folder: &Path) -> String {
    let fence = lines.next().expect("a block follows");
    let block: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    let block = block.join("\n") + "\n";
    fs::write(folder.join(name.trim_end_matches(" -->")), &block).unwrap();
    format!("{fence}\n{block}```\n")
}

/// The table of destinations.
fn destinations() -> String {
    let mut table =
        String::from("| destination | what comes out | limit | gzip |\n|---|---|---|---|\n");
    for one in Destination::ALL {
        let limit = one.limit.map(|limit| format!("{} bytes {}", limit.bytes, limit.unit));
        let gzip = if one.gzip { "yes" } else { "no" };
        let limit = limit.unwrap_or_else(|| "none known".into());
        let _ = writeln!(table, "| `{}` | {} | {limit} | {gzip} |", one.name, one.about);
    }
    table
}

/// A console block with the commands' real output.
fn session(block: &[&str], folder: &Path) -> String {
    let mut out = String::new();
    for command in block.iter().filter(|line| line.starts_with("$ ")) {
        let printed = run(&command[2..], folder);
        let text = String::from_utf8(printed.stdout).unwrap();
        let _ = write!(out, "{command}\n{text}");
    }
    out
}

/// The parameter reference: a table of every parameter in the schema.
fn reference() -> String {
    let mut table = String::from("| parameter | value | what it is |\n|---|---|---|\n");
    rows(&bootseed::spec::schema(), "", &mut table);
    table
}

fn rows(schema: &Value, path: &str, table: &mut String) {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let description = value["description"].as_str().unwrap_or_default();
        assert!(!description.is_empty(), "{path} is not documented");
        let needed =
            schema["required"].as_array().is_some_and(|all| all.contains(&Value::from(&key[..])));
        let needed = if needed { "**Needed.** " } else { "" };
        let text = description.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        let example = value["examples"][0].as_str().filter(|example| !text.contains(example));
        let example = example.map(|text| format!(" For example `{text}`.")).unwrap_or_default();
        let _ = writeln!(table, "| `{path}` | {} | {needed}{text}{example} |", kind(value));
        let inner = if value["items"].is_object() { &value["items"] } else { value };
        let path = if value["items"].is_object() { format!("{path}[]") } else { path };
        rows(inner, &path, table);
    }
}

/// What kind of value a parameter takes, in words.
fn kind(schema: &Value) -> String {
    let names = |key: &str| schema[key].as_array().cloned().unwrap_or_default();
    let constants: Vec<Value> = names("oneOf").iter().map(|one| one["const"].clone()).collect();
    let choices = [names("enum"), constants].concat();
    if !choices.is_empty() {
        let shown: Vec<String> =
            choices.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
        return shown.join(", ");
    }
    match &schema["type"] {
        Value::Array(_) => "text".into(),
        Value::String(kind) if kind == "array" => of_items(&schema["items"]).into(),
        Value::String(kind) if kind == "object" => "map".into(),
        Value::String(kind) if kind == "boolean" => "`true`, `false`".into(),
        Value::String(kind) if kind == "integer" => "number".into(),
        _ => "text".into(),
    }
}

fn of_items(items: &Value) -> &'static str {
    let branches = || items["anyOf"].as_array().into_iter().flatten();
    match (items["anyOf"].is_array(), items["type"] == "object") {
        (true, _) if branches().any(|one| one["type"] == "object") => "list of texts or maps",
        (true, _) => "list of texts or lists",
        (_, true) => "list of maps",
        _ => "list of texts",
    }
}

#[test]
fn commands_output_and_reference_are_true() {
    let mut untrue = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let truth = regenerated(&text);
        if env::var_os("BLESS").is_some() {
            fs::write(&path, &truth).unwrap();
        } else if text != truth {
            let mut lines = text.lines().zip(truth.lines());
            untrue.push((path, lines.find(|(is, should)| is != should).map(twice)));
        }
    }
    let hint = "BLESS=1 cargo test --test readme writes what is true into them";
    assert!(untrue.is_empty(), "these say, then what is true:\n{untrue:#?}\n{hint}");
}

fn twice(lines: (&str, &str)) -> [String; 2] {
    [lines.0.into(), lines.1.into()]
}

/// A newcomer reads it in five minutes.
#[test]
fn the_readme_is_short() {
    let lines = readme().lines().count();
    assert!(lines <= 200, "README.md has {lines} lines; what is more belongs into docs/");
}

/// Whoever opens the README, or the book, finds every page.
#[test]
fn every_page_is_listed() {
    let summary = fs::read_to_string(Path::new(ROOT).join("docs/SUMMARY.md")).unwrap();
    for page in pages().iter().filter_map(|path| path.file_name()?.to_str()) {
        let own = matches!(page, "README.md" | "SUMMARY.md");
        assert!(own || readme().contains(&format!("](docs/{page})")), "README.md has no {page}");
        assert!(own || summary.contains(&format!("]({page})")), "SUMMARY.md has no {page}");
    }
}

/// Where `](FILE)` and `](FILE#PLACE)` lead to is there.
#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let own = targets.filter(|target| !target.contains("://") && !target.starts_with('#'));
        for target in own {
            let file = target.split('#').next().unwrap();
            if !path.with_file_name("").join(file).exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_command_and_preset_is_named() {
    let text = everything();
    let help = run("bootseed --help", Path::new(ROOT));
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    for name in commands.filter_map(|line| line.split_whitespace().next()) {
        assert!(text.contains(&format!("`bootseed {name}")) || name == "help", "{name}");
    }
    for preset in Preset::ALL {
        assert!(text.contains(&format!("`{}`", preset.name())), "{}", preset.name());
    }
}

#[test]
fn the_table_of_escapes_is_true() {
    let text = everything();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `*"));
    let suffixes: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(suffixes.len() >= 5, "{suffixes:?}");
    for suffix in suffixes {
        assert!(Escape::of(&format!("x{suffix}")).is_some(), "{suffix}");
    }
}

#[test]
fn every_example_and_preset_renders() {
    let examples = fs::read_dir(Path::new(ROOT).join("examples")).unwrap();
    let mut arguments: Vec<String> =
        Preset::ALL.iter().map(|preset| format!("--preset {}", preset.name())).collect();
    for path in examples.map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.lines().nth(1).unwrap().starts_with("# For "), "{}", path.display());
            arguments.push(format!("'{}'", path.display()));
        }
    }
    let own = "examples/own-template";
    arguments.push(format!("--template {own}/site.yaml.j2 --params {own}/values.yaml"));
    for arguments in arguments {
        let output = run(&format!("bootseed render {arguments}"), Path::new(ROOT));
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{arguments}: {text}");
        assert!(text.starts_with("#cloud-config\n"), "{arguments}: {text}");
    }
}

/// What an editor makes of the schema: the examples and presets have no mistake in it.
#[test]
fn editors_accept_the_examples() {
    const CHECK: &str = "
import json, sys, jsonschema, yaml
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
validator.check_schema(validator.schema)
for name in sys.argv[2:]:
    for error in validator.iter_errors(yaml.safe_load(open(name))):
        sys.exit(f'{name}: {list(error.path)}: {error.message}')
";
    if !have_modules(&["jsonschema", "yaml"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("schema.json");
    fs::write(&schema, bootseed::spec::schema().to_string()).unwrap();
    let line = format!(
        "/usr/bin/python3 -c \"{CHECK}\" '{}' examples/*.yaml src/preset/*.yaml",
        schema.display()
    );
    let output = run(&line, Path::new(ROOT));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Mistakes in one value, which an editor sees as well.
const VALUES: &[&str] = &[
    "absolute-path",
    "channel",
    "conda-package-option",
    "conda-package-two",
    "empty-password",
    "environment-name",
    "file-mode-l",
    "file-mode-nine",
    "file-owner-colon",
    "file-path-dot.",
    "file-path-tmp",
    "group-name",
    "hostname",
    "locale",
    "odd-comma",
    "odd-word",
    "package-name",
    "part-name",
    "password-hash",
    "password-is-a-hash",
    "pip-package-option",
    "pip-package-two",
    "port-dns",
    "port-ssh",
    "python-version",
    "server-name",
    "service-name",
    "sha256",
    "ssh-key",
    "swap-unit",
    "swap-word",
    "timezone",
    "url-",
    "user-name-root",
    "user-name-upper",
    "user-shell",
    "web-index",
    "web-root",
];

#[test]
fn editors_refuse_what_render_refuses() {
    if !have_modules(&["jsonschema", "yaml"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("schema.json"), bootseed::spec::schema().to_string()).unwrap();
    let is_one = |name: &String| {
        name.ends_with(".yaml")
            && VALUES.iter().any(|start| name.starts_with(start))
            && !Path::new(ROOT).join("tests/mistakes").join(name).with_extension("args").exists()
    };
    let names = fs::read_dir(Path::new(ROOT).join("tests/mistakes")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(is_one).collect();
    names.sort();
    assert!(names.len() >= 70, "{names:?}");
    let line = format!(
        "cd tests/mistakes && python3 -c '{ACCEPTED}' {}/schema.json {}",
        folder.path().display(),
        names.join(" ")
    );
    let output = run(&line.replace("python3", "/usr/bin/python3"), Path::new(ROOT));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

const ACCEPTED: &str = r#"
import json, sys, jsonschema, yaml
validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1])))
accepted = [name for name in sys.argv[2:] if validator.is_valid(yaml.safe_load(open(name)))]
sys.exit("accepted: " + ", ".join(accepted) if accepted else 0)
"#;
