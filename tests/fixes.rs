//! Safe repairs: what they change, and that they change nothing else.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bootseed::lint::{self, Settings};
use proptest::prelude::*;

const BROKEN: &str = "# ours\n#cloud-config\npackage_udpate: true   # keep\n\nwrite_files:\n  \
                      - {path: /a,   permissions: 0644} # mode\nruncmd:\n  - 'echo  한'\n";
const WHOLE: &str = "#cloud-config\n# ours\npackage_update: true   # keep\n\nwrite_files:\n  \
                     - {path: /a,   permissions: '0644'} # mode\nruncmd:\n  - 'echo  한'\n";

fn bootseed(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("lint").args(args).current_dir(folder).env("NO_COLOR", "1");
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    bootseed(folder, args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn repaired(text: &str) -> Option<String> {
    lint::repair("a.yaml", text.as_bytes(), &Settings::default()).map(|done| done.text)
}

/// Every document of the rules.
fn fixtures() -> Vec<(PathBuf, String)> {
    let folders = fs::read_dir("tests/lint").unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| [folder.join("bad.yaml"), folder.join("good.yaml")]);
    files.filter_map(|file| Some((file.clone(), fs::read_to_string(&file).ok()?))).collect()
}

#[test]
fn files_are_repaired_in_place_and_only_once() {
    let room = tempfile::tempdir().unwrap();
    let (file, link) = (room.path().join("a.yaml"), room.path().join("link.yaml"));
    fs::write(&file, BROKEN).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("a.yaml", &link).unwrap();
    let output = run(room.path(), &["--fix", "link.yaml"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(said.matches("note: link.yaml: ").count(), 3, "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), WHOLE);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let before = fs::metadata(&file).unwrap().modified().unwrap();
    let again = run(room.path(), &["--fix", "a.yaml"]);
    assert!(again.stderr.is_empty(), "{}", text(&again.stderr));
    assert_eq!(fs::metadata(&file).unwrap().modified().unwrap(), before);
}

#[test]
fn a_diff_writes_nothing_and_can_be_applied() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("a.yaml");
    fs::write(&file, BROKEN).unwrap();
    let output = run(room.path(), &["--diff", "./a.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), BROKEN);
    fs::write(room.path().join("diff"), &output.stdout).unwrap();
    let mut apply = Command::new("git");
    let apply = apply.args(["apply", "diff"]).current_dir(room.path()).output().unwrap();
    assert!(apply.status.success(), "{}\n{}", text(&output.stdout), text(&apply.stderr));
    assert_eq!(fs::read_to_string(&file).unwrap(), WHOLE);
    let output = run(room.path(), &["--diff", "a.yaml"]);
    assert_eq!((output.status.code(), output.stdout), (Some(0), Vec::new()));
}

#[test]
fn standard_input_comes_out_repaired() {
    let room = tempfile::tempdir().unwrap();
    for (input, wanted) in [(BROKEN, WHOLE), (WHOLE, WHOLE)] {
        let mut command = bootseed(room.path(), &["--fix", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        assert_eq!(text(&child.wait_with_output().unwrap().stdout), wanted);
    }
}

#[test]
fn what_is_no_file_is_not_written() {
    let room = tempfile::tempdir().unwrap();
    let pipe = room.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let child = bootseed(room.path(), &["--fix", "pipe"]).stderr(Stdio::piped()).spawn().unwrap();
    fs::write(&pipe, BROKEN).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(2) && said.contains("no file"), "{said}");
}

#[test]
fn what_a_repair_would_break_stays() {
    // The name that is meant is there already.
    let twice = "#cloud-config\npackages: [a]\npackage: [b]\n";
    assert_eq!(repaired(twice), None);
    // Another word is a guess: nobody asked for these to be run.
    assert_eq!(repaired("#cloud-config\ncommands: [reboot]\n"), None);
    let allowed = "#cloud-config\nPackages: [a] # bootseed: allow unknown-key\n";
    assert_eq!(repaired(allowed), None);
    let latin = [&b"#cloud-config\npackage_udpate: true # "[..], b"\xe9\n"].concat();
    assert_eq!(lint::repair("a.yaml", &latin, &Settings::default()), None);
}

#[test]
fn many_repairs_that_do_harm_end_soon() {
    let files = "- {path: /a, content: a, contents: b}\n".repeat(2_000);
    let text = format!("#cloud-config\nwrite_files:\n{files}");
    let start = std::time::Instant::now();
    assert_eq!(repaired(&text), None);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn one_that_does_harm_keeps_no_other_from_being_made() {
    let files =
        "write_files:\n- {path: /a, content: a, contents: b}\n- {path: /b, permissions: 0644}\n";
    let text = format!("#cloud-config\npackage_udpate: true\n{files}");
    let wanted = text.replace("udpate", "update").replace("0644", "'0644'");
    assert_eq!(repaired(&text).as_deref(), Some(wanted.as_str()));
    assert_eq!(repaired(&wanted), None);
}

#[test]
fn line_ends_of_windows_leave_a_script() {
    let script = "#!/bin/sh\necho 'a\r\n' \r\n\r\necho 한\r\n";
    assert_eq!(repaired(script).unwrap(), "#!/bin/sh\necho 'a\n' \n\necho 한\n");
}

#[test]
fn repairs_end_and_leave_nothing_to_repair() {
    let mut repairs = BTreeSet::new();
    for (file, text) in fixtures() {
        let Some(done) = lint::repair("a.yaml", text.as_bytes(), &Settings::default()) else {
            continue;
        };
        assert_eq!(repaired(&done.text), None, "{}", file.display());
        repairs.extend(done.done.iter().map(|(id, _)| *id));
        for (id, _) in &done.done {
            let settings = Settings { select: vec![(*id).to_owned()], ..Settings::default() };
            let count = |text: &str| lint::lint("a.yaml", text.as_bytes(), &settings).len();
            assert!(
                count(&done.text) < count(&text),
                "{}: {id} is found as before",
                file.display()
            );
        }
    }
    assert!(repairs.len() >= 6, "{repairs:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Comments, blank lines, spaces at ends and line ends of documents stay as they are.
    #[test]
    fn what_is_around_a_repair_stays_byte_by_byte(
        number in any::<prop::sample::Index>(),
        notes in prop::collection::vec((any::<prop::sample::Index>(), "# [한a-z:'\"{} ]{0,12}"), 1..6),
        crlf in any::<bool>(),
    ) {
        let all = fixtures();
        let (file, text) = &all[number.index(all.len())];
        prop_assume!(!text.contains("|\n") && !text.contains(">\n") && !text.starts_with("Content"));
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, note) in &notes {
            lines.insert(1 + at.index(lines.len()).min(lines.len() - 1), note.clone());
        }
        let end = if crlf { "\r\n" } else { "\n" };
        let text: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        let settings = Settings::default();
        let Some(done) = lint::repair("a.yaml", text.as_bytes(), &settings) else { return Ok(()) };
        prop_assert_eq!(repaired(&done.text), None, "{}", file.display());
        for (_, note) in &notes {
            let kept = done.text.matches(note.as_str()).count();
            prop_assert!(kept >= 1, "{} lost {}:\n{}", file.display(), note, done.text);
        }
        // What was not repaired is there in the same order.
        let changed = similar::TextDiff::from_lines(text.as_str(), done.text.as_str());
        let gone = changed.iter_all_changes().filter(|one| one.tag() == similar::ChangeTag::Delete);
        prop_assert!(gone.count() <= 2 * done.done.len() + 1, "{}", file.display());
    }
}
