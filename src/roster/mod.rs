//! The roster: who gets a machine, and what may stand for a person in a name.
//!
//! In: names as people write them. Out: a form that a machine can have ([`slug()`]), whether a
//! file can have the name ([`file_name`]), and the passwords that are kept from run to run
//! ([`credentials`]).

pub mod cell;
mod column;
pub mod credentials;
mod family;
pub mod file_name;
mod hangul;
mod key;
mod slug;
pub mod table;
mod text;

pub use family::{Family, Student};
pub use slug::{SlugError, slug};
pub use text::{Filler, Text, TextError};
