//! LEAF. Templates, set up so that the safe thing happens by default.
//!
//! In: the name of a template and what it can use. Out: its text, and the values that were written
//! into it. How a value is quoted is decided by the template's name ([`Escape`]). To add a kind of
//! file that templates can make: a file in `escape/` and its two lines there.

mod embedded;
mod engine;
mod escape;
mod filters;
mod memory;

pub use engine::{Rendered, TemplateError, Templates, Written, render};
pub use escape::{Escape, MIME_HEADER, html_text, is_noncharacter, shell_word};

/// The names of the templates that are built into the program.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    embedded::EMBEDDED.iter().map(|(name, _)| *name)
}
