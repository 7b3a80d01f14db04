//! Words and operators of a text.
//!
//! In: text. Out: [`Token`]s with their bytes, one after the other, and the text within each `$(…)`
//! and between backticks.

use std::collections::VecDeque;
use std::ops::Range;

use compact_str::{CompactString, format_compact};

use super::Word;

#[derive(Debug, PartialEq)]
pub(super) enum Token {
    Word(Word),
    /// `|`, `&&`, `;`, `(`, `>` and so on; with the number of a file before `<` and `>`.
    Operator(CompactString, usize),
    Line,
}

/// Operators, the longest first.
const OPERATORS: &[&str] = &[
    "&>>", "<<<", "<<-", ";;&", "&&", "||", ";;", ";&", "<<", ">>", "<&", ">&", "<>", ">|", "|&",
    "&>", "&", "|", ";", "(", ")", "<", ">",
];

/// Commands within words that are looked at.
pub(super) const MOST_INNER: usize = 10_000;

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Those that were read and not taken.
    tokens: VecDeque<Token>,
    /// Bytes of the commands within words.
    pub(super) inner: Vec<Range<usize>>,
    /// Ends of texts behind `<<` that are still to come, and whether tabs may stand before them.
    here: Vec<(Word, bool)>,
    /// Where the end of such a text is named that never comes.
    pub(super) unclosed: Vec<Range<usize>>,
    pub(super) open: bool,
}

/// The operator that a text begins with.
fn operator(text: &str) -> Option<&'static str> {
    let first = text.bytes().next().filter(|byte| b"&|;()<>".contains(byte));
    first.and_then(|_| OPERATORS.iter().find(|one| text.starts_with(**one))).copied()
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || "|&;()<>".contains(c)
}

/// What stands around a piece of a word.
enum Quote {
    None,
    Double,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Lexer<'a> {
        let (tokens, inner, here) = (VecDeque::new(), Vec::new(), Vec::new());
        Lexer { text, at: 0, tokens, inner, here, unclosed: Vec::new(), open: false }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn read(&mut self) {
        while self.tokens.is_empty()
            && let Some(c) = self.peek()
        {
            match c {
                '\n' => {
                    self.at += 1;
                    self.tokens.push_back(Token::Line);
                    self.here_documents();
                }
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
                _ => self.token(),
            }
        }
        if self.rest().is_empty() {
            self.here_documents();
        }
    }

    fn token(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let substitution = rest.starts_with("<(") || rest.starts_with(">(");
        match operator(rest).filter(|_| !substitution) {
            Some(operator) => self.operator("", operator, start),
            None => {
                let word = self.word();
                let number = !word.quoted && word.text.bytes().all(|byte| byte.is_ascii_digit());
                let next = if number { operator(self.rest()) } else { None };
                match next.filter(|one| one.starts_with(['<', '>'])) {
                    Some(operator) => self.operator(&word.text, operator, start),
                    None => self.tokens.push_back(Token::Word(word)),
                }
            }
        }
    }

    fn operator(&mut self, number: &str, operator: &str, start: usize) {
        self.at += operator.len();
        self.tokens.push_back(Token::Operator(format_compact!("{number}{operator}"), start));
        if matches!(operator, "<<" | "<<-") {
            while matches!(self.peek(), Some(' ' | '\t')) {
                self.at += 1;
            }
            let end = self.word();
            self.here.push((end.clone(), operator == "<<-"));
            self.tokens.push_back(Token::Word(end));
        }
    }

