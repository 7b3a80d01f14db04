//! Inputs that were made to cost much: they end, in little memory and time, with a message.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};

/// KiB of address space that the program gets.
const MEMORY: usize = 2 << 20;
/// Far more than any of them takes, also on a busy computer, and far less than it would take.
const LONG: Duration = Duration::from_secs(60);

/// Runs a line of bash in a folder with these files; the status and what it said.
fn run(files: &[(&str, &[u8])], line: &str) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_bootseed");
    let line = format!("ulimit -v {MEMORY}; bootseed() {{ '{program}' \"$@\"; }}; {line}");
    let (start, mut command) = (Instant::now(), Command::new("bash"));
    let output = command.args(["-c", &line]).current_dir(&folder).stdin(Stdio::null()).output();
    let output = output.unwrap();
    assert!(start.elapsed() < LONG, "{:?}: {line}", start.elapsed());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!said.contains("panicked") && !said.contains("overflow"), "{said}");
    (output.status.code().unwrap_or(-1), said)
}

#[test]
fn parameter_files_have_an_end() {
    let users = |count| "users:\n".to_owned() + &"- {nam: x, sudo: 7}\n".repeat(count);
    let text = format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(400_000), "*a, ".repeat(90_000));
    let table = [
        text,
        "- ".repeat(1 << 19),
        "-\n".repeat(1 << 19),
        "- - ".repeat(1 << 18) + "\n",
        "[".repeat(1 << 20),
        "{a: ".repeat(200_000),
        "? ".repeat(1 << 19),
        users(9_000),
        (0..20_000).map(|i| format!("k{i}: 1\n")).collect(),
        (0..20_000).map(|i| format!("hostnam{i}: 1\n")).collect(),
        "cloud_config:\n".to_owned()
            + &(0..20_000).map(|i| format!("  k{i}: 1\n")).collect::<String>(),
        "packages:\n".to_owned() + &"- [a]\n".repeat(20_000),
        "packages:\n".to_owned() + &"- 'a b'\n".repeat(20_000),
        "parts:\n".to_owned() + &"- {kind: script, content: x}\n".repeat(14_000),
        "files:\n".to_owned() + &"- {path: /a, content: x}\n".repeat(14_000),
        "hostname: lab\npassword: x\n".repeat(30_000),
        "x：1\n".repeat(100_000),
        format!("a: \"{}\"\n", "\\ud83d\\ude42".repeat(80_000)),
        "a: \"\\ud83d\\ude42\"\n".repeat(50_000),
    ];
    for text in table {
        let (code, said) = run(&[("a.yaml", text.as_bytes())], "bootseed render a.yaml");
        assert_eq!(code, 1, "{}: {said}", &text[..text.len().min(40)]);
    }
}

#[test]
fn paths_have_an_end() {
    for path in [".a".repeat(100_000)[1..].to_owned(), "a".to_owned() + &"[0]".repeat(100_000)] {
        let set = format!("{path}=1\n");
        let line = "bootseed render --set \"$(head -c 100000 set)\"";
        let (code, said) = run(&[("set", set.as_bytes())], line);
        assert_eq!(code, 1, "{said}");
        let query = format!(r#"{{"set": "{{\"{path}\": 1}}"}}"#);
        let (code, said) = run(&[("q", query.as_bytes())], "bootseed terraform <q");
        assert_eq!(code, 1, "{said}");
        let csv = format!("id,users.{path}\n1,2\n");
        let files = [("r.csv", csv.as_bytes()), ("c.yaml", b"hostname: lab\n" as &[u8])];
        let (code, said) = run(&files, "bootseed roster r.csv c.yaml -o out");
        assert!((1..=2).contains(&code), "{said}");
    }
    let header = "cloud_config".to_owned() + &".a".repeat(3_000);
    let csv = format!("id,{header}\n1,2\n");
    let files = [("r.csv", csv.as_bytes()), ("c.yaml", b"hostname: lab\n" as &[u8])];
    let (code, said) = run(&files, "bootseed roster r.csv c.yaml -o out");
    assert!((1..=2).contains(&code), "{said}");
}

#[test]
fn rosters_have_an_end() {
    let wide: String = (0..100_000).map(|i| format!("c{i},")).collect();
    let keys: String = (0..30_000).map(|i| format!("- {{k{i}: 1}}\n")).collect();
    for (name, text, expected) in [
        (
            "r.yaml",
            "- kim\n- lee\n".to_owned(),
            "a map from columns to cells is expected, not text",
        ),
        ("r.json", "[\"kim\", \"lee\"]".to_owned(), "a map from columns to cells is expected"),
        ("r.yaml", "- [kim]\n".to_owned(), "a map from columns to cells is expected, not a list"),
        ("r.yaml", "- kim\n- {id: 1}\n".to_owned(), "a map from columns to cells is expected"),
        ("r.yaml", "- {}\n".to_owned(), ""),
        ("r.csv", format!("{wide}\n1\n"), "a roster has 1,000 columns at most"),
        ("r.yaml", keys, "a roster has 1,000 columns at most"),
    ] {
        let files = [(name, text.as_bytes()), ("c.yaml", b"hostname: lab\n" as &[u8])];
        let (code, said) = run(&files, &format!("bootseed roster {name} c.yaml -o out"));
        assert!((1..=2).contains(&code), "{name}: {said}");
        assert!(said.contains(expected), "{name}: {said}");
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn inspecting_has_an_end() {
    let text = "x".repeat(450_000);
    let archive = format!("#cloud-config-archive\n- &a \"{text}\"\n{}", "- *a\n".repeat(75_000));
    let config = format!("#cloud-config\na: &a \"{text}\"\nb:\n{}", "- *a\n".repeat(75_000));
    let request = format!("UserData: &a \"{text}\"\nb:\n{}", "- *a\n".repeat(75_000));
    let json = "[".to_owned() + &"[0],".repeat(12 << 20) + "0]";
    for text in [archive, config, request, json] {
        let bomb = gzip(&text);
        assert!(bomb.len() < 200_000);
        let (code, said) = run(&[("bomb", &bomb)], "bootseed inspect bomb >/dev/null");
        assert!((0..=1).contains(&code), "{said}");
    }
}
