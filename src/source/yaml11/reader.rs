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

impl Scanner {
    /// The character `ahead` of this one; NUL after the end.
    pub(super) fn peek(&self, ahead: usize) -> char {
        self.text.get(self.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn here(&self) -> char {
        self.peek(0)
    }

    /// Takes `count` characters.
    pub(super) fn take(&mut self, count: usize) -> String {
        let piece = self.text.get(self.index..self.index + count);
        // Most pieces are within a line, where nothing but the column changes.
        if let Some(piece) = piece.filter(|piece| !piece.iter().any(|c| moves(*c))) {
            let taken = piece.iter().collect();
            self.index += count;
            self.column += i64::try_from(count).unwrap_or_default();
            return taken;
        }
        let mut taken = String::new();
        for _ in 0..count {
            taken.push(self.here());
            self.skip();
        }
        taken
    }

    pub(super) fn skip(&mut self) {
        let c = self.here();
        if self.index < self.text.len() {
            self.index += 1;
        }
        if is_break(c) && !(c == '\r' && self.here() == '\n') {
            self.line += 1;
            self.column = 0;
        } else if c != '\u{FEFF}' {
            self.column += 1;
        }
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.here() == ' ' {
            self.skip();
        }
    }

    pub(super) fn skip_comment(&mut self) {
        if self.here() == '#' {
            while !is_end(self.here()) {
                self.skip();
            }
        }
    }

    /// How many characters from here on `fits` accepts.
    pub(super) fn count(&self, fits: impl Fn(char) -> bool) -> usize {
        let rest = self.text.get(self.index..).unwrap_or(&[]);
        rest.iter().take_while(|c| fits(**c)).count()
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
        Mark { line: self.line, column: self.column }
    }
}
