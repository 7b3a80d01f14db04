//! How long `bootseed roster` takes for a whole class, beside Python with Jinja2 (`roster.py`) and
//! Terraform's `templatefile`. Fails when a limit is not kept.
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

/// Students of a class as it is; of the one that all are measured with, but for Terraform, which
/// takes a smaller one; and of a very large one.
const USUAL: usize = 40;
const STUDENTS: usize = 10_000;
const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// Seconds for a class of the usual size, at most.
const CLASS: f64 = 0.1;
/// Seconds to make the machine of one student of a large class, at most. Writing it depends on what
/// else the disk has to do.
const STUDENT: f64 = 250e-6;
/// Times as fast as Terraform for one student, at least.
const TERRAFORM: f64 = 10.0;
/// Largest resident set for any roster, in KB.
const LARGEST: u64 = 32 * 1024;

/// More bytes than any of the runs puts into the page cache.
const MEMORY: usize = 3 << 30;

/// Runs of each, of which the fastest counts: what else the machine does only slows down.
const RUNS: usize = 5;

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

    fn bootseed(&self, students: usize, out: &Path) -> Vec<String> {
        let roster = self.text(&format!("students-{students}.csv"));
        let (spec, out) = (self.text("class.yaml"), out.display().to_string());
        [BOOTSEED, "roster", &roster, &spec, "-o", &out].map(String::from).into()
    }

    /// A place that nothing was at: ext4 makes files slowly for some seconds where it has removed
    /// as many. The disk has come to rest, and there is memory that was in use just now: what a VM
    /// has given back to its host comes slowly.
    fn fresh(&self) -> PathBuf {
        run(&["sync"]);
        drop(std::hint::black_box(vec![1_u8; MEMORY]));
        let count = fs::read_dir(self.folder.path()).unwrap().count();
        self.path(&format!("place-{count}"))
    }
}

/// Seconds that a command takes.
fn seconds(command: &[&str]) -> f64 {
    let start = Instant::now();
    run(command);
    start.elapsed().as_secs_f64()
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The fastest of a few runs, and a result.
fn class(bench: &Bench, students: usize) -> (f64, PathBuf) {
    bench.roster(students);
    let (mut best, mut out) = (f64::MAX, PathBuf::new());
    for _ in 0..RUNS {
        out = bench.fresh();
        best = best.min(seconds(&words(&bench.bootseed(students, &out))));
    }
    (best, out)
}

/// Python, which reads each file back as we do.
fn python(bench: &Bench, out: &Path) -> f64 {
    let first = fs::read_to_string(out.join("machines/20260001.txt")).unwrap();
    let values = [
        ("김철수1", "{{ student.name }}"),
        ("20260001", "{{ student.id }}"),
        ("lab-000001", "{{ student.hostname }}"),
    ];
    let template = bench.write("template.j2", &jinja(&first, &values));
    let (roster, spec) = (bench.roster(STUDENTS), bench.text("class.yaml"));
    let place = bench.fresh();
    fs::create_dir_all(&place).unwrap();
    let place_text = place.display().to_string();
    let seconds = seconds(&["/usr/bin/python3", SCRIPT, &roster, &spec, &template, &place_text]);
    let theirs = fs::read(place.join("20260777.yaml")).unwrap();
    assert!(theirs == fs::read(out.join("machines/20260777.txt")).unwrap());
    seconds
}

const CONFIG: &str = r#"
resource "terraform_data" "machine" {
  for_each = { for student in csvdecode(file("${path.module}/students.csv")) : student.id => student }
  input    = templatefile("${path.module}/user-data.tftpl", each.value)
}
"#;

fn terraform(bench: &Bench, out: &Path) -> f64 {
    let folder = bench.path("terraform");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(bench.roster(FEW), folder.join("students.csv")).unwrap();
    fs::write(folder.join("main.tf"), CONFIG).unwrap();
    let first = fs::read_to_string(out.join("machines/20260001.txt")).unwrap();
    let template = first.replace("${", "$${").replace("%{", "%%{");
    let template = template.replace("김철수1", "${name}").replace("20260001", "${id}");
    let template = template.replace("lab-000001", "${hostname}");
    fs::write(folder.join("user-data.tftpl"), template).unwrap();
    let chdir = format!("-chdir={}", folder.display());
    run(&["terraform", &chdir, "init", "-input=false"]);
    seconds(&["terraform", &chdir, "plan", "-input=false"])
}

/// Seconds and KB for a very large class.
fn many(bench: &Bench) -> (f64, u64) {
    bench.roster(MANY);
    let command = bench.bootseed(MANY, &bench.fresh());
    let timed = [&["/usr/bin/time", "-f", "%M"][..], &words(&command)].concat();
    let start = Instant::now();
    let output = run(&timed);
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    (seconds, said.lines().last().and_then(|line| line.parse().ok()).expect("a number"))
}

fn main() {
    let bench = Bench { folder: tempfile::tempdir().expect("a folder") };
    bench.write("class.yaml", SPEC);
    println!("{:<44} {:>8} {:>14}", "", "seconds", "us a student");
    let line = |what: &str, seconds: f64, students: usize| {
        println!("{what:<44} {seconds:>8.3} {:>14.1}", seconds * 1e6 / students as f64);
    };
    let (usual, _) = class(&bench, USUAL);
    line("bootseed roster, 40 students", usual, USUAL);
    let (ours, out) = class(&bench, STUDENTS);
    line("bootseed roster, 10,000 students", ours, STUDENTS);
    let made = bench.bootseed(STUDENTS, &out);
    let made = seconds(&[&words(&made)[..], &["--check"]].concat());
    line("the same with --check", made, STUDENTS);
    let python = python(&bench, &out);
    line("python3, Jinja2, PyYAML, 10,000 students", python, STUDENTS);
    let terraform = terraform(&bench, &out);
    line("terraform plan, templatefile, 1,000 students", terraform, FEW);
    let (many, memory) = many(&bench);
    line("bootseed roster, 100,000 students", many, MANY);
    let us = ours / STUDENTS as f64;
    let (python, terraform) = (python / STUDENTS as f64, terraform / FEW as f64);
    println!(
        "{:.1} times as fast as Python and {:.0} times as fast as Terraform for each student; \
         100,000 in {} MB",
        python / us,
        terraform / us,
        memory / 1024
    );
    assert!(usual <= CLASS, "a class takes more than {CLASS} s");
    assert!(made / STUDENTS as f64 <= STUDENT, "a student takes more than {STUDENT} s");
    assert!(terraform >= TERRAFORM * us, "less than {TERRAFORM} times as fast as Terraform");
    assert!(memory <= LARGEST, "the memory is above {LARGEST} KB");
}
