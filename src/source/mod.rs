//! The parameter file as text and as a tree, both with positions.
//!
//! In: bytes (or text that bootseed carries itself). Out: a [`Source`], and from it by [`parse()`]
//! a tree of [`Node`]s in which every value knows where it was written. [`Path`] names a place in
//! such a tree; [`yaml11`] says what cloud-init's own YAML reader makes of a text.

mod builder;
mod check;
mod explain;
mod load;
mod locate;
mod merged;
mod node;
mod odd;
mod parse;
mod path;
mod plain;
mod set;
mod slip;
mod written;
pub mod yaml11;

use std::{fmt, ops::Range, sync::Arc};

pub use load::SourceError;
pub use node::{Entry, Kind, Node, Scalar};
pub use odd::{Odd, plain_text};
pub use parse::{SyntaxError, parse};
pub use path::{Path, PathError, Segment};
pub use plain::Plain;
pub use slip::slips_at;
pub use yaml11::{Yaml11, resolve_plain, scalars};

/// The largest parameter file that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// A named text, and where its lines begin.
#[derive(PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    /// The byte at which each line begins; the first is 0.
    lines: Vec<usize>,
    /// Is it a single value, whose name says where it is?
    value: bool,
}

/// A place for people: both numbers begin at 1, the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in that line, from 1.
    pub column: usize,
}

impl Source {
    /// A text that is trusted to be fit for reading: a preset, a value given by `--set`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Arc::new(Source { lines: lines.collect(), name: name.into(), text, value: false })
    }

    /// A value by itself, such as the cell of a table. Its name says where it is, and its lines are
    /// not counted.
    pub fn value(name: impl Into<String>, text: impl Into<String>) -> Arc<Source> {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Arc::new(Source { lines: lines.collect(), name: name.into(), text, value: true })
    }

    /// Is it a value by itself?
    pub fn is_value(&self) -> bool {
        self.value
    }

    /// The name shown in messages, as `class.yaml` or `<stdin>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte; a byte past the end counts as the end.
    pub fn position(&self, byte: usize) -> Position {
        let byte = floor_char(&self.text, byte);
        let line = self.line_index(byte);
        let start = self.line_start(line);
        let before = self.text.get(start..byte).unwrap_or("");
        Position { line: line + 1, column: before.chars().count() + 1 }
    }

    /// The bytes of the line that holds `byte`, without its line break.
    pub fn line_range(&self, byte: usize) -> Range<usize> {
        let line = self.line_index(byte.min(self.text.len()));
        let end = self.lines.get(line + 1).map_or(self.text.len(), |next| next - 1);
        self.line_start(line)..end
    }

    /// The number, from 0, of the line that holds `byte`.
    fn line_index(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(0)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A stretch of a source, in bytes.
#[derive(Clone)]
pub struct Span {
    source: Arc<Source>,
    range: Range<usize>,
}

impl Span {
    /// The span of `range`, cut to the text and moved to character boundaries.
    pub fn new(source: &Arc<Source>, range: Range<usize>) -> Span {
        let start = floor_char(source.text(), range.start);
        let end = floor_char(source.text(), range.end).max(start);
        Span { source: Arc::clone(source), range: start..end }
    }

    /// Where the span lies.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// Its bytes.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Its first byte.
    pub fn start(&self) -> usize {
        self.range.start
    }

    /// The byte after its last one.
    pub fn end(&self) -> usize {
        self.range.end
    }

    /// The text it covers.
    pub fn text(&self) -> &str {
        self.source.text().get(self.range()).unwrap_or("")
    }

    /// Line and column of its first character.
    pub fn position(&self) -> Position {
        self.source.position(self.range.start)
    }
}

/// Two spans are equal when they cover the same bytes of a source of the same name.
impl PartialEq for Span {
    fn eq(&self, other: &Span) -> bool {
        self.source.name() == other.source.name() && self.range == other.range
    }
}

impl Eq for Span {}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({:?})", self.source.name(), self.position(), self.range)
    }
}

/// The last character boundary at or before `byte`.
fn floor_char(text: &str, byte: usize) -> usize {
    let mut at = byte.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = Source::new("a.yaml", "ab\né: ü\n");
        let at = |byte| source.position(byte).to_string();
        assert_eq!(at(0), "1:1");
        assert_eq!(at(2), "1:3");
        assert_eq!(at(3), "2:1");
        assert_eq!(at(5), "2:2");
        assert_eq!(at(4), "2:1", "inside a character");
        assert_eq!(at(999), "3:1");
    }

    #[test]
    fn a_line_is_found_without_its_break() {
        let source = Source::new("a.yaml", "ab\ncd\n");
        assert_eq!(source.line_range(1), 0..2);
        assert_eq!(source.line_range(2), 0..2);
        assert_eq!(source.line_range(3), 3..5);
        assert_eq!(source.line_range(6), 6..6);
    }

    #[test]
    fn spans_never_leave_the_text() {
        let source = Source::new("a.yaml", "é");
        let span = Span::new(&source, 1..99);
        assert_eq!((span.range(), span.text()), (0..2, "é"));
        assert_eq!(Span::new(&source, Range { start: 9, end: 3 }).range(), 2..2);
        assert_eq!(format!("{span:?}"), "a.yaml:1:1 (0..2)");
        assert_eq!(format!("{source:?}"), "Source(\"a.yaml\", 2 bytes)");
    }
}
