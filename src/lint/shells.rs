//! Every shell text of a part: `runcmd`, `bootcmd`, scripts that files hold, and the part itself.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Part;
use super::lines::Lines;
use crate::inspect::Kind;
use crate::shell::{self, Command, Loop, Script, Word};
use crate::source::yaml11::{Body, Tree};

/// Where a shell text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `runcmd`: once, at the end of the first boot.
    Runcmd,
    /// `bootcmd`: early on every boot.
    Bootcmd,
    /// A script that `write_files` lays down under this path.
    File(String),
    /// A part that is a script.
    Script,
    /// A part that runs early on every boot.
    Boothook,
}

impl Origin {
    /// Is it run by cloud-init itself, so that cloud-init waits for it?
    pub fn is_of_cloud_init(&self) -> bool {
        !matches!(self, Origin::File(_))
    }

    /// Is it one of the lists of commands?
    pub fn is_list(&self) -> bool {
        matches!(self, Origin::Runcmd | Origin::Bootcmd)
    }
}

/// A shell text; all places are bytes of its part.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Where it comes from.
    pub origin: Origin,
    /// Is it for bash, whose language is larger than that of `sh`?
    pub bash: bool,
    /// Its commands.
    pub commands: Vec<Command>,
    /// Its loops, with commands by number.
    pub loops: Vec<Loop>,
    /// Where the end of a text behind `<<` is named that never comes, if the rest can be told.
    pub unclosed: Vec<Range<usize>>,
    /// Has it more commands than are looked at?
    pub cut: bool,
    /// Items of a list of commands, or nothing of a script.
    pub items: Vec<Range<usize>>,
    /// Its text; of a list, that of all items.
    pub text: String,
    /// Where all of it is.
    pub range: Range<usize>,
}

impl Shell {
    /// The commands, each with the one that gets its output.
    pub fn pipes(&self) -> impl Iterator<Item = (&Command, &Command)> {
        self.commands.windows(2).filter_map(|pair| {
            (pair[0].next == shell::Next::Pipe && pair[1].piped).then_some((&pair[0], &pair[1]))
        })
    }
}

pub(super) fn collect(part: &Part) -> Vec<Shell> {
    let mut shells = Vec::new();
    match part.kind {
        Kind::Script | Kind::ScriptByFrequency => whole(part, Origin::Script, &mut shells),
        Kind::Boothook => whole(part, Origin::Boothook, &mut shells),
        _ => {}
    }
    if !part.is_config() {
        return shells;
    }
    for (key, origin) in [("runcmd", Origin::Runcmd), ("bootcmd", Origin::Bootcmd)] {
        let Some(list) = part.get(key) else { continue };
        let gatherer = Gatherer::new(part);
        match &list.body {
            Body::List(items) if !items.is_empty() => shells.push(gatherer.list(origin, list)),
            Body::Scalar(_) if list.as_str().is_some() => {
                shells.push(gatherer.list(origin, list));
            }
            _ => {}
        }
    }
    shells.extend(part.items("write_files").iter().filter_map(|file| of_file(part, file)));
    // A payload can have thousands of parts with one each.
    shells.shrink_to_fit();
    shells
}

/// A part that is a script.
fn whole(part: &Part, origin: Origin, shells: &mut Vec<Shell>) {
    let text = part.text.strip_prefix("#cloud-boothook").unwrap_or(&part.text);
    let before = part.text.len() - text.len();
    let Some(bash) = interpreter(text.trim_start()) else { return };
    let mut script = shell::parse(text);
    move_all(&mut script, |range| range.start + before..range.end + before);
    let mut shell = Shell {
        origin,
        bash,
        commands: script.commands,
        loops: script.loops,
        unclosed: script.unclosed,
        cut: script.cut,
        items: Vec::new(),
        text: text.to_owned(),
        range: before..part.text.len(),
    };
    open_inner(&mut shell.commands);
    shells.push(shell);
}

/// Is it a script for a shell, and for bash? Nothing if it is for another program.
fn interpreter(text: &str) -> Option<bool> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let first = words.next()?;
    let program = if first == "env" { words.find(|word| !word.starts_with('-'))? } else { first };
    shell::is_shell(program).then_some(!matches!(program, "sh" | "dash" | "ash"))
}

/// The text of a file, decoded, and whether its places are known.
pub(super) fn content(file: &Tree) -> Option<(String, bool)> {
    let text = file.get("content")?.as_str()?;
    let encoding = file.get("encoding").and_then(Tree::as_str).unwrap_or_default().to_lowercase();
    if encoding.is_empty() || encoding == "text/plain" {
        return Some((text.to_owned(), true));
    }
    if encoding.contains("gz") || !encoding.contains("64") {
        return None;
    }
    let packed: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = STANDARD.decode(packed).ok()?;
    String::from_utf8(bytes).ok().map(|text| (text, false))
}

