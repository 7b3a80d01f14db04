//! How long `bootseed render` takes as a whole process and how much memory, beside Python with
//! Jinja2 and PyYAML (`render.py`) making the same bytes. Fails when a limit is not kept.
//!
//!     cargo bench --bench render
//!
//! Needs Debian's `time`, `python3-jinja2` and `python3-yaml`. A number as an argument is how often
//! bootseed is run.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod shared;

use std::fs;
use std::path::Path;
use std::time::Instant;

use shared::{jinja, memory, run};

/// Wall time of the fastest run, in milliseconds, on a computer where that of Python takes
/// [`REFERENCE`]; on a slower one it may take longer in proportion.
const LONGEST: f64 = 10.0;
/// What the fastest run of Python takes on the computer of docs/speed.md, in milliseconds.
const REFERENCE: f64 = 60.0;
/// Largest resident set, in KB.
const LARGEST: u64 = 16 * 1024;
/// How many times faster than Python.
const FACTOR: f64 = 5.0;

const BOOTSEED: &str = env!("CARGO_BIN_EXE_bootseed");
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/render.py");

/// Wall times of `times` runs in milliseconds, the shortest first. The first run is not counted.
fn times(words: &[&str], times: usize) -> Vec<f64> {
    run(words);
    let measured = (0..times).map(|_| {
        let start = Instant::now();
        run(words);
        start.elapsed().as_secs_f64() * 1000.0
    });
    let mut measured: Vec<f64> = measured.collect();
    measured.sort_by(f64::total_cmp);
    measured
}

/// What runs took, in milliseconds and KB.
struct Measured {
    fastest: f64,
    median: f64,
    memory: u64,
}

/// Prints a line of the table.
fn measure(name: &str, words: &[&str], runs: usize) -> Measured {
    let (times, memory) = (times(words, runs), memory(words));
    let (first, median, last) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{name:<28} {runs:>5} {first:>8.1} {median:>8.1} {last:>8.1} {:>8.1}",
        memory as f64 / 1024.0
    );
    Measured { fastest: first, median, memory }
}

fn main() {
    let runs = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(100_usize).max(3);
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let preset = file("preset.yaml", &run(&[BOOTSEED, "init"]).stdout);
    let document = run(&[BOOTSEED, "render", &preset]).stdout;
    let values = [
        ("hello-cju", "{{ hostname }}"),
        ("hello_cju", "{{ conda.environments[0].name }}"),
        ("Asia/Seoul", "{{ timezone }}"),
        ("/opt/conda", "{{ conda.prefix }}"),
    ];
    let template = jinja(&String::from_utf8_lossy(&document), &values);
    let template = file("template.j2", template.as_bytes());
    let python = ["/usr/bin/python3", PYTHON, &preset, &template];
    assert!(Path::new(PYTHON).is_file());
    assert!(run(&python).stdout == document, "Python does not make the same bytes");

    println!(
        "{:<28} {:>5} {:>8} {:>8} {:>8} {:>8}",
        "whole process", "runs", "min ms", "median", "max", "RSS MB"
    );
    let ours = measure("bootseed render", &[BOOTSEED, "render", &preset], runs);
    let theirs = measure("python3, Jinja2, PyYAML", &python, runs.div_ceil(5));
    let factor = theirs.median / ours.median;
    println!("bootseed is {factor:.0} times as fast");
    let limit = LONGEST * (theirs.fastest / REFERENCE).max(1.0);
    assert!(ours.fastest <= limit, "the fastest run is above {limit:.1} ms");
    assert!(ours.memory <= LARGEST, "the memory is above {LARGEST} KB");
    assert!(factor >= FACTOR, "less than {FACTOR} times as fast as Python");
}
