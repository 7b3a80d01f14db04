//! What the instructor gets: one folder with the machines of a whole roster.
//!
//! In: what was made for each student, one [`Entry`] after the other. Out: a page to launch the
//! machines from. Everything is streamed; nothing grows with the roster.

mod page;

pub use page::Page;

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
    /// Size of the file.
    pub bytes: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'a str,
    /// What goes into the launch form: the user-data, or the base64 of it compressed.
    pub user_data: &'a str,
    /// Is `user_data` base64?
    pub base64: bool,
}
