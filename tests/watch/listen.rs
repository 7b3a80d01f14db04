//! Machines that tell by themselves, and others that try.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::host::{PYTHON, have_modules};
use crate::tools::{file, status, watch};

/// The folder of a class whose machines tell how they are.
fn class(folder: &Path) -> PathBuf {
    let roster = file(folder, "students.csv", "id,name\nkim,김철수\nlee,이영희\n");
    let spec = "web: {}\nstatus:\n  report: http://192.0.2.7:8900/\n";
    let spec = file(folder, "class.yaml", spec);
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(["roster", &roster, &spec, "-o"]).arg(folder.join("class"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder.join("class")
}

fn tokens(class: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(class.join("tokens.csv")).unwrap();
    let lines = text.trim_start_matches('\u{feff}').lines().skip(1);
    let pair = |line: &str| line.split_once(',').map(|(a, b)| (a.into(), b.into())).unwrap();
    lines.map(pair).collect()
}

/// Each student's machine has a token of its own, which stays from run to run, and is for root.
#[test]
fn a_class_has_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let place = class(folder.path());
    let first = tokens(&place);
    assert_eq!(first.iter().map(|(who, _)| who.as_str()).collect::<Vec<_>>(), ["kim", "lee"]);
    assert!(first[0].1.len() >= 16 && first[0].1 != first[1].1);
    let mode = |name: &str| fs::metadata(place.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("tokens.csv"), mode("machines/kim.txt")), (0o600, 0o600));
    for (who, token) in &first {
        let text = fs::read_to_string(place.join(format!("machines/{who}.txt"))).unwrap();
        let (_, rest) = text.split_once("- path: /etc/bootseed/report-token\n").unwrap();
        assert!(rest.lines().next().unwrap().contains("0600"), "{rest:.99}");
        assert_eq!(text.matches(token.as_str()).count(), 1, "in that file alone");
    }
    assert_eq!(tokens(&class(folder.path())), first);
}

/// `bootseed watch` that listens, and where.
fn listening(class: &Path, more: &[&str]) -> (Child, String) {
    let mut command = watch(&["--listen", "127.0.0.1:0", "--json", "--class"]);
    command.arg(class).args(more).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let place = line.strip_prefix("listening at ").unwrap_or_else(|| panic!("{line}"));
    assert!(place.ends_with(" for 2 machines\n"), "{line}");
    (child, place.split(' ').next().unwrap().to_owned())
}

/// The status that a post of these bytes is answered with; 0 if it is not.
fn post(place: &str, method: &str, token: &str, body: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(place).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let length = body.len();
    let head = format!("{method} / HTTP/1.1\r\nHost: x\r\n{token}Content-Length: {length}\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default()
}

fn last_state(child: Child, student: &str) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().rev().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut own = lines.filter(|line| line["student"] == student);
    (output.status.code(), own.next().unwrap()["state"].as_str().unwrap().to_owned())
}

#[test]
fn only_who_has_a_token_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let place = class(folder.path());
    let known = tokens(&place);
    let (child, at) = listening(&place, &["--until", "ready", "--timeout", "60s"]);
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let (kim, lee) = (bearer(&known[0].1), bearer(&known[1].1));
    let ready = status("ready", "READY");
    let large = vec![b' '; 300 << 10];
    for (method, token, body, expected) in [
        ("POST", "", ready.as_bytes(), 401),
        ("POST", &bearer("wrong")[..], ready.as_bytes(), 401),
        ("POST", &bearer(""), ready.as_bytes(), 401),
        ("POST", "Authorization: Basic eA==\r\n", ready.as_bytes(), 401),
        ("GET", &kim, b"", 405),
        ("POST", &kim, b"", 400),
        ("POST", &kim, b"{\"version\": 2}", 400),
        ("POST", &kim, b"\xff\0garbage", 400),
        ("POST", &kim, &large, 413),
        ("NONSENSE\r\n\r\n", &kim, b"", 400),
        ("POST", &kim, status("failed", "FAILED at web: no").as_bytes(), 204),
        ("POST", &lee, ready.as_bytes(), 204),
    ] {
        assert_eq!(post(&at, method, token, body), expected, "{method} {token}");
    }
    assert_eq!(last_state(child, "kim"), (Some(1), "failed".into()));
}

/// More connections than are taken, all of which say nothing: they end, and who waits is heard.
#[test]
fn who_says_nothing_does_not_stay() {
    let folder = tempfile::tempdir().unwrap();
    let place = class(folder.path());
    let (child, at) = listening(&place, &["--until", "ready", "--timeout", "60s"]);
    let silent: Vec<TcpStream> = (0..200).map(|_| TcpStream::connect(&at).unwrap()).collect();
    for (_, token) in tokens(&place) {
        let token = format!("Authorization: Bearer {token}\r\n");
        let mut answer = 0;
        // Behind the 200 there may be two more terms of ten seconds.
        for _ in 0..3 {
            answer = post(&at, "POST", &token, status("ready", "READY").as_bytes());
            if answer != 0 {
                break;
            }
        }
        assert_eq!(answer, 204);
    }
    drop(silent);
    assert_eq!(last_state(child, "kim"), (Some(0), "ready".into()));
}

/// The program of the machine itself, without a machine.
const GUEST: &str = "
import sys
from pathlib import Path
from guest import step
from guest.steps import report
folder = Path(sys.argv[1])
report.RUNTIME = folder
report.PAUSES = (0, 0.1)
(folder / 'status.json').write_text(sys.argv[4])
(folder / 'token').write_text(sys.argv[3])
one = step.Step(1, {'step': 'report', 'url': sys.argv[2], 'token': str(folder / 'token')})
step.STEPS.append(one)
report.report(one)
print(one.warning)
";

#[test]
fn the_program_of_the_machine_is_understood() {
    if !have_modules(&["yaml"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let place = class(folder.path());
    let (child, at) = listening(&place, &["--until", "ready", "--timeout", "60s"]);
    let tell = |token: &str| {
        let mut python = Command::new(PYTHON);
        python.args(["-c", GUEST]).arg(folder.path()).arg(format!("http://{at}/"));
        python.args([token, &status("ready", "READY")]);
        python.env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/templates"));
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(tell("wrong"), "not told: HTTP Error 401: Unauthorized\n");
    for (_, token) in tokens(&place) {
        assert_eq!(tell(&token), "\n");
    }
    assert_eq!(last_state(child, "lee"), (Some(0), "ready".into()));
}
