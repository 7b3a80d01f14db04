//! Throws damaged inputs at what reads a stranger's bytes, which has to look at any without a panic.
//!
//!     cargo run --release --example fuzz -- TARGET [RUNS [SEED]]
//!
//! TARGET is one of `inspect`, `lint`, `parameters` and `roster`. Each begins with inputs of its own,
//! changes them, and keeps what was understood in a new way to change it further. An input fails that
//! panics, takes too long or breaks what its target promises; it is written to `target/fuzz.bin`. The same
//! numbers give the same inputs; another seed begins elsewhere.
//!
//! To add a target: a file with its [`Target`], and its line in [`TARGETS`].

#![allow(clippy::expect_used, clippy::print_stdout, clippy::unwrap_used)]

mod inspect;
mod lint;
mod mutation;
mod parameters;
mod roster;

use std::collections::HashSet;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutation::{Mutation, Random};

/// What is tried.
struct Target {
    name: &'static str,
    /// The inputs that it begins with.
    corpus: fn() -> Vec<Vec<u8>>,
    /// How inputs are changed.
    mutation: Mutation,
    /// Looks at an input; how it was understood, without what differs between inputs of one sort, or
    /// what is wrong.
    look: fn(&[u8]) -> Result<String, String>,
}

const TARGETS: &[&Target] =
    &[&inspect::TARGET, &lint::TARGET, &parameters::TARGET, &roster::TARGET];

/// What an input may take of the processor.
const LONG: Duration = Duration::from_secs(5);

/// What this thread has taken of the processor, which other programs do not make more.
/// <https://docs.kernel.org/scheduler/sched-stats.html>
fn taken() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.expect("Linux counts the time of a thread"))
}

/// Inputs that are kept.
const KEPT: usize = 20_000;

/// How far a run has come.
struct Progress {
    begun: usize,
    start: Instant,
    slowest: Duration,
}

impl Target {
    /// Looks at one input; how it was understood and what it took, or what is wrong.
    fn tried(&self, input: &[u8]) -> Result<(String, Duration), String> {
        let before = taken();
        let found = catch_unwind(AssertUnwindSafe(|| (self.look)(input)));
        let signature = found.map_err(|_| "it panics".to_owned())??;
        let took = taken().saturating_sub(before);
        if took > LONG {
            return Err(format!("it takes {} s", took.as_secs()));
        }
        Ok((signature, took))
    }

    fn run(&self, runs: u64, seed: u64) -> Result<(), String> {
        let mut random = Random::new(seed);
        let mut corpus = (self.corpus)();
        let mut seen = HashSet::new();
        let (begun, start) = (corpus.len(), Instant::now());
        let mut progress = Progress { begun, start, slowest: Duration::ZERO };
        for run in 1..=runs {
            let input = self.mutation.of(&corpus, &mut random);
            let (signature, took) = self.tried(&input).map_err(|why| {
                std::fs::write("target/fuzz.bin", &input).expect("it can be written");
                format!("run {run}: {why}; the input is in target/fuzz.bin")
            })?;
            progress.slowest = progress.slowest.max(took);
            if corpus.len() < KEPT && input.len() <= self.mutation.longest && seen.insert(signature)
            {
                corpus.push(input);
            }
            if run % 1_000_000 == 0 || run == runs {
                progress.say(run, corpus.len());
            }
        }
        Ok(())
    }
}

impl Progress {
    fn say(&self, runs: u64, kept: usize) {
        println!(
            "{runs} runs clean in {:.0} s, from {} inputs and {} found on the way; the slowest took \
             {:.0} ms",
            self.start.elapsed().as_secs_f64(),
            self.begun,
            kept - self.begun,
            self.slowest.as_secs_f64() * 1000.0
        );
        std::io::stdout().flush().expect("it can be written");
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
    let named = |target: &&&Target| words.first().is_some_and(|word| word == target.name);
    let Some(target) = TARGETS.iter().find(named) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        println!("name what is tried: {}", names.join(", "));
        return ExitCode::from(2);
    };
    match target.run(number(1).unwrap_or(1_000_000), number(2).unwrap_or(0)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}
