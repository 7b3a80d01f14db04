//! The machines of a class, watched from outside as they come up: who is ready, who needs help,
//! since when and why.
//!
//! In: whom to ask, as arguments or as a list of whatever tool launched them ([`list`]), and the
//! class ([`Class`]). Out: a [`Board`] that changes as the machines answer ([`watch()`]), with trouble
//! on top, and a [`page()`] of it to project. Whatever a machine answers is data of a stranger.

mod address;
mod ask;
mod board;
mod clean;
pub mod list;
mod listen;
pub mod listing;
mod page;
mod rounds;
mod state;
mod status;
mod target;

pub use address::{Address, AddressError};
pub use board::{Board, Machine};
pub use clean::clean;
pub use listen::Listener;
pub use page::{About, MARK, page};
pub use rounds::{Audience, Ending, Remote, Reply, Terms, Wishes, remote, watch};
pub use state::{Answer, Kind, State, Work, time};
pub use status::{NotStatus, Phase, Progress, Status, Step};
pub use target::{Class, Place, Target, Targets, argument, join};