fn of_file(part: &Part, file: &Tree) -> Option<Shell> {
    let path = file.get("path")?.as_str()?;
    let (text, placed) = content(file)?;
    let bash = interpreter(&text)?;
    let range = file.get("content")?.range.clone();
    let lines = Lines::find(&text, &part.text, range.clone()).filter(|_| placed);
    let mut script = shell::parse(&text);
    move_all(&mut script, |own| lines.as_ref().map_or(range.clone(), |lines| lines.near(own)));
    open_inner(&mut script.commands);
    let origin = Origin::File(path.to_owned());
    let Script { commands, loops, unclosed, cut, .. } = script;
    Some(Shell { origin, bash, commands, loops, unclosed, cut, items: Vec::new(), text, range })
}

/// A run of items that are text, which the shell reads as one.
struct Gatherer<'a> {
    part: &'a Part,
    /// The text so far, and where each item begins in it and stands in the part.
    text: String,
    starts: Vec<(usize, Range<usize>)>,
    script: Script,
}

impl<'a> Gatherer<'a> {
    fn new(part: &'a Part) -> Gatherer<'a> {
        Gatherer { part, text: String::new(), starts: Vec::new(), script: Script::default() }
    }

    fn list(mut self, origin: Origin, list: &Tree) -> Shell {
        let mut whole = String::new();
        let alone = std::slice::from_ref(list);
        let items = if list.is_list() { list.items() } else { alone };
        for item in items {
            match &item.body {
                Body::Scalar(_) => {
                    let Some(text) = item.as_str() else { continue };
                    whole += text;
                    whole += "\n";
                    self.add(text, item);
                }
                Body::List(words) => {
                    self.flush();
                    let words: Vec<Word> =
                        words.iter().filter_map(|word| self.word(word)).collect();
                    if !words.is_empty() {
                        self.script.commands.push(Command::of(words));
                    }
                }
                Body::Map(_) => {}
            }
        }
        self.flush();
        open_inner(&mut self.script.commands);
        Shell {
            origin,
            bash: false,
            commands: self.script.commands,
            loops: self.script.loops,
            unclosed: self.script.unclosed,
            cut: self.script.cut,
            items: items.iter().map(|item| item.range.clone()).collect(),
            text: whole,
            range: list.range.clone(),
        }
    }

    fn word(&self, word: &Tree) -> Option<Word> {
        let text = match word.as_str() {
            Some(text) => text.into(),
            None => word.scalar().map(|_| self.part.written(word).into())?,
        };
        Some(Word { text, range: word.range.clone(), quoted: true, expands: false })
    }

    fn add(&mut self, text: &str, item: &Tree) {
        self.starts.push((self.text.len(), item.range.clone()));
        self.text += text;
        self.text += "\n";
    }

    /// Reads the run as one script.
    fn flush(&mut self) {
        let mut script = shell::parse(&self.text);
        // Commands come in the order of the items: nearly always of the one that was last looked for.
        let mut last = None;
        move_all(&mut script, |range| {
            let after = self.starts.partition_point(|(start, _)| *start <= range.start);
            let Some(item) = after.checked_sub(1) else { return range };
            let (start, whole) = &self.starts[item];
            if last.as_ref().is_none_or(|(known, _)| *known != item) {
                last = Some((item, self.lines(item)));
            }
            let own =
                range.start - start..range.end.saturating_sub(*start).max(range.start - start);
            let lines = last.as_ref().and_then(|(_, lines)| lines.as_ref());
            lines.map_or(whole.clone(), |lines| lines.near(own))
        });
        self.script.append(script);
        self.text.clear();
        self.starts.clear();
    }

    /// Where the lines of an item stand in the part.
    fn lines(&self, item: usize) -> Option<Lines> {
        let (start, whole) = self.starts.get(item)?;
        let end = self.starts.get(item + 1).map_or(self.text.len(), |(next, _)| *next);
        Lines::find(self.text.get(*start..end - 1)?, &self.part.text, whole.clone())
    }
}

fn move_all(script: &mut Script, mut place: impl FnMut(Range<usize>) -> Range<usize>) {
    for command in &mut script.commands {
        let redirected = command.redirects.iter_mut().map(|redirect| &mut redirect.target);
        for word in command.words.iter_mut().chain(&mut command.assigned).chain(redirected) {
            word.range = place(word.range.clone());
        }
        command.range = place(command.range.clone());
    }
    for one in &mut script.loops {
        one.range = place(one.range.clone());
    }
    if script.open {
        script.unclosed.clear();
    }
    for range in &mut script.unclosed {
        *range = place(range.clone());
    }
}

/// Commands that a shell is given behind `-c` are commands as well.
fn open_inner(commands: &mut Vec<Command>) {
    let inner: Vec<(Word, Command)> =
        commands.iter().filter_map(|one| Some((one.inner()?.clone(), one.clone()))).collect();
    for (word, outer) in inner {
        let mut script = shell::parse(&word.text);
        move_all(&mut script, |_| word.range.clone());
        for mut command in script.commands {
            command.conditional |= outer.conditional;
            commands.push(command);
        }
    }
}
