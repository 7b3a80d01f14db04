//! The characters of a document, one after the other, with line and column.
//!
//! In: the scanner's text. Out: characters, line breaks as PyYAML counts them, and errors that say
//! where they are.

use super::{
    scanner::Scanner,
    token::{Mark, is_blank_or_end, is_break, is_end},
};

/// Does this character change the line, or not even the column?
fn moves(c: char) -> bool {
    is_break(c) || c == '\u{FEFF}'
}

impl<'a> Scanner<'a> {
    /// What is still to come.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.index..]
    }

    /// The character `ahead` of this one; NUL after the end.
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.rest().chars().nth(ahead).unwrap_or('\0')
    }

    pub(super) fn here(&self) -> char {
        self.peek(0)
    }

    /// Takes so many bytes, which end with a character.
    pub(super) fn take(&mut self, bytes: usize) -> &'a str {
        let piece = &self.rest()[..bytes];
        // Most pieces are within a line, where nothing but the column changes.
        if piece.contains(moves) {
            piece.chars().for_each(|_| self.skip());
            return piece;
        }
        let count = piece.chars().count();
        self.index += bytes;
        self.number += count;
        self.column += i64::try_from(count).unwrap_or_default();
        piece
    }

    /// Takes the characters from here on that `fits` accepts.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        self.take(rest.find(|c| !fits(c)).unwrap_or(rest.len()))
    }

    pub(super) fn skip(&mut self) {
        let Some(c) = self.rest().chars().next() else { return };
        self.index += c.len_utf8();
        self.number += 1;
        if is_break(c) && !(c == '\r' && self.here() == '\n') {
            self.line += 1;
            self.column = 0;
        } else if c != '\u{FEFF}' {
            self.column += 1;
        }
    }

    pub(super) fn skip_spaces(&mut self) {
        self.take_while(|c| c == ' ');
    }

    pub(super) fn skip_comment(&mut self) {
        if self.here() == '#' {
            self.take_while(|c| !is_end(c));
        }
    }

    /// Takes one line break; what it means, or nothing if there is none.
    pub(super) fn line_break(&mut self) -> Option<char> {
        match self.here() {
            '\r' if self.peek(1) == '\n' => {
                self.skip();
                self.skip();
                Some('\n')
            }
            '\r' | '\n' | '\u{85}' => {
                self.skip();
                Some('\n')
            }
            c @ ('\u{2028}' | '\u{2029}') => {
                self.skip();
                Some(c)
            }
            _ => None,
        }
    }

    /// Whether `---` or `...` stands here, followed by a blank.
    pub(super) fn at_separator(&self, mark: char) -> bool {
        (0..3).all(|ahead| self.peek(ahead) == mark) && is_blank_or_end(self.peek(3))
    }

    pub(super) fn error<T>(&self, message: impl std::fmt::Display) -> Result<T, String> {
        self.error_at(self.place(), message)
    }

    pub(super) fn error_at<T>(
        &self,
        mark: Mark,
        message: impl std::fmt::Display,
    ) -> Result<T, String> {
        Err(format!("{mark}: {message}"))
    }

    /// Where the next character is.
    pub(super) fn place(&self) -> Mark {
        Mark { index: self.index, line: self.line, column: self.column }
    }
}