    /// Passes over the texts behind `<<` of the line that just ended.
    fn here_documents(&mut self) {
        for (end, tabs) in std::mem::take(&mut self.here) {
            let mut closed = false;
            while !closed && !self.rest().is_empty() {
                let line = self.rest().split('\n').next().unwrap_or_default();
                self.at = (self.at + line.len() + 1).min(self.text.len());
                let bare = if tabs { line.trim_start_matches('\t') } else { line };
                closed = bare.trim_end_matches('\r') == end.text;
            }
            if !closed {
                self.unclosed.push(end.range);
            }
        }
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut word = Word::default();
        while let Some(c) = self.peek() {
            match c {
                '\'' => self.single(&mut word),
                '"' => self.double(&mut word),
                '\\' => {
                    self.at += 1;
                    match self.skip() {
                        Some('\n') | None => {}
                        Some(c) => {
                            word.text.push(c);
                            word.quoted = true;
                        }
                    }
                }
                '$' | '`' => self.expansion(&mut word, &Quote::None),
                '<' | '>' if self.rest()[1..].starts_with('(') && word.text.is_empty() => {
                    self.parenthesis(&mut word, 1);
                }
                c if ends_word(c) => break,
                _ => {
                    let special = |c: char| ends_word(c) || "'\"\\$`".contains(c);
                    self.run(&mut word, special);
                }
            }
        }
        word.range = start..self.at;
        word
    }

    /// Takes the next character, and those behind it that are not special.
    fn run(&mut self, word: &mut Word, special: impl Fn(char) -> bool) {
        let rest = self.rest();
        let mut later = rest.char_indices().skip(1);
        let end = later.find(|(_, c)| special(*c)).map_or(rest.len(), |(at, _)| at);
        word.text.push_str(&rest[..end]);
        self.at += end;
    }

    fn single(&mut self, word: &mut Word) {
        word.quoted = true;
        let text = &self.rest()[1..];
        let end = text.find('\'');
        self.open |= end.is_none();
        word.text.push_str(&text[..end.unwrap_or(text.len())]);
        self.at += 1 + end.map_or(text.len(), |end| end + 1);
    }

    fn double(&mut self, word: &mut Word) {
        word.quoted = true;
        self.at += 1;
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    match self.skip() {
                        Some('\n') | None => {}
                        Some(c @ ('"' | '\\' | '$' | '`')) => word.text.push(c),
                        Some(c) => word.text.extend(['\\', c]),
                    }
                }
                '$' | '`' => self.expansion(word, &Quote::Double),
                _ => self.run(word, |c| "\"\\$`".contains(c)),
            }
        }
        self.open = true;
    }

    /// `$NAME`, `${…}`, `$(…)`, `$((…))`, `` `…` `` and `$'…'`.
    fn expansion(&mut self, word: &mut Word, quote: &Quote) {
        let start = self.at;
        let rest = self.rest();
        if let Some(after) = rest.strip_prefix('`') {
            word.expands = true;
            let end = after.find('`');
            let length = end.map_or(rest.len(), |end| end + 2);
            let last = start + length - usize::from(end.is_some());
            self.note_inner(start + 1..last.max(start + 1));
            self.open |= end.is_none();
            self.at += length;
        } else if rest.starts_with("$(") {
            return self.parenthesis(word, 1);
        } else if rest.starts_with("${") {
            word.expands = true;
            let end = rest.find('}');
            self.open |= end.is_none();
            self.at += end.map_or(rest.len(), |end| end + 1);
        } else if rest.starts_with("$'") && matches!(quote, Quote::None) {
            self.at += 1;
            return self.single(word);
        } else {
            self.at += 1;
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || "@*#?!$-".contains(c);
            word.expands |= self.peek().is_some_and(name);
        }
        word.text.push_str(&self.text[start..self.at]);
    }

    fn note_inner(&mut self, inside: Range<usize>) {
        if self.inner.len() < MOST_INNER {
            self.inner.push(inside);
        }
    }

    /// A command in parentheses, `before` bytes behind this one.
    fn parenthesis(&mut self, word: &mut Word, before: usize) {
        word.expands = true;
        let start = self.at;
        let length = closed(&self.rest()[before..]);
        let end = start + before + length.unwrap_or(self.rest().len() - before);
        self.open |= length.is_none();
        let inside = start + before + 1..end - usize::from(length.is_some());
        if !self.text[inside.clone()].starts_with('(') {
            self.note_inner(inside);
        }
        self.at = end;
        word.text.push_str(&self.text[start..end]);
    }
}

/// The bytes up to the parenthesis that closes the first one.
fn closed(text: &str) -> Option<usize> {
    let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match (c, quote) {
            ('\\', None | Some('"')) => escaped = true,
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            ('(', None) => depth += 1,
            (')', None) => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.read();
        self.tokens.pop_front()
    }
}
