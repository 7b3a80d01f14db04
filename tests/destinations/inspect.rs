//! `bootseed inspect` as a person calls it: what it prints, its exit status, what it writes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::tools::{bootseed, fails, succeeds};

const CONFIG: &str = "#cloud-config\nhostname: a\n";

fn payload(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("payload");
    fs::write(&file, text).unwrap();
    file
}

/// All files below a folder, with their paths in it.
fn below(folder: &Path) -> Vec<String> {
    let (mut folders, mut files) = (vec![folder.to_path_buf()], Vec::new());
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    files.sort();
    files
}

/// The name of a part is only a name, whatever is in it.
#[test]
fn extracted_parts_stay_in_their_folder() {
    let names = ["../../etc/x", "/etc/passwd", "..", "a\\u0000b\\u001b[31m", "한글.sh", ""];
    let long = "x".repeat(400);
    let items: Vec<String> = names
        .iter()
        .chain([&long.as_str()])
        .map(|name| format!("- {{filename: \"{name}\", content: '#!/bin/sh'}}\n"))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let file = payload(folder.path(), &format!("#cloud-config-archive\n{}", items.concat()));
    let out = folder.path().join("deep/out");
    bootseed(&["inspect", "--extract"]).arg(&out).arg(&file).output().unwrap();
    let long = format!("deep/out/007-{}", "x".repeat(80));
    let expected = [
        "deep/out/001-_.._etc_x",
        "deep/out/002-_etc_passwd",
        "deep/out/004-a_b__31m",
        "deep/out/005-한글.sh",
        "deep/out/part-003",
        "deep/out/part-006",
        "payload",
    ];
    let mut expected: Vec<String> = expected.iter().map(|name| name.to_string()).collect();
    expected.insert(4, long);
    assert_eq!(below(folder.path()), expected);
}

#[test]
fn machines_of_one_file_are_shown_and_extracted_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| format!("{CONFIG}fqdn: {name}\n");
    let good = json!({"machines": {"../lab-1": {"user_data": text("a1")}, "lab-2": {"user_data": text("a2")}}});
    let (file, out) = (payload(folder.path(), &good.to_string()), folder.path().join("out"));
    let printed = succeeds(bootseed(&["inspect", "--extract"]).arg(&out).arg(&file));
    let printed = String::from_utf8(printed).unwrap();
    assert!(printed.contains("\nMachine machines.lab-2: 35 bytes\n"), "{printed}");
    assert_eq!(printed.matches("\nFits: cloud-config,").count(), 2, "{printed}");
    assert_eq!(below(&out), ["001-machines..._lab-1/part-001", "002-machines.lab-2/part-001"]);
    let bad = json!([{"user_data": CONFIG}, {"user_data": "hostname: b\n"}]);
    let said = fails(bootseed(&["inspect"]).arg(payload(folder.path(), &bad.to_string())), 1);
    assert!(said.contains("Machine [1]") && said.contains("\nFits: multipass\n"), "{said}");
}

/// What no machine acts on fits nowhere.
#[test]
fn nothing_that_is_lost_is_said_to_fit() {
    let folder = tempfile::tempdir().unwrap();
    for text in ["", "\u{feff}#cloud-config\n{}\n", "\u{1}\u{2}\u{3}", "#cloud-config\n- a\n"] {
        let said = fails(bootseed(&["inspect"]).arg(payload(folder.path(), text)), 1);
        assert!(said.contains("\n      nothing\n") && said.contains("\nFits: nothing\n"), "{said}");
    }
}
