//! A class that comes up, watched from outside.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{end_of_boot, step};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] =
    &[Scenario::on_newer("a_class_is_watched", a_class_is_watched)];

/// Machines in one network share its ports, so each has its own. The command of one fails.
const ROSTER: &str = "id,name,web.port,command
kim,김철수,8081,true
lee,이영희,8082,true
park,<박민수>,8083,echo no such data >&2; exit 3
choi,최다온,8084,true
";

const SPEC: &str = "hostname: lab-{{ student.id }}
web: {index: hello}
run: [\"{{ student.command | safe }}\"]
status: {report: 'http://127.0.0.1:8900/'}
";

fn a_class_is_watched(suite: Suite) {
    let mut world = World::new(suite).spec("web: {}\n");
    world.serve(&json!([]));
    let folder = tempfile::tempdir().unwrap();
    let class = class(folder.path());
    let page = folder.path().join("page.html");
    let list = folder.path().join("list.txt");
    fs::write(&list, "kim 127.0.0.1:8081\n127.0.0.1:8082 lab-lee\npark 127.0.0.1:8083\n").unwrap();
    let watch = |more: &[&str]| {
        let mut command = world.network.command(env!("CARGO_BIN_EXE_bootseed"));
        command.args(["watch", "--until", "ready", "--timeout", "20m", "--interval", "1s"]);
        command.args(more).arg(&list).arg("--class").arg(&class).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let shown = page.display().to_string();
    let options = ["--json", "--html", &shown, "--listen", "127.0.0.1:8900"];
    let watching = watch(&options).spawn().unwrap();
    let booted: Vec<_> = [("kim", "ready"), ("lee", "ready"), ("park", "failed")]
        .map(|(student, end)| {
            let machine = world.machine(student);
            machine.seed(fs::read(class.join(format!("machines/{student}.txt"))).unwrap(), student);
            (machine.boot(&world.network), end)
        })
        .into();
    for (machine, end) in &booted {
        let word = if *end == "ready" { "READY " } else { "FAILED at run:1: " };
        let cloud_init = if *end == "ready" { "done" } else { "error" };
        let status = end_of_boot(machine, end, word, cloud_init);
        assert_eq!(step(&status, "report")["reason"], "", "{status:#}");
    }
    check_json(&watching.wait_with_output().unwrap());
    check_page(&fs::read_to_string(&page).unwrap());
    check_lines(&watch(&[]).output().unwrap());
    let mut two = world.network.command(env!("CARGO_BIN_EXE_bootseed"));
    two.args(["watch", "--until", "ready", "--timeout", "20s", "127.0.0.1:8081", "127.0.0.1:8082"]);
    let two = two.output().unwrap();
    assert_eq!(two.status.code(), Some(0), "{}", said(&two));
}

/// The folder that `bootseed roster` makes.
fn class(folder: &Path) -> std::path::PathBuf {
    fs::write(folder.join("students.csv"), ROSTER).unwrap();
    fs::write(folder.join("class.yaml"), SPEC).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.args(["roster", "students.csv", "class.yaml", "-o", "class"]).current_dir(folder);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    folder.join("class")
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

fn check_json(output: &Output) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let states = |student: &str| -> Vec<&str> {
        let own = lines.iter().filter(|line| line["student"] == student);
        own.map(|line| line["state"].as_str().unwrap()).collect()
    };
    for (student, end) in [("kim", "ready"), ("lee", "ready"), ("park", "failed")] {
        let states = states(student);
        assert_eq!((states[0], states[1]), ("unasked", "unreachable"), "{states:?}");
        assert!(states.contains(&"running"), "{states:?}");
        assert_eq!(states.last(), Some(&end), "{states:?}");
    }
    assert_eq!(states("choi"), ["no-machine"]);
    let park = lines.iter().rev().find(|line| line["student"] == "park").unwrap();
    let details = park["details"].as_str().unwrap();
    assert!(details.starts_with("run:1: exit status 3"), "{park}");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("2 of 4 ready, 1 failed, 1 no machine\n"), "{err}");
    assert!(err.contains("\n  park <박민수> (127.0.0.1:8083): failed, run:1: "), "{err}");
    assert!(err.contains("\n  choi 최다온: no machine"), "{err}");
}

fn check_page(page: &str) {
    assert!(page.contains("<h1>2 of 4 ready, 1 failed, 1 no machine</h1>"), "{page}");
    assert!(page.contains("<b>park &lt;박민수&gt;</b>") && page.contains("✗ failed"), "{page}");
    assert!(page.contains(">✓ kim 김철수</li>") && page.contains("data-ended=\"true\""), "{page}");
}

fn check_lines(output: &Output) {
    assert_eq!(output.status.code(), Some(1), "{}", said(output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("  0:00  choi 최다온: no machine\n"), "{text}");
    assert!(text.contains("kim 김철수 (127.0.0.1:8081): ready, after "), "{text}");
}
