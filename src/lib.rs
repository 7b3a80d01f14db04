//! From one parameter file to a cloud VM that sets itself up on its first boot.

pub mod catalog;
pub mod diagnostic;
pub mod secret;
pub mod source;
