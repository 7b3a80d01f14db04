//! Commands and loops, put together from words and operators.

use std::mem;
use std::ops::Range;

use compact_str::CompactString;

use super::lexer::{Lexer, MOST_INNER, Token};
use super::{Command, Loop, Next, Redirect, Script, Word};

/// Commands within commands that are followed.
const DEEPEST: usize = 8;
/// Blocks within blocks that are followed.
const DEEPEST_BLOCK: usize = 100;
/// Commands that are looked at.
const MOST: usize = 50_000;
/// Words and redirections that are looked at.
const MOST_WORDS: usize = 210_000;

/// Reads a text.
pub fn parse(text: &str) -> Script {
    read(text, 0, 0)
}

fn read(text: &str, offset: usize, depth: usize) -> Script {
    let mut lexer = Lexer::new(text);
    let mut parser = Parser {
        offset,
        script: Script::default(),
        current: Command::default(),
        words: 0,
        blocks: Vec::new(),
        redirect: None,
        condition: false,
        last: Next::Then,
        name: false,
    };
    lexer.by_ref().for_each(|token| parser.token(token));
    parser.end(Next::Then);
    let outer = Script {
        open: lexer.open,
        cut: parser.script.cut || lexer.inner.len() == MOST_INNER,
        unclosed: lexer
            .unclosed
            .into_iter()
            .map(|one| one.start + offset..one.end + offset)
            .collect(),
        ..parser.script
    };
    let mut script = Script::default();
    for inner in lexer.inner.into_iter().filter(|_| depth < DEEPEST) {
        let mut within = read(&text[inner.clone()], offset + inner.start, depth + 1);
        within.commands.iter_mut().for_each(|command| command.substituted = true);
        script.append(within);
    }
    script.append(outer);
    script.commands.shrink_to_fit();
    script
}

impl Script {
    /// Adds what was found in a text behind this one.
    pub fn append(&mut self, later: Script) {
        let before = self.commands.len();
        let moved = |range: Range<usize>| range.start + before..range.end + before;
        self.loops.extend(later.loops.into_iter().map(|one| Loop {
            condition: moved(one.condition),
            body: moved(one.body),
            ..one
        }));
        match self.commands.is_empty() {
            true => self.commands = later.commands,
            false => self.commands.extend(later.commands),
        }
        self.cut |= self.commands.len() > MOST;
        self.commands.truncate(MOST);
        self.unclosed.extend(later.unclosed);
        self.open |= later.open;
        self.cut |= later.cut;
    }
}

/// What is open.
#[derive(Debug)]
enum Block {
    If,
    Case,
    Braces,
    Parenthesis,
    Function,
    Loop { keyword: &'static str, start: usize, body: Option<usize>, range: Range<usize> },
}

struct Parser {
    offset: usize,
    script: Script,
    current: Command,
    /// Words and redirections that it has.
    words: usize,
    blocks: Vec<Block>,
    redirect: Option<CompactString>,
    /// Is what comes a condition of `if`, `while` or `until`?
    condition: bool,
    last: Next,
    /// Is the name of a function or of a variable of a loop expected?
    name: bool,
}

impl Parser {
    fn token(&mut self, token: Token) {
        match token {
            Token::Line => self.end(Next::Then),
            Token::Word(word) => self.word(word),
            Token::Operator(operator, _) => self.operator(&operator),
        }
    }

    fn operator(&mut self, operator: &str) {
        match operator {
            "|" | "|&" => self.end(Next::Pipe),
            "&&" => self.end(Next::And),
            "||" => self.end(Next::Or),
            "&" => self.end(Next::Background),
            ";" | ";;" | ";&" | ";;&" => self.end(Next::Then),
            "(" => {
                let function = self.current.words.len() == 1;
                self.current = Command::default();
                self.open(if function { Block::Function } else { Block::Parenthesis });
            }
            ")" => self.close_parenthesis(),
            _ => {
                self.current.here_document |= operator.contains("<<");
                self.redirect = Some(operator.into());
            }
        }
    }

    fn close_parenthesis(&mut self) {
        match self.blocks.last() {
            Some(Block::Parenthesis) => {
                self.end(Next::Then);
                self.blocks.pop();
            }
            Some(Block::Function) => {
                self.blocks.pop();
                self.name = true;
            }
            // The words before it are a pattern of `case`.
            _ => self.current = Command::default(),
        }
    }

