//! The roster: who gets a machine, and what may stand for a person in a name.
//!
//! In: names as people write them. Out: a form that a machine can have, [`slug()`].

mod hangul;
mod slug;

pub use slug::{SlugError, slug};
