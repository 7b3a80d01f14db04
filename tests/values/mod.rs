//! What the tests of values share: texts that break things (`awkward`), a way through the library
//! (`document`), readers of what comes out (`words`, `pyyaml`) and the programs they ask (`tools`).

// A test program that uses this module need not use all of it. It fails by panicking.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

pub mod awkward;
pub mod document;
pub mod everything;
pub mod pyyaml;
pub mod tools;
pub mod words;
