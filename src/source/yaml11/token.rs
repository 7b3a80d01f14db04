//! The tokens of a document, and the kinds of characters that end them.
//!
//! In: nothing. Out: the words in which the scanner and the grammar talk.

use std::{borrow::Cow, fmt};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamEnd,
    Version,
    TagDirective,
    OtherDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowMappingStart,
    FlowSequenceEnd,
    FlowMappingEnd,
    Key,
    Value,
    BlockEntry,
    FlowEntry,
    Alias,
    Anchor,
    Tag,
    /// A scalar without quotes.
    Plain,
    /// A scalar in quotes.
    Quoted,
    /// A scalar behind `|` or `>`.
    Block,
}

/// A place in the document: lines and columns, each from 0, and the byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: i64,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line + 1, self.column + 1)
    }
}

/// A token with its text: of a scalar, of an anchor, of a tag after its handle.
#[derive(Clone, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Where it begins.
    pub(super) mark: Mark,
    /// The byte behind it.
    pub(super) end: usize,
    pub(super) text: Cow<'a, str>,
    /// Of a tag: `!`, `!!` or `!name!`; none for `!<…>` and for `!` alone.
    pub(super) handle: Option<&'a str>,
}

impl<'a> Token<'a> {
    pub(super) fn new(kind: Kind, text: impl Into<Cow<'a, str>>) -> Token<'a> {
        Token { kind, mark: Mark::default(), end: 0, text: text.into(), handle: None }
    }
}

/// `\r \n \x85 \u2028 \u2029`
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The end of the text, or of a line.
pub(super) fn is_end(c: char) -> bool {
    c == '\0' || is_break(c)
}

/// The end of the text or of a line, or a space.
pub(super) fn is_space_or_end(c: char) -> bool {
    c == ' ' || is_end(c)
}

/// The end of the text or of a line, a space or a tab.
pub(super) fn is_blank_or_end(c: char) -> bool {
    c == '\t' || is_space_or_end(c)
}
