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

use shared::{jinja, run};

/// Median of the wall time, in milliseconds.
const LONGEST: f64 = 10.0;
/// Largest resident set, in KB.
const LARGEST: u64 = 12 * 1024;
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

/// The largest resident set of a few runs, in KB.
fn memory(words: &[&str]) -> u64 {
    let words = [&["/usr/bin/time", "-f", "%M"][..], words].concat();
    let kilobytes = |_| {
        let output = run(&words);
        let said = String::from_utf8_lossy(&output.stderr);
        said.lines().last().and_then(|line| line.parse().ok()).expect("time prints a number")
    };
    (0..5).map(kilobytes).max().unwrap_or_default()
}

/// Prints a line of the table and returns the median and the memory.
fn measure(name: &str, words: &[&str], runs: usize) -> (f64, u64) {
    let (times, memory) = (times(words, runs), memory(words));
    let (first, median, last) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{name:<28} {runs:>5} {first:>8.1} {median:>8.1} {last:>8.1} {:>8.1}",
        memory as f64 / 1024.0
    );
    (median, memory)
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
    let (ours, memory) = measure("bootseed render", &[BOOTSEED, "render", &preset], runs);
    let (theirs, _) = measure("python3, Jinja2, PyYAML", &python, runs.div_ceil(5));
    println!("bootseed is {:.0} times as fast", theirs / ours);
    assert!(ours <= LONGEST, "the median is above {LONGEST} ms");
    assert!(memory <= LARGEST, "the memory is above {LARGEST} KB");
    assert!(theirs >= FACTOR * ours, "less than {FACTOR} times as fast as Python");
}
