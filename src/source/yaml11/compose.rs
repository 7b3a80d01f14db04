//! The grammar of a document: from tokens to nodes with tags.
//!
//! In: the tokens of the scanner. Out: a [`Node`], in which every tag is written in full and
//! aliases share what they repeat. This is PyYAML's `parser.py` and `composer.py` in one.

use std::{collections::HashMap, fmt, rc::Rc};

use super::{
    construct::{MAX_NODES, TOO_MUCH},
    node::{Body, CORE, Node, Properties, Written},
    scanner::{MAX_DEPTH, Scanner, TOO_DEEP},
    token::{Kind, Mark, Token},
    tree::Style,
};

/// The end of a message about a value that repeats itself, which PyYAML can follow.
pub(super) const OWN_VALUE: &str = "stands inside its own value";

pub(super) type Composed<'a> = Result<Rc<Node<'a>>, String>;

pub(super) struct Composer<'a> {
    scanner: Scanner<'a>,
    handles: HashMap<String, String>,
    anchors: HashMap<String, Option<Rc<Node<'a>>>>,
    depth: usize,
    /// Values so far, each alias as one.
    nodes: usize,
    /// Brackets that are open.
    brackets: Vec<Collection>,
    /// The byte behind the last token that is no end of indentation.
    last: usize,
}

/// A list or a map.
#[derive(Clone, Copy)]
struct Collection {
    what: &'static str,
    start: Mark,
}

impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} that begins in {}", self.what, self.start)
    }
}

/// The document of `text`; `None` if there is none.
pub(super) fn compose(text: &str) -> Result<Option<Rc<Node<'_>>>, String> {
    let mut composer = Composer {
        scanner: Scanner::new(text),
        handles: default_handles(),
        anchors: HashMap::new(),
        depth: 0,
        nodes: 0,
        brackets: Vec::new(),
        last: 0,
    };
    let document = composer.document()?;
    if composer.peek()? != Kind::StreamEnd {
        return composer.error("a second document begins here");
    }
    Ok(document)
}

fn default_handles() -> HashMap<String, String> {
    [("!", "!"), ("!!", CORE)].map(|(a, b)| (a.to_owned(), b.to_owned())).into()
}

/// Documents.
impl<'a> Composer<'a> {
    fn peek(&mut self) -> Result<Kind, String> {
        self.scanner.peek_kind()
    }

    /// Takes the next token.
    fn take(&mut self) -> Result<Token<'a>, String> {
        let token = self.scanner.next()?;
        if !matches!(token.kind, Kind::BlockEnd | Kind::StreamEnd) {
            self.last = token.end;
        }
        Ok(token)
    }

    /// Takes the next token if it is of this kind.
    fn accept(&mut self, kind: Kind) -> Result<bool, String> {
        let found = self.peek()? == kind;
        if found {
            self.take()?;
        }
        Ok(found)
    }

    fn expect(&mut self, kind: Kind, message: impl fmt::Display) -> Result<(), String> {
        if self.accept(kind)? { Ok(()) } else { self.error(message) }
    }

    /// The next token is a mistake. Open brackets are where it may have been made.
    fn error<T>(&mut self, message: impl fmt::Display) -> Result<T, String> {
        let mark = self.scanner.peek_mark()?;
        match self.brackets.last() {
            Some(open) => self.scanner.error_at(mark, format!("{message}, in {open}")),
            None => self.scanner.error_at(mark, message),
        }
    }

    /// The start of a list or a map, taken.
    fn begin(&mut self, what: &'static str) -> Result<Collection, String> {
        let start = self.scanner.peek_mark()?;
        self.take()?;
        Ok(Collection { what, start })
    }

    fn document(&mut self) -> Result<Option<Rc<Node<'a>>>, String> {
        let node = match self.peek()? {
            Kind::StreamEnd => return Ok(None),
            Kind::DocumentStart | Kind::Version | Kind::TagDirective | Kind::OtherDirective => {
                self.explicit_document()?
            }
            _ => self.node(true, false)?,
        };
        while self.accept(Kind::DocumentEnd)? {}
        Ok(Some(node))
    }

    fn explicit_document(&mut self) -> Composed<'a> {
        self.directives()?;
        self.expect(Kind::DocumentStart, "`---` is expected here")?;
        match self.peek()? {
            Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd
            | Kind::Version
            | Kind::TagDirective
            | Kind::OtherDirective => self.empty(),
            _ => self.node(true, false),
        }
    }

    fn directives(&mut self) -> Result<(), String> {
        let mut handles = HashMap::new();
        let mut versions = 0;
        loop {
            match self.peek()? {
                Kind::OtherDirective => drop(self.scanner.next()?),
                Kind::Version => {
                    versions += 1;
                    let major = self.scanner.next()?.text;
                    if versions > 1 || major.trim_start_matches('0') != "1" {
                        return self.scanner.error("one `%YAML 1.1` is allowed");
                    }
                }
                Kind::TagDirective => {
                    let token = self.scanner.next()?;
                    let handle = token.handle.unwrap_or_default().to_owned();
                    if handles.insert(handle, token.text.into_owned()).is_some() {
                        return self.scanner.error("a `%TAG` stands here a second time");
                    }
                }
                _ => break,
            }
        }
        self.handles.extend(handles);
        Ok(())
    }
}

