//! `bootseed watch`: what it says of real servers on the loopback, of which most misbehave.
//!
//! In: the program, lists of machines, servers of the test's own. Out: what is told of each machine,
//! and how soon. `listings/` has what the tools of the clouds print.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::unwrap_used)]

#[path = "../host/mod.rs"]
mod host;
mod listen;
mod load;
mod misbehaving;
mod servers;
mod terminal;
mod tls;
mod tools;
