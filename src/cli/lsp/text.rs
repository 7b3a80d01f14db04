//! A text that is edited: bytes, and the places that a client counts in lines and UTF-16 units.

use std::ops::Range;

use lsp_types::{Position, Range as Place};

/// A text with its lines.
pub(super) struct Text {
    text: String,
    /// The byte at which each line begins.
    lines: Vec<usize>,
}

impl Text {
    pub(super) fn new(text: String) -> Text {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Text { text, lines }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A line without its end; an empty one behind the last.
    pub(super) fn line(&self, number: usize) -> &str {
        self.text.get(self.range(number)).unwrap_or_default()
    }

    fn range(&self, number: usize) -> Range<usize> {
        let end = self.text.len();
        let start = self.lines.get(number).copied().unwrap_or(end);
        let next = self.lines.get(number + 1).map_or(end, |next| next - 1);
        let line = self.text.get(start..next).unwrap_or_default();
        start..start + line.trim_end_matches('\r').len()
    }

    /// The place of a byte.
    pub(super) fn position(&self, byte: usize) -> Position {
        let number = self.lines.partition_point(|start| *start <= byte).saturating_sub(1);
        let start = self.lines.get(number).copied().unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        let before = rest.char_indices().take_while(|(at, _)| start + at < byte);
        let units: usize = before.map(|(_, c)| c.len_utf16()).sum();
        Position::new(unsigned(number), unsigned(units))
    }

    /// The place of a stretch.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.position(range.start), self.position(range.end))
    }

    /// The place of a stretch of a line.
    pub(super) fn within(&self, number: usize, range: Range<usize>) -> Place {
        let start = self.range(number).start;
        self.place(start + range.start..start + range.end)
    }

    /// The number of a line, and the byte in it; a place behind its end is its end, as the protocol
    /// wants it.
    pub(super) fn find(&self, position: Position) -> (usize, usize) {
        let number = usize::try_from(position.line).unwrap_or(usize::MAX);
        let line = self.line(number);
        let mut units = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (at, c) in line.char_indices() {
            if units < c.len_utf16() {
                return (number, at);
            }
            units -= c.len_utf16();
        }
        (number, line.len())
    }
}

fn unsigned(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_units_of_utf16() {
        let text = Text::new("a: 한😀x\r\nb: 1".into());
        assert_eq!(text.position(3 + 3 + 4), Position::new(0, 6), "x");
        assert_eq!(text.find(Position::new(0, 6)), (0, 10));
        assert_eq!(text.find(Position::new(0, 5)), (0, 6), "within a pair of units");
        assert_eq!(text.find(Position::new(0, 99)), (0, 11), "behind the end");
        assert_eq!(text.find(Position::new(9, 9)), (9, 0));
        assert_eq!(text.position(13), Position::new(1, 0));
        assert_eq!((text.line(0), text.line(1), text.line(2)), ("a: 한😀x", "b: 1", ""));
    }
}
