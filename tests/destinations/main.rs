//! What bootseed makes for each destination, in the hands of the programs it is made for.
//!
//! A theme is a file with its tests; `tools` has the programs and what is made of them. A test
//! whose program is not here says so and is left out, unless everything has to be tested
//! (`BOOTSEED_TEST_ALL`, set by `tests/all`).

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

mod aws;
mod cloud_init;
mod external;
#[path = "../host/mod.rs"]
mod host;
mod inspect;
mod launch;
mod machines;
mod names;
mod payloads;
mod roster;
mod second_opinion;
mod sizes;
mod terraform;
mod tools;
mod watch;
