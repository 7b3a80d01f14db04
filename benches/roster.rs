//! How long `bootseed roster` takes for a whole class, beside a plain loop that writes the same bytes
//! into as many files, Python with Jinja2 (`roster.py`), and Terraform's `templatefile`. Fails when
//! a limit is not kept.
//!
//!     cargo bench --bench roster
//!
//! Needs Debian's `time`, `python3-jinja2` and `python3-yaml`, and Terraform.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod shared;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use shared::{jinja, run};

/// Students of the class that all are measured with; Terraform takes a smaller one.
const STUDENTS: usize = 10_000;
const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// Times a plain loop, at most.
const LOOP: f64 = 1.5;
/// Times as fast as Python, at least.
const PYTHON: f64 = 5.0;
/// Times as fast as Terraform for one student, at least.
const TERRAFORM: f64 = 100.0;
/// Times as long for ten times the students, at most.
const GROWTH: f64 = 11.0;
/// Largest resident set for any roster, in KB.
const LARGEST: u64 = 64 * 1024;

/// Runs of each, of which the fastest counts: what else the machine does only slows down.
const RUNS: usize = 7;

const BOOTSEED: &str = env!("CARGO_BIN_EXE_bootseed");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/roster.py");

const SPEC: &str = "\
timezone: Asia/Seoul
swap: auto
conda:
  distribution: anaconda
  environments:
    - name: hello_cju
      python: 3.9
web:
  index: |
    <!doctype html>
    <title>{{ student.name }}</title>
    <h1>{{ student.name }}, {{ student.id }}</h1>
";

/// A folder that goes with everything that is measured in it.
struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.text(name)
    }

    /// A roster of so many students.
    fn roster(&self, students: usize) -> String {
        let name = format!("students-{students}.csv");
        let mut file = BufWriter::new(File::create(self.path(&name)).unwrap());
        writeln!(file, "id,name,hostname").unwrap();
        for n in 1..=students {
            writeln!(file, "{},김철수{n},lab-{n:06}", 20_260_000 + n).unwrap();
        }
        file.flush().unwrap();
        self.text(&name)
    }

    fn bootseed(&self, students: usize) -> Vec<String> {
        let (roster, spec, out) = (
            self.text(&format!("students-{students}.csv")),
            self.text("class.yaml"),
            self.text("out"),
        );
        [BOOTSEED, "roster", &roster, &spec, "-o", &out].map(String::from).into()
    }
}

/// Seconds that the work takes, without what is done before; the fastest of `runs`.
fn fastest(runs: usize, mut before: impl FnMut(), mut work: impl FnMut()) -> f64 {
    let once = |_| {
        before();
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(once).fold(f64::MAX, f64::min)
}

/// Removes a result, and lets the disk come to rest.
fn clear(place: &Path) {
    let _ = fs::remove_dir_all(place);
    run(&["sync"]);
}

/// Every file below a folder, with its bytes.
fn files(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push((path.clone(), fs::read(&path).unwrap())),
        }
    }
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// Ours, and the plain loop over the same bytes, by turns.
fn against_a_loop(bench: &Bench) -> (f64, f64) {
    let (out, copy) = (bench.path("out"), bench.path("copy"));
    let command = bench.bootseed(STUDENTS);
    run(&words(&command));
    let mut wanted = Vec::new();
    files(&out, &mut wanted);
    for (path, _) in &mut wanted {
        *path = copy.join(path.strip_prefix(&out).unwrap());
    }
    let (mut ours, mut plain) = (f64::MAX, f64::MAX);
    for _ in 0..RUNS {
        ours = ours.min(fastest(1, || clear(&out), || drop(run(&words(&command)))));
        let before = || {
            clear(&copy);
            fs::create_dir_all(copy.join("machines")).unwrap();
        };
        let work = || wanted.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
        plain = plain.min(fastest(1, before, work));
    }
    clear(&copy);
    (ours, plain)
}