/// Values.
impl<'a> Composer<'a> {
    fn node(&mut self, block: bool, indentless: bool) -> Composed<'a> {
        if self.peek()? == Kind::Alias {
            return self.alias();
        }
        if self.depth >= 2 * MAX_DEPTH {
            return self.scanner.error(TOO_DEEP);
        }
        self.count()?;
        let properties = self.properties()?;
        let anchor = properties.anchor.clone();
        if let Some(anchor) = &anchor {
            self.declare(anchor)?;
        }
        self.depth += 1;
        let node = self.content(properties, block, indentless)?;
        self.depth -= 1;
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Some(Rc::clone(&node)));
        }
        Ok(node)
    }

    fn alias(&mut self) -> Composed<'a> {
        let token = self.take()?;
        let (name, mark) = (token.text, token.mark);
        match self.anchors.get(&*name) {
            Some(Some(node)) => Ok(Rc::clone(node)),
            Some(None) => self.scanner.error_at(mark, format!("`*{name}` {OWN_VALUE}")),
            None => self.scanner.error_at(mark, format!("`*{name}` has no `&{name}` before it")),
        }
    }

    fn declare(&mut self, anchor: &str) -> Result<(), String> {
        if self.anchors.insert(anchor.to_owned(), None).is_some() {
            return self.scanner.error(format!("`&{anchor}` stands here a second time"));
        }
        Ok(())
    }

    /// An anchor, a tag, or both in either order.
    fn properties(&mut self) -> Result<Properties, String> {
        let mut properties = Properties::default();
        loop {
            match self.peek()? {
                Kind::Anchor if properties.anchor.is_none() => {
                    properties.anchor = Some(self.take()?.text.into_owned());
                }
                Kind::Tag if properties.tag.is_none() => properties.tag = Some(self.full_tag()?),
                _ => return Ok(properties),
            }
        }
    }

    fn full_tag(&mut self) -> Result<String, String> {
        let token = self.take()?;
        match token.handle {
            None => Ok(token.text.into_owned()),
            Some(handle) => match self.handles.get(handle) {
                Some(prefix) => Ok(format!("{prefix}{}", token.text)),
                None => self.scanner.error(format!("the tag `{handle}` is not declared")),
            },
        }
    }

    fn content(&mut self, properties: Properties, block: bool, indentless: bool) -> Composed<'a> {
        let line = self.scanner.line + 1;
        let kind = self.peek()?;
        let start = self.scanner.peek_mark()?.index;
        let (tag, body) = match kind {
            Kind::BlockEntry if indentless => (properties.tag_or("seq"), self.items(None)?),
            Kind::Plain | Kind::Quoted | Kind::Block => return self.scalar(properties, line),
            Kind::FlowSequenceStart => (properties.tag_or("seq"), self.flow_sequence()?),
            Kind::FlowMappingStart => (properties.tag_or("map"), self.flow_mapping()?),
            Kind::BlockSequenceStart if block => {
                let list = self.begin("list")?;
                (properties.tag_or("seq"), self.items(Some(list))?)
            }
            Kind::BlockMappingStart if block => (properties.tag_or("map"), self.block_mapping()?),
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let implicit = properties.is_implicit();
                return Ok(nothing(line, start).node(properties, implicit));
            }
            _ => return self.error("a value is missing before this"),
        };
        let end = self.last.max(start);
        Ok(Rc::new(Node { tag, body, line, range: start..end, style: Style::Plain }))
    }

    fn scalar(&mut self, properties: Properties, line: usize) -> Composed<'a> {
        let token = self.take()?;
        let style = match token.kind {
            Kind::Plain => Style::Plain,
            Kind::Block => Style::Block,
            _ => Style::Quoted,
        };
        let untagged = properties.tag.is_none();
        let plain = token.kind == Kind::Plain && untagged || !untagged && properties.is_implicit();
        let range = token.mark.index..token.end;
        Ok(Written { text: token.text, line, range, style }.node(properties, plain))
    }

    fn empty(&mut self) -> Composed<'a> {
        self.count()?;
        Ok(nothing(self.scanner.line + 1, self.last).node(Properties::default(), true))
    }

    /// No more values are made than are followed.
    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { self.scanner.error(TOO_MUCH) } else { Ok(()) }
    }

    /// A value, or nothing if one of `ends` comes first.
    fn node_unless(&mut self, ends: &[Kind], block: bool, indentless: bool) -> Composed<'a> {
        if ends.contains(&self.peek()?) { self.empty() } else { self.node(block, indentless) }
    }
}

