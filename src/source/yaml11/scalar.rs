//! Scalars: plain, quoted and block, as PyYAML's scanner reads them.
//!
//! In: the scanner at the first character of a scalar. Out: a [`Token`] with its text, escapes
//! undone and lines folded.

use std::borrow::Cow;

use super::{
    scanner::Scanner,
    token::{Kind, Token, is_blank_or_end, is_break, is_end, is_space_or_end},
};

/// What a block scalar does with its last line breaks.
#[derive(Clone, Copy, PartialEq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}

/// Plain scalars.
impl<'a> Scanner<'a> {
    pub(super) fn plain(&mut self) -> Token<'a> {
        let mut text = Cow::Borrowed("");
        let mut spaces = Cow::Borrowed("");
        let (indent, mut end) = (self.indent + 1, self.index);
        while self.here() != '#' {
            let length = self.plain_length();
            if length == 0 {
                break;
            }
            self.allow_simple_key = false;
            text += spaces;
            text += self.take(length);
            end = self.index;
            spaces = self.plain_spaces();
            if spaces.is_empty()
                || self.here() == '#'
                || self.flow_level == 0 && self.column < indent
            {
                break;
            }
        }
        Token { end, ..Token::new(Kind::Plain, text) }
    }

    fn plain_length(&self) -> usize {
        let (flow, rest) = (self.flow_level > 0, self.rest());
        let mut chars = rest.char_indices().peekable();
        while let Some((length, c)) = chars.next() {
            let next = chars.peek().map_or('\0', |(_, c)| *c);
            let colon_ends = is_blank_or_end(next) || flow && ",[]{}".contains(next);
            if is_blank_or_end(c) || c == ':' && colon_ends || flow && ",?[]{}".contains(c) {
                return length;
            }
        }
        rest.len()
    }

    /// What stands between two words of a plain scalar; nothing if it ends here.
    fn plain_spaces(&mut self) -> Cow<'a, str> {
        let spaces = self.take_while(|c| c == ' ');
        let Some(first) = self.line_break() else { return spaces.into() };
        self.allow_simple_key = true;
        if self.at_any_separator() {
            return "".into();
        }
        let mut breaks = String::new();
        loop {
            if self.here() == ' ' {
                self.skip();
            } else if let Some(next) = self.line_break() {
                breaks.push(next);
                if self.at_any_separator() {
                    return "".into();
                }
            } else {
                return fold(first, &breaks).into();
            }
        }
    }

    fn at_any_separator(&self) -> bool {
        self.at_separator('-') || self.at_separator('.')
    }
}

/// A single line break becomes a space; of several, the first disappears.
fn fold(first: char, breaks: &str) -> String {
    match first {
        '\n' if breaks.is_empty() => " ".to_owned(),
        '\n' => breaks.to_owned(),
        _ => format!("{first}{breaks}"),
    }
}

/// Quoted scalars.
impl<'a> Scanner<'a> {
    pub(super) fn flow_scalar(&mut self, quote: char) -> Result<Token<'a>, String> {
        let double = quote == '"';
        self.skip();
        let mut text = String::new();
        self.quoted_words(double, &mut text)?;
        while self.here() != quote {
            self.quoted_spaces(&mut text)?;
            self.quoted_words(double, &mut text)?;
        }
        self.skip();
        Ok(Token::new(Kind::Quoted, text))
    }

    fn quoted_words(&mut self, double: bool, text: &mut String) -> Result<(), String> {
        loop {
            text.push_str(
                self.take_while(|c| !is_blank_or_end(c) && !matches!(c, '\'' | '"' | '\\')),
            );
            match self.here() {
                '\'' if !double && self.peek(1) == '\'' => {
                    text.push('\'');
                    self.take(2);
                }
                '\\' if double => self.escape(text)?,
                c @ '\'' if double => self.push_one(c, text),
                c @ ('"' | '\\') if !double => self.push_one(c, text),
                _ => return Ok(()),
            }
        }
    }

    fn push_one(&mut self, c: char, text: &mut String) {
        text.push(c);
        self.skip();
    }

    fn escape(&mut self, text: &mut String) -> Result<(), String> {
        self.skip();
        let c = self.here();
        if let Some(meant) = escaped(c) {
            self.push_one(meant, text);
            return Ok(());
        }
        match c {
            'x' => self.escape_code(2, text),
            'u' => self.escape_code(4, text),
            'U' => self.escape_code(8, text),
            c if is_break(c) => {
                self.line_break();
                text.push_str(&self.quoted_breaks()?);
                Ok(())
            }
            _ => self.error(format!("`\\{}` is no escape", c.escape_debug())),
        }
    }

    fn escape_code(&mut self, length: usize, text: &mut String) -> Result<(), String> {
        self.skip();
        let digits: String = (0..length).map(|ahead| self.peek(ahead)).collect();
        if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            return self.error(format!("an escape needs {length} hexadecimal digits"));
        }
        let code = u32::from_str_radix(&digits, 16).unwrap_or(u32::MAX);
        let Some(c) = char::from_u32(code) else {
            return self.error(format!("U+{digits} is no character of its own"));
        };
        text.push(c);
        self.take(length);
        Ok(())
    }

    fn quoted_spaces(&mut self, text: &mut String) -> Result<(), String> {
        let spaces = self.take_while(|c| matches!(c, ' ' | '\t'));
        if self.here() == '\0' {
            return self.error_at(self.start, "the quote that begins here is not closed");
        }
        match self.line_break() {
            None => text.push_str(spaces),
            Some(first) => text.push_str(&fold(first, &self.quoted_breaks()?)),
        }
        Ok(())
    }

    fn quoted_breaks(&mut self) -> Result<String, String> {
        let mut breaks = String::new();
        loop {
            if self.at_any_separator() {
                let message = "the document ends before the quote that begins here is closed";
                return self.error_at(self.start, message);
            }
            self.take_while(|c| matches!(c, ' ' | '\t'));
            match self.line_break() {
                Some(next) => breaks.push(next),
                None => return Ok(breaks),
            }
        }
    }
}

