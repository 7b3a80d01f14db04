//! The roster: who gets a machine, and what may stand for a person in a name.
//!
//! In: names as people write them. Out: a form that a machine can have ([`slug()`]), and whether a
//! file can have the name ([`file_name`]).

pub mod file_name;
mod hangul;
mod key;
mod slug;

pub use slug::{SlugError, slug};
