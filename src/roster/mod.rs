//! The roster: who gets a machine, and what each of the machines is.
//!
//! In: a list as the university's system or Excel writes it ([`table`]), and a parameter file. Out:
//! what differs from student to student ([`Family`]), and a [`Machine`] for each ([`Order`]). Names
//! as people write them get a form that a machine can have ([`slug()`]) or are checked as names of
//! files ([`file_name`]); passwords are kept from run to run ([`credentials`]).

pub mod cell;
mod column;
pub mod credentials;
mod doubts;
mod explain;
mod expression;
mod family;
pub mod file_name;
mod filler;
mod hangul;
mod key;
mod maker;
mod manner;
mod people;
mod shell;
mod slug;
pub mod table;
mod text;
pub mod tokens;
mod unfilled;
pub mod unicode;

pub use doubts::Doubts;
pub use family::{Family, Student, Variant};
pub use filler::Filler;
pub use maker::{Machine, Mistakes, Order, Planned, Trouble};
pub use people::{Passwords, People, Person, name_column, reference};
pub use slug::{SlugError, slug};
pub use text::{Text, TextError};
pub use unfilled::Unfilled;