fn escaped(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0B',
        'f' => '\x0C',
        'r' => '\r',
        'e' => '\x1B',
        ' ' | '"' | '\\' | '/' => c,
        'N' => '\u{85}',
        '_' => '\u{A0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}

/// Block scalars.
impl<'a> Scanner<'a> {
    pub(super) fn block_scalar(&mut self, folded: bool) -> Result<Token<'a>, String> {
        self.skip();
        let (chomp, increment) = self.block_header()?;
        let least = (self.indent + 1).max(1);
        let (mut breaks, indent) = match increment {
            Some(increment) => {
                let indent = least + increment - 1;
                (self.block_breaks(indent), indent)
            }
            None => {
                let (breaks, deepest) = self.block_indentation();
                (breaks, least.max(deepest))
            }
        };
        let mut text = String::new();
        let mut last = None;
        while self.column == indent && self.here() != '\0' {
            text.push_str(&breaks);
            let lead = !matches!(self.here(), ' ' | '\t');
            text.push_str(self.take_while(|c| !is_end(c)));
            last = self.line_break();
            breaks = self.block_breaks(indent);
            if self.column != indent || self.here() == '\0' {
                break;
            }
            match last {
                Some('\n') if folded && lead && !matches!(self.here(), ' ' | '\t') => {
                    text.push_str(if breaks.is_empty() { " " } else { "" });
                }
                other => text.extend(other),
            }
        }
        text.extend(last.filter(|_| chomp != Chomp::Strip));
        text.push_str(if chomp == Chomp::Keep { &breaks } else { "" });
        Ok(Token::new(Kind::Block, text))
    }

    /// `+`, `-` and the digit after `|` or `>`, and the rest of that line.
    fn block_header(&mut self) -> Result<(Chomp, Option<i64>), String> {
        let mut chomp = self.chomp();
        let increment = self.here().to_digit(10);
        if increment == Some(0) {
            return self.error("the indentation of a block is a digit from 1 to 9");
        }
        if increment.is_some() {
            self.skip();
            chomp = chomp.or_else(|| self.chomp());
        }
        if !is_space_or_end(self.here()) {
            return self.error("`|` and `>` are followed by a line break");
        }
        self.rest_of_line()?;
        Ok((chomp.unwrap_or(Chomp::Clip), increment.map(i64::from)))
    }

    fn chomp(&mut self) -> Option<Chomp> {
        let chomp = match self.here() {
            '+' => Chomp::Keep,
            '-' => Chomp::Strip,
            _ => return None,
        };
        self.skip();
        Some(chomp)
    }

    /// Nothing but a comment up to the end of the line.
    pub(super) fn rest_of_line(&mut self) -> Result<(), String> {
        self.skip_spaces();
        self.skip_comment();
        if !is_end(self.here()) {
            return self.error("a comment or the end of the line is expected here");
        }
        self.line_break();
        Ok(())
    }

    fn block_indentation(&mut self) -> (String, i64) {
        let (mut breaks, mut deepest) = (String::new(), 0);
        loop {
            if self.here() == ' ' {
                self.skip();
                deepest = deepest.max(self.column);
            } else if let Some(next) = self.line_break() {
                breaks.push(next);
            } else {
                return (breaks, deepest);
            }
        }
    }

    fn block_breaks(&mut self, indent: i64) -> String {
        let mut breaks = String::new();
        loop {
            while self.column < indent && self.here() == ' ' {
                self.skip();
            }
            match self.line_break() {
                Some(next) => breaks.push(next),
                None => return breaks,
            }
        }
    }
}
