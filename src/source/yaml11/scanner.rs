//! Tokens of a document, found as PyYAML's scanner finds them.
//!
//! In: the characters of the document. Out: [`Token`]s, one at a time. Method by method this is
//! PyYAML's `scanner.py`, because its departures from the standard are what must be reproduced:
//! where a tab may stand, which key may go without `?`, what ends a plain scalar. Characters are
//! taken in `reader.rs`, scalars in `scalar.rs`, anchors, tags and directives in `property.rs`.

use std::collections::{BTreeMap, VecDeque};

use super::token::{Kind, Mark, Token, is_blank_or_end};

/// The deepest nesting that is followed.
pub(super) const MAX_DEPTH: usize = 64;

/// The end of a message about a document that is nested deeper.
pub(super) const TOO_DEEP: &str = "lists and maps are nested too deep";

const NO_COLON: &str = "a `:` is missing after this key";

/// A place where a key may turn out to have begun.
struct SimpleKey {
    token: usize,
    required: bool,
    /// The number of its first character.
    number: usize,
    mark: Mark,
}

pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    /// The byte of the next character, and its number.
    pub(super) index: usize,
    pub(super) number: usize,
    pub(super) line: usize,
    pub(super) column: i64,
    pub(super) flow_level: usize,
    pub(super) indent: i64,
    pub(super) allow_simple_key: bool,
    indents: Vec<i64>,
    tokens: VecDeque<Token<'a>>,
    /// Where the token begins that is being read.
    pub(super) start: Mark,
    taken: usize,
    keys: BTreeMap<usize, SimpleKey>,
    done: bool,
}

/// Tokens.
impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner {
            text,
            index: 0,
            number: 0,
            line: 0,
            column: 0,
            flow_level: 0,
            indent: -1,
            allow_simple_key: true,
            indents: Vec::new(),
            tokens: VecDeque::new(),
            start: Mark::default(),
            taken: 0,
            keys: BTreeMap::new(),
            done: false,
        }
    }

    /// The kind of the next token.
    pub(super) fn peek_kind(&mut self) -> Result<Kind, String> {
        while self.needs_more()? {
            self.fetch()?;
        }
        Ok(self.tokens.front().map_or(Kind::StreamEnd, |token| token.kind))
    }

    /// Where the next token begins.
    pub(super) fn peek_mark(&mut self) -> Result<Mark, String> {
        self.peek_kind()?;
        Ok(self.tokens.front().map_or(self.place(), |token| token.mark))
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token<'a>, String> {
        self.peek_kind()?;
        self.taken += 1;
        Ok(self.tokens.pop_front().unwrap_or_else(|| Token::new(Kind::StreamEnd, "")))
    }

    fn needs_more(&mut self) -> Result<bool, String> {
        if self.done {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        if self.keys.is_empty() {
            return Ok(false);
        }
        self.drop_stale_keys()?;
        Ok(self.keys.values().map(|key| key.token).min() == Some(self.taken))
    }

    pub(super) fn push(&mut self, kind: Kind) {
        self.push_token(Token::new(kind, ""));
    }

    fn push_token(&mut self, token: Token<'a>) {
        let end = if token.end == 0 { self.index } else { token.end };
        self.tokens.push_back(Token { mark: self.start, end, ..token });
    }

    fn fetch(&mut self) -> Result<(), String> {
        self.skip_to_token();
        self.start = self.place();
        self.drop_stale_keys()?;
        self.unwind_indent(self.column);
        let c = self.here();
        let blank_next = is_blank_or_end(self.peek(1));
        let flow = self.flow_level > 0;
        match c {
            '\0' => self.stream_end(),
            '%' if self.column == 0 => self.directive(),
            '-' if self.column == 0 && self.at_separator('-') => self.document(Kind::DocumentStart),
            '.' if self.column == 0 && self.at_separator('.') => self.document(Kind::DocumentEnd),
            '[' => self.flow_start(Kind::FlowSequenceStart),
            '{' => self.flow_start(Kind::FlowMappingStart),
            ']' => self.flow_end(Kind::FlowSequenceEnd),
            '}' => self.flow_end(Kind::FlowMappingEnd),
            ',' => self.flow_entry(),
            '-' if blank_next => self.block_entry(),
            '?' if flow || blank_next => self.explicit_key(),
            ':' if flow || blank_next => self.value(),
            _ => self.fetch_node(c),
        }
    }

    /// A token that is a value or belongs to one.
    fn fetch_node(&mut self, c: char) -> Result<(), String> {
        let token = match c {
            '|' | '>' if self.flow_level == 0 => {
                self.allow_simple_key = true;
                self.remove_key()?;
                self.block_scalar(c == '>')?
            }
            '*' | '&' | '!' | '\'' | '"' => {
                self.save_key()?;
                self.allow_simple_key = false;
                match c {
                    '*' => self.anchor(Kind::Alias)?,
                    '&' => self.anchor(Kind::Anchor)?,
                    '!' => self.tag()?,
                    _ => self.flow_scalar(c)?,
                }
            }
            _ if self.begins_plain(c) => {
                self.save_key()?;
                self.allow_simple_key = false;
                self.plain()
            }
            '\t' => return self.error("a tab cannot begin a value or key"),
            _ => return self.error(format!("`{c}` cannot begin a value or key")),
        };
        self.push_token(token);
        Ok(())
    }

    fn begins_plain(&self, c: char) -> bool {
        let allowed = !is_blank_or_end(c) && !"-?:,[]{}#&*!|>'\"%@`".contains(c);
        let next = !is_blank_or_end(self.peek(1));
        allowed || next && (c == '-' || self.flow_level == 0 && matches!(c, '?' | ':'))
    }

    fn skip_to_token(&mut self) {
        if self.index == 0 && self.here() == '\u{FEFF}' {
            self.skip();
        }
        loop {
            self.skip_spaces();
            self.skip_comment();
            if self.line_break().is_none() {
                return;
            }
            if self.flow_level == 0 {
                self.allow_simple_key = true;
            }
        }
    }
}

