//! What is wrong in a parameter file, and how it is shown.
//!
//! In: complaints that name a place by [`Path`] or [`Span`]. Out: a [`Report`] of all of them, and
//! by [`render`] the text for a terminal, with the lines of the file, and by [`messages`] the same for
//! programs.

mod github;
mod human;
mod json;
mod mask;
mod nearest;
mod place;
mod report;
mod sarif;
mod token;

pub use github::github;
pub use human::{excerpts, render, visible};
pub use json::{Level, Message, Point, Related, Repair, Replacement, Spot, messages};
pub use mask::{conceal, hide, shown_key, sounds_secret};
pub use nearest::nearest;
pub use report::Report;
pub use sarif::{Meaning, sarif};
pub use token::{hide_secrets, secrets};

use crate::source::{Node, Path, SourceError, Span, SyntaxError};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing can be made from this file.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Often meant, and worth a look.
    Hint,
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a path, which need not exist in the file.
    Path {
        /// The path.
        path: Path,
        /// Whether the key is meant, and not its value.
        on_key: bool,
    },
    /// At a known stretch of text.
    Span(Span),
    /// In no particular place.
    Nowhere,
}

impl Place {
    /// The text meant, found in `tree` if this is a path.
    pub fn span(&self, tree: Option<&Node>) -> Option<Span> {
        match self {
            Place::Path { path, on_key } => tree.map(|tree| tree.locate(path, *on_key)),
            Place::Span(span) => Some(span.clone()),
            Place::Nowhere => None,
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A fixed name for this kind of mistake, in kebab-case.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Where.
    pub place: Place,
    /// A second place that belongs to it, and what to say there.
    pub related: Option<(Span, String)>,
    /// Is the text at the place one that must not be shown?
    pub secret: bool,
}

impl Diagnostic {
    /// An error in no particular place yet.
    pub fn error(id: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(id, Severity::Error, message)
    }

    /// A warning in no particular place yet.
    pub fn warning(id: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(id, Severity::Warning, message)
    }

    /// A hint in no particular place yet.
    pub fn hint(id: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(id, Severity::Hint, message)
    }

    /// One of this severity, in no particular place yet.
    pub fn new(id: &'static str, severity: Severity, message: impl Into<String>) -> Diagnostic {
        let message = message.into();
        let place = Place::Nowhere;
        let secret = false;
        Diagnostic { id, severity, message, help: None, place, related: None, secret }
    }

    /// It is the value at `path`.
    #[must_use]
    pub fn at(mut self, path: &Path) -> Diagnostic {
        self.place = Place::Path { path: path.clone(), on_key: false };
        self
    }

    /// It is the last key of `path`.
    #[must_use]
    pub fn at_key(mut self, path: &Path) -> Diagnostic {
        self.place = Place::Path { path: path.clone(), on_key: true };
        self
    }

    /// It is this text.
    #[must_use]
    pub fn at_span(mut self, span: Span) -> Diagnostic {
        self.place = Place::Span(span);
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Hides the text at the place. Values of keys that sound like a password are always hidden.
    #[must_use]
    pub fn secret(mut self) -> Diagnostic {
        self.secret = true;
        self
    }

    /// Shows a second place with a few words.
    #[must_use]
    pub fn related(mut self, span: Span, words: impl Into<String>) -> Diagnostic {
        self.related = Some((span, words.into()));
        self
    }
}

/// A mistake of the YAML itself has the id `yaml`.
impl From<SyntaxError> for Diagnostic {
    fn from(error: SyntaxError) -> Diagnostic {
        let diagnostic = Diagnostic::error("yaml", error.message).at_span(error.span);
        Diagnostic { help: error.help, related: error.related, ..diagnostic }
    }
}

/// A file that is no text at all has the id `unreadable`.
impl From<SourceError> for Diagnostic {
    fn from(error: SourceError) -> Diagnostic {
        let span = error.span().cloned();
        let diagnostic = Diagnostic::error("unreadable", error.message()).help(error.help());
        match span {
            Some(span) => diagnostic.at_span(span),
            None => Diagnostic { message: error.titled(), ..diagnostic },
        }
    }
}
