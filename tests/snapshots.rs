//! The whole output of every preset, example and help text, as files in `snapshots/`.
//!
//! `BLESS=1 cargo test --test snapshots` writes them. A preset's document is `PRESET.yaml`, its plan
//! `PRESET.plan.txt`, an example's document `example-NAME.yaml`, a help text `help-COMMAND.txt`.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bootseed::catalog::Listed;
use bootseed::preset::Preset;

const FOLDER: &str = "tests/snapshots";
/// What EC2 takes.
const EC2_LIMIT: usize = 16_384;
/// What the course machine may take of it; the rest is left to the owner.
const HELLO_LIMIT: usize = 16_000;
const _: () = assert!(HELLO_LIMIT < EC2_LIMIT);

fn bootseed(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(arguments).env("NO_COLOR", "1").env("COLUMNS", "96").output().unwrap()
}

/// What a command prints.
fn printed(arguments: &[&str]) -> String {
    let output = bootseed(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Examples that `bootseed render FILE` takes.
fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir("examples").into_iter().flatten();
    let all = entries.map(|entry| entry.unwrap().path());
    let mut specs: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|e| e == "yaml")).collect();
    specs.sort();
    specs
}

/// Templates of somebody's own: `examples/FOLDER/NAME.yaml.j2`, with `values.yaml` beside it.
fn templates() -> Vec<PathBuf> {
    let folders = fs::read_dir("examples").into_iter().flatten().map(|entry| entry.unwrap().path());
    let inside = folders.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
    let files = inside.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        files.filter(|path| path.to_string_lossy().ends_with(".yaml.j2")).collect();
    found.sort();
    found
}

/// The names in the list of commands of the main help text.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    list.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help")
}

/// Every snapshot: its file name and what must be in it.
fn all() -> Vec<(String, String)> {
    let help = printed(&["--help"]);
    let mut found: Vec<(String, String)> = commands(&help)
        .map(|command| (format!("help-{command}.txt"), printed(&[command, "--help"])))
        .collect();
    assert!(found.len() > 5, "{help}");
    found.push(("help.txt".to_owned(), help));
    for preset in Preset::ALL {
        let name = preset.name();
        found.push((format!("{name}.yaml"), printed(&["render", "--preset", name])));
        found.push((format!("{name}.plan.txt"), printed(&["plan", "--preset", name])));
    }
    for file in examples() {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let document = printed(&["render", file.to_str().unwrap()]);
        found.push((format!("example-{stem}.yaml"), document));
    }
    for template in templates() {
        let stem = template.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let values = template.with_file_name("values.yaml");
        let (template, values) = (template.to_str().unwrap(), values.to_str().unwrap());
        let document = printed(&["render", "--template", template, "--params", values]);
        found.push((format!("example-{stem}.yaml"), document));
    }
    found
}

/// The first line that differs, for a message.
fn difference(old: &str, new: &str) -> String {
    let pairs = old.lines().chain([""]).zip(new.lines().chain([""]));
    let first = pairs.enumerate().find(|(_, (old, new))| old != new);
    match first {
        Some((number, (old, new))) => format!("line {}:\n  - {old}\n  + {new}", number + 1),
        None => "the length differs".to_owned(),
    }
}

#[test]
fn everything_printed_is_as_it_was() {
    let bless = std::env::var_os("BLESS").is_some();
    let (mut wrong, mut names) = (Vec::new(), BTreeSet::new());
    for (name, text) in all() {
        let file = Path::new(FOLDER).join(&name);
        let old = fs::read_to_string(&file).unwrap_or_default();
        if bless {
            fs::create_dir_all(FOLDER).unwrap();
            fs::write(&file, &text).unwrap();
        } else if old != text {
            wrong.push(format!("{}: {}", file.display(), difference(&old, &text)));
        }
        names.insert(name);
    }
    assert!(wrong.is_empty(), "BLESS=1 accepts these:\n{}", wrong.join("\n"));
    for entry in fs::read_dir(FOLDER).unwrap() {
        let file = entry.unwrap();
        let known = names.contains(file.file_name().to_str().unwrap());
        if bless && !known {
            fs::remove_file(file.path()).unwrap();
        }
        assert!(known || bless, "{} belongs to nothing", file.path().display());
    }
}

#[test]
fn init_renders_to_the_same_bytes_as_the_preset() {
    let folder = tempfile::tempdir().unwrap();
    for preset in Preset::ALL {
        let name = preset.name();
        let file = folder.path().join(format!("{name}.yaml"));
        let file = file.to_str().unwrap();
        printed(&["init", "--preset", name, "-o", file]);
        let own = printed(&["render", file]);
        assert_eq!(own, printed(&["render", "--preset", name]), "{name}");
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for preset in Preset::ALL {
        let words = ["render", "--preset", preset.name()];
        assert_eq!(printed(&words), printed(&words), "{}", preset.name());
    }
}

#[test]
fn without_a_parameter_file_hello_cju_is_rendered_and_leaves_room_on_ec2() {
    let document = printed(&["render"]);
    assert_eq!(document, printed(&["render", "--preset", "hello_cju"]));
    assert!(document.len() <= HELLO_LIMIT, "{} bytes", document.len());
}

/// What nobody in particular is told of EC2 is what its launch form takes.
#[test]
fn what_the_form_of_ec2_takes_is_not_called_too_large() {
    for file in examples() {
        let file = file.to_str().unwrap();
        let taken = bootseed(&["render", file, "--for", "aws-form"]).status.success();
        for said in [bootseed(&["plan", file]).stdout, bootseed(&["render", file]).stderr] {
            let said = String::from_utf8_lossy(&said).into_owned();
            assert_eq!(!said.contains("TOO LARGE"), taken, "{file}: {said}");
        }
    }
}