/// Keys that are recognised only by the `:` after them.
impl Scanner<'_> {
    fn drop_stale_keys(&mut self) -> Result<(), String> {
        let (line, number) = (self.line, self.number);
        let stale = |key: &SimpleKey| key.mark.line != line || number - key.number > 1024;
        if let Some(key) = self.keys.values().find(|key| stale(key) && key.required) {
            return self.error_at(key.mark, NO_COLON);
        }
        self.keys.retain(|_, key| !stale(key));
        Ok(())
    }

    fn save_key(&mut self) -> Result<(), String> {
        if !self.allow_simple_key {
            return Ok(());
        }
        self.remove_key()?;
        let key = SimpleKey {
            token: self.taken + self.tokens.len(),
            required: self.flow_level == 0 && self.indent == self.column,
            number: self.number,
            mark: self.place(),
        };
        self.keys.insert(self.flow_level, key);
        Ok(())
    }

    fn remove_key(&mut self) -> Result<(), String> {
        match self.keys.remove(&self.flow_level) {
            Some(key) if key.required => self.error_at(key.mark, NO_COLON),
            _ => Ok(()),
        }
    }

    fn unwind_indent(&mut self, column: i64) {
        while self.flow_level == 0 && self.indent > column {
            self.indent = self.indents.pop().unwrap_or(-1);
            self.push(Kind::BlockEnd);
        }
    }

    fn add_indent(&mut self, column: i64) -> Result<bool, String> {
        if self.indent >= column {
            return Ok(false);
        }
        if self.indents.len() >= MAX_DEPTH {
            return self.error(TOO_DEEP);
        }
        self.indents.push(self.indent);
        self.indent = column;
        Ok(true)
    }

    fn stream_end(&mut self) -> Result<(), String> {
        self.unwind_indent(-1);
        self.remove_key()?;
        self.allow_simple_key = false;
        self.keys.clear();
        self.push(Kind::StreamEnd);
        self.done = true;
        Ok(())
    }

    fn directive(&mut self) -> Result<(), String> {
        self.unwind_indent(-1);
        self.remove_key()?;
        self.allow_simple_key = false;
        let token = self.scan_directive()?;
        self.push_token(token);
        Ok(())
    }

    fn document(&mut self, kind: Kind) -> Result<(), String> {
        self.unwind_indent(-1);
        self.remove_key()?;
        self.allow_simple_key = false;
        self.take(3);
        self.push(kind);
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind) -> Result<(), String> {
        self.save_key()?;
        if self.flow_level >= MAX_DEPTH {
            return self.error(TOO_DEEP);
        }
        self.flow_level += 1;
        self.allow_simple_key = true;
        self.skip();
        self.push(kind);
        Ok(())
    }

    fn flow_end(&mut self, kind: Kind) -> Result<(), String> {
        self.remove_key()?;
        if self.flow_level == 0 {
            return self.error("a closing bracket without its opening one");
        }
        self.flow_level -= 1;
        self.allow_simple_key = false;
        self.skip();
        self.push(kind);
        Ok(())
    }

    fn flow_entry(&mut self) -> Result<(), String> {
        self.allow_simple_key = true;
        self.remove_key()?;
        self.skip();
        self.push(Kind::FlowEntry);
        Ok(())
    }

    fn block_entry(&mut self) -> Result<(), String> {
        if self.flow_level == 0 {
            self.open_block(Kind::BlockSequenceStart, "an item (`-`) is not allowed here")?;
        }
        self.allow_simple_key = true;
        self.remove_key()?;
        self.skip();
        self.push(Kind::BlockEntry);
        Ok(())
    }

    fn open_block(&mut self, kind: Kind, refusal: &str) -> Result<(), String> {
        if !self.allow_simple_key {
            return self.error(refusal);
        }
        if self.add_indent(self.column)? {
            self.push(kind);
        }
        Ok(())
    }

    fn explicit_key(&mut self) -> Result<(), String> {
        if self.flow_level == 0 {
            self.open_block(Kind::BlockMappingStart, "a key is not allowed here")?;
        }
        self.allow_simple_key = self.flow_level == 0;
        self.remove_key()?;
        self.skip();
        self.push(Kind::Key);
        Ok(())
    }

    fn value(&mut self) -> Result<(), String> {
        if let Some(key) = self.keys.remove(&self.flow_level) {
            let at = key.token - self.taken;
            let end = key.mark.index;
            let token = |kind| Token { mark: key.mark, end, ..Token::new(kind, "") };
            self.tokens.insert(at, token(Kind::Key));
            if self.flow_level == 0 && self.add_indent(key.mark.column)? {
                self.tokens.insert(at, token(Kind::BlockMappingStart));
            }
            self.allow_simple_key = false;
        } else {
            if self.flow_level == 0 {
                self.open_block(Kind::BlockMappingStart, "a `:` is not allowed here")?;
            }
            self.allow_simple_key = self.flow_level == 0;
            self.remove_key()?;
        }
        self.skip();
        self.push(Kind::Value);
        Ok(())
    }
}
