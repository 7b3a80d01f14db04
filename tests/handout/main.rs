//! The folder of results: complete after the next run, whatever happens to one, and never at the
//! cost of what others put there.
//!
//! In: runs as `bootseed roster` makes them, in this process or in another that is killed. Out: one
//! test for each thing that can happen. A test is a function in `kills`, `places` or `runs` and its
//! line in the list there.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod class;
#[path = "../host/mod.rs"]
mod host;
mod kills;
mod places;
mod runs;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// A test and its name.
type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(class) = class::Class::of_child() {
        return class.run_as_child();
    }
    let tests = [kills::TESTS, places::TESTS, runs::TESTS].concat();
    let trial = |(name, test): Test| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit_code()
}
