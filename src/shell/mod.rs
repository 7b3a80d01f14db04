//! Shell text, read as far as mistakes in it can be told from the text alone.
//!
//! In: a script or a line of one. Out: a [`Script`]: its simple [`Command`]s with their words,
//! redirections and places, and its loops. It never fails: what is not understood is passed over.
//! The grammar is that of
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>, and of bash where it
//! has more. Below `lexer` are words and operators, `parser` puts commands together, `command`
//! knows what stands before a program, such as `sudo`; `ends` and `waits` know programs.

mod command;
mod ends;
mod lexer;
mod parser;
mod waits;

use std::ops::Range;

use compact_str::CompactString;

pub use command::is_shell;
pub use ends::{Ending, ends_boot};
pub use parser::parse;
pub use waits::waits_for_cloud_init;

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Simple commands in the order of the text; those within `$(…)` stand before the one that they
    /// are a part of.
    pub commands: Vec<Command>,
    /// Its `while`, `until` and `for`.
    pub loops: Vec<Loop>,
    /// Where the end of a text behind `<<` is named that never comes.
    pub unclosed: Vec<Range<usize>>,
    /// Is a quote or a parenthesis still open at its end?
    pub open: bool,
    /// Has it more than is looked at?
    pub cut: bool,
}

/// A program with its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Command {
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// `NAME=value` before the program.
    pub assigned: Vec<Word>,
    /// Where its input and output go.
    pub redirects: Vec<Redirect>,
    /// How the next command of the text is joined to it.
    pub next: Next,
    /// Does its input come from the command before it?
    pub piped: bool,
    /// May it be left out: in `if`, in a loop, in a function, behind `&&` or `||`?
    pub conditional: bool,
    /// Within `$(…)` or backticks, whose text is used.
    pub substituted: bool,
    /// Is it what `if`, `while` or `until` looks at?
    pub condition: bool,
    /// In parentheses or braces, so deep.
    pub depth: usize,
    /// Is the text behind `<<` its input?
    pub here_document: bool,
    /// Its bytes.
    pub range: Range<usize>,
    /// Words before the program, and bytes before its name within its word.
    before: usize,
    folder: usize,
}

/// How a command is joined to the one behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Next {
    /// By a line end or `;`, or not at all.
    #[default]
    Then,
    /// `|`
    Pipe,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `&`: the shell does not wait for it.
    Background,
}

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// Its text, with quotes taken off; variables stand as they were written. Most words are so short
    /// that they take no memory of their own.
    pub text: CompactString,
    /// Its bytes, with quotes.
    pub range: Range<usize>,
    /// Was any of it in quotes?
    pub quoted: bool,
    /// Is there a variable or a command in it that the shell puts a value for?
    pub expands: bool,
}

/// `> file`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// `>`, `>>`, `<`, `&>`, …, with the number before it: `2>`.
    pub operator: CompactString,
    /// The file.
    pub target: Word,
}

/// A loop of commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loop {
    /// `while`, `until` or `for`.
    pub keyword: &'static str,
    /// The commands of its condition, by number.
    pub condition: Range<usize>,
    /// The commands that it repeats, by number.
    pub body: Range<usize>,
    /// The bytes of its first line.
    pub range: Range<usize>,
}

impl Command {
    /// A command whose words are known, as in a list of cloud-config.
    pub fn of(words: Vec<Word>) -> Command {
        let start = words.first().map_or(0, |word| word.range.start);
        let end = words.last().map_or(0, |word| word.range.end);
        let mut command = Command { words, range: start..end, ..Command::default() };
        command.find_program();
        command
    }
}

#[cfg(test)]
mod tests;
