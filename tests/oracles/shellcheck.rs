//! shellcheck, `sh -n` and `bash -n` on every line of shell that a document has, whatever the
//! severity: what cloud-init's sh runs on every boot, and the lines of bash of presets and examples.

use bootseed::source::Yaml11;

use super::documents;
use super::host::find;
use super::values::document::{self, Document};
use super::values::tools::{self, plain, said};

/// Every script in a document: a first line, and the line of shell.
fn scripts(document: &Document) -> Vec<String> {
    let Some(Yaml11::List(early)) = document.at("bootcmd") else { panic!("{}", document.text) };
    let sh = early.iter().filter_map(|command| match command {
        Yaml11::List(words) if document::text(&words[0]) == Some("sh") => document::text(&words[2]),
        command => document::text(command),
    });
    let told = document.told();
    let commands = told.iter().map(|(name, _)| document.step_list(name, "command"));
    let bash = commands.filter_map(|command| match command[..] {
        ["bash", "-eo", "pipefail", "-c", line] => Some(line),
        _ => None,
    });
    let sh = sh.map(|line| format!("#!/bin/sh\n{line}\n"));
    sh.chain(bash.map(|line| format!("#!/bin/bash\n{line}\n"))).collect()
}

#[test]
fn every_line_of_shell_is_clean() {
    let (bash, shellcheck) = (find("bash"), find("shellcheck"));
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut of_bash) = (Vec::new(), 0);
    for (number, (_, document)) in documents().iter().enumerate() {
        for (i, text) in scripts(document).iter().enumerate() {
            let file = folder.path().join(format!("{number}-{i}.sh"));
            tools::script(&file, text);
            let shell = if text.starts_with("#!/bin/bash") { bash.clone() } else { find("sh") };
            of_bash += usize::from(text.starts_with("#!/bin/bash"));
            if let Some(shell) = shell {
                tools::succeeds(plain(shell).arg("-n").arg(&file));
            }
            files.push(file);
        }
    }
    // Two lines of every document's own.
    assert!(files.len() >= 2 * documents().len() + 4 && of_bash >= 3, "{files:?}");
    if let Some(shellcheck) = shellcheck {
        let output = plain(shellcheck)
            .args(["--norc", "--severity=style", "--format=gcc"])
            .args(&files)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", said(&output));
    }
}
