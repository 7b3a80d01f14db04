//! What an instructor gets: a folder with a file for each student's machine, and lists of them.
//!
//! In: what was made for each student, one [`Entry`] after the other. Out: a folder that keeps
//! what did not change (where there are folders), with [`Lists`] in two forms, a [`Page`] to launch the machines from and
//! [`Slips`] to hand out; what [`Changes`] there are, and [`diff()`] for one of them. Everything is
//! streamed; nothing grows with the roster but the names in it, and slips where there are groups.

mod changes;
mod diff;
#[cfg(not(target_family = "wasm"))]
mod folder;
mod lists;
#[cfg(not(target_family = "wasm"))]
mod manifest;
mod page;
mod reveal;
mod slips;

pub use changes::{Change, Changes};
pub use diff::diff;
#[cfg(not(target_family = "wasm"))]
pub use folder::{
    Access, Enrolled, Folder, FolderError, MACHINES, ManifestError, Present, Stream, enrolled,
};
pub use lists::{CSV, Line, Lists, MANIFEST, Rest};
#[cfg(not(target_family = "wasm"))]
pub use manifest::Manifest;
pub use page::Page;
pub use slips::{Slip, Slips};

/// What was made for one student. Without `Debug`, because user-data may hold secrets.
pub struct Entry<'a> {
    /// What the student is known by, unique on the roster.
    pub student: &'a str,
    /// The student's name, where the roster has one beside that.
    pub name: Option<&'a str>,
    /// The machine's host name.
    pub hostname: Option<&'a str>,
    /// The file, relative to the folder, with `/` between its parts.
    pub file: &'a str,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'a str,
    /// What goes into the launch form: the user-data, or the base64 of it compressed.
    pub user_data: &'a str,
    /// Is `user_data` base64?
    pub base64: bool,
    /// What has to be chosen where the machine is launched, in a line.
    pub needs: &'a str,
}