    fn word(&mut self, mut word: Word) {
        let first = self.current.words.is_empty() && self.redirect.is_none();
        if first && !word.quoted && self.keyword(&word) {
            return;
        }
        self.words += 1;
        if self.words > MOST_WORDS {
            return;
        }
        word.range = word.range.start + self.offset..word.range.end + self.offset;
        let range = word.range.clone();
        if let Some(operator) = self.redirect.take() {
            self.current.redirects.push(Redirect { operator, target: word });
        } else if first && is_assignment(&word) {
            self.current.assigned.push(word);
        } else {
            self.current.words.push(word);
        }
        if self.current.range == (0..0) {
            self.current.range = range;
        } else {
            self.current.range.end = range.end;
        }
    }

    /// Takes a word that is one of the grammar.
    fn keyword(&mut self, word: &Word) -> bool {
        let start = self.script.commands.len();
        match word.text.as_str() {
            "if" | "elif" => {
                if word.text == "if" {
                    self.open(Block::If);
                }
                self.condition = true;
            }
            "then" | "else" => self.condition = false,
            "fi" => self.close(|block| matches!(block, Block::If)),
            "case" => {
                self.open(Block::Case);
                return false;
            }
            "esac" => self.close(|block| matches!(block, Block::Case)),
            "while" | "until" | "for" => {
                let keyword = match word.text.as_str() {
                    "while" => "while",
                    "until" => "until",
                    _ => "for",
                };
                let range = word.range.start + self.offset..word.range.end + self.offset;
                self.open(Block::Loop { keyword, start, body: None, range });
                self.condition = keyword != "for";
                return keyword != "for";
            }
            "do" => {
                self.condition = false;
                if let Some(Block::Loop { body, .. }) = self.blocks.last_mut() {
                    *body = Some(start);
                }
            }
            "done" => self.close(|block| matches!(block, Block::Loop { .. })),
            "{" => {
                let function = mem::take(&mut self.name);
                self.open(if function { Block::Function } else { Block::Braces });
            }
            "}" => self.close(|block| matches!(block, Block::Braces | Block::Function)),
            "!" => {}
            _ => return false,
        }
        true
    }

    /// Begins a block; those that are too deep are not told apart.
    fn open(&mut self, block: Block) {
        if self.blocks.len() < DEEPEST_BLOCK {
            self.blocks.push(block);
        }
    }

    /// Ends the innermost block of a kind; those within it, which were not ended, too.
    fn close(&mut self, is: fn(&Block) -> bool) {
        let Some(at) = self.blocks.iter().rposition(is) else { return };
        self.blocks.truncate(at + 1);
        let end = self.script.commands.len();
        if let Some(Block::Loop { keyword, start, body: Some(body), range }) = self.blocks.pop() {
            let one = Loop { keyword, condition: start..body, body: body..end, range };
            self.script.loops.push(one);
        }
    }

    /// Ends a command.
    fn end(&mut self, next: Next) {
        self.redirect = None;
        let mut command = mem::take(&mut self.current);
        if self.words > MOST_WORDS || self.script.commands.len() == MOST {
            // Half a command would mean something else.
            self.script.cut = true;
            return;
        }
        let empty = command.words.is_empty() && command.assigned.is_empty();
        if empty && command.redirects.is_empty() {
            // Behind `done` or `}`, what joins the whole block to the next command.
            if next != Next::Then
                && let Some(last) = self.script.commands.last_mut()
                && last.next == Next::Then
            {
                last.next = next;
            }
            self.last = if next == Next::Then { self.last } else { next };
            return;
        }
        let block = |block: &&Block| !matches!(block, Block::Braces | Block::Parenthesis);
        let inside = self.blocks.iter().any(|one| block(&one));
        command.next = next;
        command.piped = self.last == Next::Pipe;
        command.condition = self.condition;
        command.conditional = inside || matches!(self.last, Next::And | Next::Or);
        command.depth = self.blocks.len();
        command.find_program();
        command.words.shrink_to_fit();
        command.redirects.shrink_to_fit();
        self.last = next;
        self.script.commands.push(command);
    }
}

/// `NAME=value`
fn is_assignment(word: &Word) -> bool {
    let Some((name, _)) = word.text.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    let start = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    start && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
