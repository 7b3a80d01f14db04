//! shellcheck and `bash -n` on every script that a document lays down, whatever the severity.

use super::documents;
use super::host::find;
use super::values::tools::{self, plain, said};

#[test]
fn every_script_is_clean() {
    let (bash, shellcheck) = (find("bash"), find("shellcheck"));
    let folder = tempfile::tempdir().unwrap();
    let mut scripts = Vec::new();
    for (number, (_, document)) in documents().iter().enumerate() {
        for (i, (_, text, _)) in document.files().iter().enumerate() {
            // Examples bring scripts for other programs, too.
            if text.starts_with("#!/bin/bash") || text.starts_with("#!/bin/sh") {
                let script = folder.path().join(format!("{number}-{i}.sh"));
                tools::script(&script, text);
                scripts.push(script);
            }
        }
    }
    assert!(scripts.len() >= 9, "{scripts:?}");
    if let Some(bash) = bash {
        for script in &scripts {
            tools::succeeds(plain(&bash).arg("-n").arg(script));
        }
    }
    if let Some(shellcheck) = shellcheck {
        let output = plain(shellcheck)
            .args(["--norc", "--severity=style", "--format=gcc"])
            .args(&scripts)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}
