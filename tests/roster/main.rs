//! What bootseed makes of a roster, in the hands of the programs it is made for.
//!
//! A theme is a file with its tests; `tools` has the programs and what is made of them. A test
//! whose program is not here says so and is left out, unless everything has to be tested
//! (`BOOTSEED_TEST_ALL`, set by `tests/all`).

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod browser;
mod class;
mod clipboard;
mod command;
mod doubts;
#[path = "../host/mod.rs"]
mod host;
mod live;
mod mistakes;
mod page;
mod passwords;
mod quoting;
mod student;
mod tables;
mod tools;
