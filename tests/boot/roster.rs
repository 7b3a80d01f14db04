//! Machines of a class: each shows the values of its own student.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::Scenario;
use crate::machine::Suite;
use crate::verdict::{ready, succeeds};
use crate::world::World;

pub(crate) const SCENARIOS: &[Scenario] =
    &[Scenario::on_bookworm("machines_of_a_roster", machines_of_a_roster)];

/// What the machines have in common; the column `hostname` of the roster sets the host name.
const SPEC: &str = "\
timezone: Asia/Seoul
users:
  - name: kim
files:
  - path: /etc/student
    content: \"{{ student.id }} {{ student[\\\"email\\\"] }}\"
    owner: kim
web:
  index: |
    <h1>{{ student.name }}</h1>
    <p>{{ student.학과 }}, {{ student.name | slug }}</p>
run:
  - echo \"{{ student.name }}\" >/srv/name
";

/// Forty students whose names are in CP949, as Excel writes them in Korea.
const ROSTER: &str = "examples/roster/students.csv";

fn machines_of_a_roster(suite: Suite) {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("class.yaml");
    fs::write(&spec, SPEC).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["roster", ROSTER]).arg(&spec);
    let output = command.args(["--passwords", "kim", "-o"]).arg(folder.path().join("class"));
    let output = output.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let class = folder.path().join("class");
    let manifest = fs::read(class.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let entries = manifest["files"].as_array().unwrap();
    assert_eq!(entries.len(), 40);
    for entry in [&entries[0], &entries[20], &entries[39]] {
        comes_up(suite, &class, entry);
    }
}

fn comes_up(suite: Suite, class: &Path, entry: &Value) {
    let text = |key: &str| entry[key].as_str().unwrap();
    let mut world = World::new(suite).spec("web: {}\nrun: []\n");
    world.serve(&json!([]));
    let machine = world.machine("student");
    machine.seed(fs::read(class.join(text("file"))).unwrap(), "i-1");
    let machine = machine.boot(&world.network);
    ready(&machine, &world);
    let row = usize::try_from(entry["row"].as_u64().unwrap()).unwrap();
    let cells = cells(row);
    let [id, name, department, email, hostname] = &cells[..] else { panic!("{cells:?}") };
    assert_eq!((id.as_str(), hostname.as_str()), (text("student"), text("hostname")));
    let page = succeeds(&machine, "curl -sS http://127.0.0.1/");
    assert!(page.contains(&format!("<h1>{name}</h1>\n<p>{department}, ")), "{page}");
    assert_eq!(succeeds(&machine, "cat /etc/student").trim(), format!("{id} {email}"));
    assert_eq!(succeeds(&machine, "stat -c %U /etc/student").trim(), "kim");
    assert_eq!(succeeds(&machine, "cat /srv/name").trim(), name);
    assert_eq!(succeeds(&machine, "hostname").trim(), hostname);
    let password = password(class, id);
    let check =
        format!("perl -e '@p = getpwnam(\"kim\"); exit(crypt(\"{password}\", $p[1]) ne $p[1])'");
    succeeds(&machine, &check);
}

/// The cells of a row, as Debian's `iconv` reads them.
fn cells(row: usize) -> Vec<String> {
    let mut iconv = Command::new("iconv");
    iconv.current_dir(env!("CARGO_MANIFEST_DIR")).args(["-f", "CP949", "-t", "UTF-8", ROSTER]);
    let text = String::from_utf8(iconv.output().unwrap().stdout).unwrap();
    text.lines().nth(row - 1).unwrap().split(',').map(str::to_owned).collect()
}

fn password(class: &Path, student: &str) -> String {
    let text = fs::read_to_string(class.join("credentials.csv")).unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{student},"))).unwrap();
    line.rsplit(',').next().unwrap().to_owned()
}
