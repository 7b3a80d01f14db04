//! The rules that every file below `src/` keeps: which module may use which, its `//!`, how long a
//! file and a function may be, and where `anyhow` may be used.
//!
//! A new module of the library gets its place here and in the picture of `src/lib.rs`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The line of the picture: each module may use those before it, and the leaves.
const LINE: &[&str] =
    &["spec", "plan", "step", "program", "cloud_config", "payload", "destination", "machine"];

/// The leaves, and what is beside the line, each with the modules that it may use.
const OTHERS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("secret", &[]),
    ("shell", &[]),
    ("system", &[]),
    ("catalog", &[]),
    ("diagnostic", &["source"]),
    ("template", &["source"]),
    ("iso9660", &[]),
    ("preset", &["source", "catalog"]),
    ("inspect", &["source", "catalog", "iso9660", "payload", "destination"]),
    ("lint", &["source", "catalog", "diagnostic", "shell", "inspect"]),
    ("rehearsal", &["iso9660"]),
    (
        "roster",
        &[
            "source",
            "secret",
            "diagnostic",
            "template",
            "spec",
            "plan",
            "cloud_config",
            "payload",
            "destination",
            "machine",
        ],
    ),
    (
        "handout",
        &[
            "catalog",
            "secret",
            "diagnostic",
            "system",
            "iso9660",
            "payload",
            "destination",
            "roster",
        ],
    ),
    ("watch", &["catalog", "secret", "template", "destination", "roster", "handout"]),
];

/// Those of `OTHERS` that the modules of the line do not use.
const BESIDE: &[&str] = &["preset", "inspect", "lint", "rehearsal", "roster", "handout", "watch"];

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 50;
const MEDIAN_FUNCTION: usize = 12;

/// Functions that may be longer, because they are tables.
const TABLES: &[&str] = &[];

/// Path below `src/` and text of every Rust file.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                files.push((name, fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

/// The module of the library that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The modules that a text names behind `crate::`.
fn used(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next().unwrap())
}

/// May the module `own` use the module `other`?
fn may_use(own: &str, other: &str) -> bool {
    let place = |name: &str| LINE.iter().position(|module| *module == name);
    match (place(own), place(other)) {
        (Some(own), Some(other)) => other < own,
        (Some(_), None) => !BESIDE.contains(&other),
        (None, _) => OTHERS.iter().any(|(name, may)| *name == own && may.contains(&other)),
    }
}

/// Every module that has its place.
fn placed() -> BTreeSet<&'static str> {
    OTHERS.iter().map(|(name, _)| *name).chain(LINE.iter().copied()).collect()
}

fn library() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap()
}

/// Name and number of lines of every function, by the indentation that rustfmt gives.
fn functions(text: &str) -> Vec<(&str, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (first, line) in lines.iter().enumerate() {
        let code = line.trim_start();
        let words = ["pub ", "pub(super) ", "pub(crate) ", "const ", "async "];
        let bare = words.iter().fold(code, |code, word| code.strip_prefix(word).unwrap_or(code));
        let Some(rest) = bare.strip_prefix("fn ") else { continue };
        let end = format!("{}}}", &line[..line.len() - code.len()]);
        let to_end = || lines[first..].iter().position(|line| *line == end).unwrap_or_default();
        let more = if line.ends_with(['}', ';']) { 0 } else { to_end() };
        found.push((rest.split(['(', '<']).next().unwrap(), more + 1));
    }
    found
}

/// Fails with everything that breaks a rule.
fn none(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn modules_use_only_what_is_to_their_left() {
    let (files, mut broken) = (files(), Vec::new());
    for (file, text) in &files {
        let own = module(file);
        let wrong = used(text).filter(|name| placed().contains(name) && *name != own);
        let wrong = wrong.filter(|name| !may_use(own, name));
        broken.extend(wrong.map(|name| format!("src/{file} uses {name}")));
    }
    none(broken);
}

#[test]
fn every_module_has_its_place_in_the_picture() {
    let library = library();
    let declared = library.lines().filter_map(|line| line.strip_prefix("pub mod "));
    let declared: BTreeSet<&str> = declared.map(|name| name.trim_end_matches(';')).collect();
    assert_eq!(declared, placed(), "the modules of src/lib.rs, and those named here");
    let picture: String = library.lines().take_while(|line| !line.starts_with("pub mod")).collect();
    let lacking = declared.iter().filter(|name| !picture.contains(*name));
    none(lacking.map(|name| format!("{name} is not in the picture of src/lib.rs")).collect());
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let mut broken = Vec::new();
    for (file, text) in files() {
        let length = text.lines().count();
        if !text.starts_with("//! ") {
            broken.push(format!("src/{file} does not begin with what it is, //!"));
        }
        if length > LONGEST_FILE {
            broken.push(format!("src/{file} has {length} lines, {LONGEST_FILE} are enough"));
        }
    }
    none(broken);
}

#[test]
fn functions_are_short() {
    let files = files();
    let all: Vec<(&str, &str, usize)> = files
        .iter()
        .flat_map(|(file, text)| {
            functions(text).into_iter().map(move |(name, lines)| (&file[..], name, lines))
        })
        .collect();
    let mut lengths: Vec<usize> = all.iter().map(|(_, _, lines)| *lines).collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(median < MEDIAN_FUNCTION, "half of all functions have {median} lines or more");
    let long =
        all.iter().filter(|(_, name, lines)| *lines > LONGEST_FUNCTION && !TABLES.contains(name));
    none(long.map(|(file, name, lines)| format!("src/{file}: {name} has {lines} lines")).collect());
}

#[test]
fn errors_of_the_library_are_typed() {
    let library = files().into_iter().filter(|(file, _)| !["main", "cli"].contains(&module(file)));
    let wrong = library.filter(|(_, text)| text.contains("anyhow"));
    none(wrong.map(|(file, _)| format!("src/{file} uses anyhow")).collect());
}