fn python(bench: &Bench) -> f64 {
    let first = fs::read_to_string(bench.path("out/machines/20260001.yaml")).unwrap();
    let values = [
        ("김철수1", "{{ student.name }}"),
        ("20260001", "{{ student.id }}"),
        ("lab-000001", "{{ student.hostname }}"),
    ];
    let template = bench.write("template.j2", &jinja(&first, &values));
    let place = bench.path("python");
    let (roster, spec, out) =
        (bench.roster(STUDENTS), bench.text("class.yaml"), bench.text("python"));
    let command = ["/usr/bin/python3", SCRIPT, &roster, &spec, &template, &out];
    let before = || {
        clear(&place);
        fs::create_dir_all(&place).unwrap();
    };
    let seconds = fastest(2, before, || drop(run(&command)));
    let theirs = fs::read(place.join("20260777.yaml")).unwrap();
    assert!(theirs == fs::read(bench.path("out/machines/20260777.yaml")).unwrap());
    clear(&place);
    seconds
}

const CONFIG: &str = r#"
resource "terraform_data" "machine" {
  for_each = { for student in csvdecode(file("${path.module}/students.csv")) : student.id => student }
  input    = templatefile("${path.module}/user-data.tftpl", each.value)
}
"#;

fn terraform(bench: &Bench) -> f64 {
    let folder = bench.path("terraform");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(bench.roster(FEW), folder.join("students.csv")).unwrap();
    fs::write(folder.join("main.tf"), CONFIG).unwrap();
    let first = fs::read_to_string(bench.path("out/machines/20260001.yaml")).unwrap();
    let template = first.replace("${", "$${").replace("%{", "%%{");
    let template = template.replace("김철수1", "${name}").replace("20260001", "${id}");
    let template = template.replace("lab-000001", "${hostname}");
    fs::write(folder.join("user-data.tftpl"), template).unwrap();
    let chdir = format!("-chdir={}", folder.display());
    run(&["terraform", &chdir, "init", "-input=false"]);
    fastest(1, || (), || drop(run(&["terraform", &chdir, "plan", "-input=false"])))
}

/// Seconds and KB for a very large class.
fn many(bench: &Bench) -> (f64, u64) {
    bench.roster(MANY);
    let command = bench.bootseed(MANY);
    let timed = [&["/usr/bin/time", "-f", "%M"][..], &words(&command)].concat();
    let mut memory = 0;
    let work = || {
        let output = run(&timed);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        memory = said.lines().last().and_then(|line| line.parse().ok()).expect("a number");
    };
    let seconds = fastest(2, || clear(&bench.path("out")), work);
    (seconds, memory)
}

fn main() {
    let bench = Bench { folder: tempfile::tempdir().expect("a folder") };
    bench.write("class.yaml", SPEC);
    bench.roster(STUDENTS);
    let (ours, plain) = against_a_loop(&bench);
    println!("{:<44} {:>8} {:>14}", "", "seconds", "us a student");
    let line = |what: &str, seconds: f64, students: usize| {
        println!("{what:<44} {seconds:>8.3} {:>14.1}", seconds * 1e6 / students as f64);
    };
    line("bootseed roster, 10,000 students", ours, STUDENTS);
    line("a plain loop that writes the same bytes", plain, STUDENTS);
    let python = python(&bench);
    line("python3, Jinja2, PyYAML, 10,000 students", python, STUDENTS);
    let terraform = terraform(&bench);
    line("terraform plan, templatefile, 1,000 students", terraform, FEW);
    let (many, memory) = many(&bench);
    line("bootseed roster, 100,000 students", many, MANY);
    let (us, each) = (ours / STUDENTS as f64, terraform / FEW as f64);
    println!(
        "{:.2} times the plain loop, {:.0} times as fast as Python, {:.0} times as fast as Terraform \
         for each student; 100,000 take {:.1} times as long as 10,000, in {} MB",
        ours / plain,
        python / ours,
        each / us,
        many / ours,
        memory / 1024
    );
    assert!(ours <= LOOP * plain, "more than {LOOP} times the plain loop");
    assert!(python >= PYTHON * ours, "less than {PYTHON} times as fast as Python");
    assert!(each >= TERRAFORM * us, "less than {TERRAFORM} times as fast as Terraform");
    assert!(many <= GROWTH * ours, "100,000 students take more than {GROWTH} times as long");
    assert!(memory <= LARGEST, "the memory is above {LARGEST} KB");
}