/// A value that is not there.
fn nothing(line: usize, at: usize) -> Written<'static> {
    Written { text: "".into(), line, range: at..at, style: Style::Plain }
}

/// Lists and maps.
impl<'a> Composer<'a> {
    /// The items of a block list; one without indentation has no start and end of its own.
    fn items(&mut self, list: Option<Collection>) -> Result<Body<'a>, String> {
        let ends: &[Kind] = match list {
            None => &[Kind::BlockEntry, Kind::Key, Kind::Value, Kind::BlockEnd],
            Some(_) => &[Kind::BlockEntry, Kind::BlockEnd],
        };
        let mut items = Vec::new();
        while self.accept(Kind::BlockEntry)? {
            items.push(self.node_unless(ends, true, false)?);
        }
        if let Some(list) = list {
            self.expect(Kind::BlockEnd, format!("this does not belong to {list}"))?;
        }
        Ok(Body::Sequence(items))
    }

    fn block_mapping(&mut self) -> Result<Body<'a>, String> {
        const ENDS: [Kind; 3] = [Kind::Key, Kind::Value, Kind::BlockEnd];
        let map = self.begin("map")?;
        let mut entries = Vec::new();
        while self.accept(Kind::Key)? {
            let key = self.node_unless(&ENDS, true, true)?;
            let value = match self.accept(Kind::Value)? {
                true => self.node_unless(&ENDS, true, true)?,
                false => self.empty()?,
            };
            entries.push((key, value));
        }
        self.expect(Kind::BlockEnd, format!("this does not belong to {map}"))?;
        Ok(Body::Mapping(entries))
    }

    fn flow_sequence(&mut self) -> Result<Body<'a>, String> {
        const END: Kind = Kind::FlowSequenceEnd;
        let list = self.begin("list")?;
        self.brackets.push(list);
        let mut items = Vec::new();
        while self.peek()? != END {
            if !items.is_empty() {
                self.expect(Kind::FlowEntry, "a `,` or `]` is expected here")?;
            }
            match self.peek()? {
                Kind::Key => items.push(self.single_pair()?),
                END => break,
                _ => items.push(self.node(false, false)?),
            }
        }
        self.expect(END, "a `]` is expected here")?;
        self.brackets.pop();
        Ok(Body::Sequence(items))
    }

    /// `[key: value]`, a map of one entry.
    fn single_pair(&mut self) -> Composed<'a> {
        let line = self.scanner.line + 1;
        let start = self.scanner.peek_mark()?.index;
        self.take()?;
        let pair = self.flow_pair(Kind::FlowSequenceEnd)?;
        let tag = Properties::default().tag_or("map");
        let range = start..self.last.max(start);
        let body = Body::Mapping(vec![pair]);
        Ok(Rc::new(Node { tag, body, line, range, style: Style::Plain }))
    }

    fn flow_pair(&mut self, end: Kind) -> Result<(Rc<Node<'a>>, Rc<Node<'a>>), String> {
        let key = self.node_unless(&[Kind::Value, Kind::FlowEntry, end], false, false)?;
        let value = match self.accept(Kind::Value)? {
            true => self.node_unless(&[Kind::FlowEntry, end], false, false)?,
            false => self.empty()?,
        };
        Ok((key, value))
    }

    fn flow_mapping(&mut self) -> Result<Body<'a>, String> {
        const END: Kind = Kind::FlowMappingEnd;
        let map = self.begin("map")?;
        self.brackets.push(map);
        let mut entries = Vec::new();
        while self.peek()? != END {
            if !entries.is_empty() {
                self.expect(Kind::FlowEntry, "a `,` or `}` is expected here")?;
            }
            if self.accept(Kind::Key)? {
                entries.push(self.flow_pair(END)?);
            } else if self.peek()? != END {
                entries.push((self.node(false, false)?, self.empty()?));
            }
        }
        self.expect(END, "a `}` is expected here")?;
        self.brackets.pop();
        Ok(Body::Mapping(entries))
    }
}
