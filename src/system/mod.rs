//! What of files is another on each system: modes, owners, second names and locks.
//!
//! In: files. Out: answers, and changes, in the words of Unix. Windows has no modes: there a file is
//! closed to others where the folder of its user is. To add a system: a file here with the same
//! functions, and its two lines below.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;
