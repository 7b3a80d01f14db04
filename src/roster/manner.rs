//! How a cell is written into a text, by what reads the text.
//!
//! In: the place of a text in the parameter file. Out: a [`Manner`], and for each cell in the text a
//! [`Quote`]. What somebody else wrote into a roster must not become a command or a part of a page;
//! `| safe` at the end of an expression says that it may.

use super::shell::{self, Spot};
use crate::source::{Node, Path, Segment};
use crate::template::html_text;

/// What reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Something that takes it as it is.
    Plain,
    /// A shell.
    Shell,
    /// A browser.
    Html,
}

/// How one cell is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quote {
    /// As it is.
    Plain,
    /// For a place in a command.
    Shell(Spot),
    /// With the five characters that mean something in HTML escaped.
    Html,
}

/// Ends of names of files that browsers read.
const PAGES: &[&str] = &[".html", ".htm", ".xhtml", ".svg"];

impl Manner {
    /// The manner of the text at this place of a parameter file.
    pub(super) fn of(at: &Path, text: &str, tree: &Node) -> Manner {
        let name = |segment: &'_ Segment| match segment {
            Segment::Key(name) => name.clone().into_owned(),
            Segment::Index(_) => "[]".to_owned(),
        };
        let names: Vec<String> = at.segments().iter().map(name).collect();
        match &names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["run", "[]"] | ["cloud_config", "runcmd" | "bootcmd", "[]"] => Manner::Shell,
            ["run", "[]", "[]"] | ["cloud_config", "runcmd" | "bootcmd", "[]", "[]"] => {
                if is_for_shell(at, tree) {
                    Manner::Shell
                } else {
                    Manner::Plain
                }
            }
            ["web", "index"] => Manner::Html,
            ["files", "[]", "content"] | ["cloud_config", "write_files", "[]", "content"] => {
                Manner::of_file(&beside(at, tree, "path"), text)
            }
            ["parts", "[]", "content"] => Manner::of_file("", text),
            _ => Manner::Plain,
        }
    }

    /// The manner of a file, by its name and its first line.
    fn of_file(name: &str, text: &str) -> Manner {
        let first = text.lines().next().unwrap_or_default();
        let mut words = first.strip_prefix("#!").unwrap_or_default().split_whitespace();
        if words.any(shell::is_shell) || name.ends_with(".sh") {
            return Manner::Shell;
        }
        match PAGES.iter().any(|end| name.ends_with(end)) {
            true => Manner::Html,
            false => Manner::Plain,
        }
    }

    /// How a cell behind `before` is written.
    pub(super) fn quote(self, before: &str) -> Quote {
        match self {
            Manner::Plain => Quote::Plain,
            Manner::Html => Quote::Html,
            Manner::Shell => Quote::Shell(Spot::behind(before)),
        }
    }
}

impl Quote {
    /// A text as it is written; or why it cannot be.
    pub(super) fn write(self, text: &str) -> Result<String, &'static str> {
        match self {
            Quote::Plain => Ok(text.to_owned()),
            Quote::Html => Ok(html_text(text)),
            Quote::Shell(spot) => shell::write(text, spot),
        }
    }
}

/// Is this argument of a command a command again, as in `[bash, -c, …]`?
fn is_for_shell(at: &Path, tree: &Node) -> bool {
    let (Some(command), Some(Segment::Index(index))) = (at.parent(), at.segments().last()) else {
        return false;
    };
    let words = tree.get(&command).map(Node::items).unwrap_or_default();
    let word = |index: usize| words.get(index).and_then(Node::as_scalar).map(|word| &word.text[..]);
    let flag = index.checked_sub(1).and_then(word);
    let flag = flag.is_some_and(|flag| flag.starts_with('-') && flag.ends_with('c'));
    flag && (0..*index).filter_map(word).any(shell::is_shell)
}

/// The text at another key of the same map.
fn beside(at: &Path, tree: &Node, key: &'static str) -> String {
    let map = at.parent().and_then(|parent| tree.get(&parent));
    let value = map.and_then(|map| map.entry(key)).and_then(|entry| entry.value.as_scalar());
    value.map(|scalar| scalar.text.to_string()).unwrap_or_default()
}
