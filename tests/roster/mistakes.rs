//! Every message about a roster, as it stands on the terminal.
//!
//! `mistakes/NAME.csv` is a roster with mistakes and `NAME.yaml` its parameter file; `NAME.args` are
//! further arguments (one a line), `NAME.out` is what standard error must be. `BLESS=1 cargo test
//! --test roster mistakes` writes the `.out` files. A name begins with the id of the mistake,
//! without `roster-`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ids that no roster can bring about.
const UNREACHABLE: &[&str] = &["password"];

/// What stands for a secret in the files.
const SECRET: &str = "SECRET";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/roster/mistakes")
}

fn rosters() -> Vec<PathBuf> {
    let all = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|extension| extension == "csv")).collect();
    found.sort();
    found
}

fn complain(roster: &Path) -> String {
    let more = fs::read_to_string(roster.with_extension("args")).unwrap_or_default();
    let file = |extension: &str| {
        roster.with_extension(extension).file_name().unwrap().to_string_lossy().into_owned()
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("roster").args([file("csv"), file("yaml")]).args(["-o", "nowhere"]);
    let output = command.args(more.lines()).env("NO_COLOR", "1").current_dir(folder()).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{}: {said}", roster.display());
    assert!(!folder().join("nowhere").exists());
    said
}

#[test]
fn every_mistake_is_explained() {
    let mut wrong = Vec::new();
    for roster in rosters() {
        let (found, expected) = (complain(&roster), roster.with_extension("out"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &found).unwrap();
        } else if fs::read_to_string(&expected).ok().as_ref() != Some(&found) {
            wrong.push(format!("{}:\n{found}", expected.display()));
        }
        assert!(!found.contains(SECRET), "{found}");
    }
    assert!(wrong.is_empty(), "BLESS=1 accepts these:\n{}", wrong.join("\n"));
}

/// The ids in the sources that begin with `roster-`.
fn declared(place: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let ids = text.split("\"roster-").skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(ids.map(str::to_owned));
    }
}

#[test]
fn every_kind_of_mistake_has_a_roster() {
    let mut ids = BTreeSet::new();
    declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut ids);
    assert!(ids.len() > 5, "{ids:?}");
    let names: Vec<String> = rosters()
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    for id in ids.iter().filter(|id| !UNREACHABLE.contains(&id.as_str())) {
        assert!(names.iter().any(|name| name.starts_with(id.as_str())), "no roster for {id}");
    }
}
