//! A part of user-data: its text, its tree, its shell texts, and where the file has them.

use std::ops::Range;
use std::sync::Arc;

use super::lines::{Lines, Rows};
use super::people::People;
use super::schema::{self, Fault};
use super::target::Version;
use super::{Shell, shells};
use crate::inspect::{self, Kind};
use crate::source::yaml11::{LoadError, Tree};
use crate::source::{Source, Span};

/// A part, as cloud-init reads it.
pub struct Part {
    /// What cloud-init takes it for.
    pub kind: Kind,
    /// Does the machine do anything with it?
    pub used: bool,
    /// Its file name, where it has one.
    pub name: Option<String>,
    /// Its text; all places are bytes in it.
    pub text: String,
    /// Is it cloud-config, or would it be one with the header?
    config: bool,
    /// Will something else be put in it before cloud-init reads it?
    pub template: bool,
    /// Its keys and values, if it is YAML that can be read.
    pub tree: Option<Tree>,
    /// Why it cannot be read.
    pub failure: Option<LoadError>,
    /// Where it differs from what cloud-init's schema allows.
    pub faults: Vec<Fault>,
    /// The commands and scripts in it.
    pub shells: Vec<Shell>,
    /// The accounts that it makes.
    pub people: People,
    source: Arc<Source>,
    lines: Option<Lines>,
}

/// The file that parts are taken out of.
pub(super) struct File<'a> {
    /// Its text.
    pub(super) outer: &'a Arc<Source>,
    /// The same as rows, once a part is looked for.
    pub(super) rows: Option<Rows<'a>>,
    /// The release that will read it, if it is known.
    pub(super) version: Option<Version>,
}

impl Part {
    /// The only part of a file without an envelope.
    pub(super) fn bare(part: &mut inspect::Part, file: &File) -> Part {
        let same = String::from_utf8(std::mem::take(&mut part.content)).ok();
        let same = same.filter(|text| text == file.outer.text());
        let text = same.unwrap_or_else(|| file.outer.text().to_owned());
        Part::read(part, text, Arc::clone(file.outer), None, file.version)
    }

    /// A part within envelopes; one of several has a number.
    pub(super) fn within(
        part: &mut inspect::Part,
        envelopes: &str,
        number: Option<usize>,
        file: &mut File,
    ) -> Part {
        let content = std::mem::take(&mut part.content);
        let text = String::from_utf8_lossy(&content).into_owned();
        let rows = file.rows.get_or_insert_with(|| Rows::of(file.outer.text()));
        let (source, lines) = match rows.find(&text) {
            Some(lines) => (Arc::clone(file.outer), Some(lines)),
            None => {
                let number = number.map(|number| format!(", part {number}")).unwrap_or_default();
                let name = part.name.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
                let name = format!("{} ({envelopes}{number}{name})", file.outer.name());
                (Source::new(name, text.clone()), None)
            }
        };
        Part::read(part, text, source, lines, file.version)
    }

    fn read(
        part: &mut inspect::Part,
        text: String,
        source: Arc<Source>,
        lines: Option<Lines>,
        version: Option<Version>,
    ) -> Part {
        let (kind, name, used) = (part.kind.clone(), part.name.clone(), part.used);
        let jinja = kind == Kind::Jinja;
        let rendered = || text.split_once('\n').map_or("", |(_, rendered)| rendered);
        let config = kind == Kind::CloudConfig
            || jinja && schema::has_header(rendered())
            || kind == Kind::Unknown && schema::looks_like_config(&text);
        let template = jinja || config && schema::is_template(&text);
        let (tree, failure) = match std::mem::replace(&mut part.tree, Ok(None)) {
            Ok(tree) => (tree, None),
            Err(error) => (None, config.then_some(error)),
        };
        let mut part = Part {
            kind,
            used,
            name,
            text,
            config,
            template,
            tree,
            failure,
            faults: Vec::new(),
            shells: Vec::new(),
            people: People::default(),
            source,
            lines,
        };
        if let Some(tree) = part.tree.as_ref().filter(|_| config) {
            part.faults = schema::check(tree, &part.text, version);
            part.people = People::of(tree);
        }
        part.shells = shells::collect(&part);
        part
    }

    /// Is it cloud-config, with or without its header?
    pub fn is_config(&self) -> bool {
        self.config
    }

    /// The value of a key at the top.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.tree.as_ref()?.get(key)
    }

    /// The items of a list at the top.
    pub fn items(&self, key: &str) -> &[Tree] {
        self.get(key).map(Tree::items).unwrap_or_default()
    }

    /// A stretch of the part, where the file has it, or near there.
    pub fn span(&self, range: Range<usize>) -> Span {
        match &self.lines {
            None => Span::new(&self.source, range),
            Some(lines) => Span::new(&self.source, lines.near(range)),
        }
    }

    /// The same, if the file has it just as it is.
    pub fn exact(&self, range: Range<usize>) -> Option<Span> {
        match &self.lines {
            None => Some(Span::new(&self.source, range)),
            Some(lines) => lines.exact(range).map(|range| Span::new(&self.source, range)),
        }
    }

    /// The text that the file has there.
    pub fn written(&self, tree: &Tree) -> &str {
        self.text.get(tree.range.clone()).unwrap_or_default()
    }

    /// The source that its places are in.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The bytes of the line that holds a byte.
    pub fn line(&self, byte: usize) -> Range<usize> {
        let before = self.text.get(..byte).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = self.text.get(start..).unwrap_or_default();
        start..start + rest.find('\n').unwrap_or(rest.len())
    }
}
