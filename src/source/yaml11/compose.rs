//! The grammar of a document: from tokens to nodes with tags.
//!
//! In: the tokens of the scanner. Out: a [`Node`], in which every tag is written in full and
//! aliases share what they repeat. This is PyYAML's `parser.py` and `composer.py` in one.

use std::{collections::HashMap, fmt, rc::Rc};

use super::{
    Yaml11, resolve_plain,
    scanner::{MAX_DEPTH, Scanner, TOO_DEEP},
    token::{Kind, Mark},
};

/// The start of the tags that YAML itself defines.
pub(super) const CORE: &str = "tag:yaml.org,2002:";

/// The end of a message about a value that repeats itself, which PyYAML can follow.
pub(super) const OWN_VALUE: &str = "stands inside its own value";

/// A value whose tag is known, not yet made into a [`Yaml11`].
#[derive(Debug)]
pub(super) struct Node {
    pub(super) tag: String,
    pub(super) body: Body,
    pub(super) line: usize,
}

#[derive(Debug)]
pub(super) enum Body {
    Scalar(String),
    Sequence(Vec<Rc<Node>>),
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

pub(super) type Composed = Result<Rc<Node>, String>;

pub(super) struct Composer {
    scanner: Scanner,
    handles: HashMap<String, String>,
    anchors: HashMap<String, Option<Rc<Node>>>,
    depth: usize,
    /// Brackets that are open.
    brackets: Vec<Collection>,
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

/// What stands before a value.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<String>,
}

impl Properties {
    /// Whether the value's own looks decide.
    fn is_implicit(&self) -> bool {
        self.tag.as_deref().is_none_or(|tag| tag == "!")
    }

    fn tag_or(self, default: &str) -> String {
        if self.is_implicit() { format!("{CORE}{default}") } else { self.tag.unwrap_or_default() }
    }
}

/// The document of `text`; `None` if there is none.
pub(super) fn compose(text: &str) -> Result<Option<Rc<Node>>, String> {
    let mut composer = Composer {
        scanner: Scanner::new(text),
        handles: default_handles(),
        anchors: HashMap::new(),
        depth: 0,
        brackets: Vec::new(),
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
impl Composer {
    fn peek(&mut self) -> Result<Kind, String> {
        self.scanner.peek_kind()
    }

    /// Takes the next token if it is of this kind.
    fn accept(&mut self, kind: Kind) -> Result<bool, String> {
        let found = self.peek()? == kind;
        if found {
            self.scanner.next()?;
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
        self.scanner.next()?;
        Ok(Collection { what, start })
    }

    fn document(&mut self) -> Result<Option<Rc<Node>>, String> {
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

    fn explicit_document(&mut self) -> Composed {
        self.directives()?;
        self.expect(Kind::DocumentStart, "`---` is expected here")?;
        match self.peek()? {
            Kind::DocumentStart
            | Kind::DocumentEnd
            | Kind::StreamEnd
            | Kind::Version
            | Kind::TagDirective
            | Kind::OtherDirective => Ok(self.empty()),
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
                    let handle = token.handle.unwrap_or_default();
                    if handles.insert(handle, token.text).is_some() {
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
impl Composer {
    fn node(&mut self, block: bool, indentless: bool) -> Composed {
        if self.peek()? == Kind::Alias {
            return self.alias();
        }
        if self.depth >= 2 * MAX_DEPTH {
            return self.scanner.error(TOO_DEEP);
        }
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

    fn alias(&mut self) -> Composed {
        let name = self.scanner.next()?.text;
        match self.anchors.get(&name) {
            Some(Some(node)) => Ok(Rc::clone(node)),
            Some(None) => self.scanner.error(format!("`*{name}` {OWN_VALUE}")),
            None => self.scanner.error(format!("`*{name}` has no `&{name}` before it")),
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
                    properties.anchor = Some(self.scanner.next()?.text);
                }
                Kind::Tag if properties.tag.is_none() => properties.tag = Some(self.full_tag()?),
                _ => return Ok(properties),
            }
        }
    }

    fn full_tag(&mut self) -> Result<String, String> {
        let token = self.scanner.next()?;
        match token.handle {
            None => Ok(token.text),
            Some(handle) => match self.handles.get(&handle) {
                Some(prefix) => Ok(format!("{prefix}{}", token.text)),
                None => self.scanner.error(format!("the tag `{handle}` is not declared")),
            },
        }
    }

    fn content(&mut self, properties: Properties, block: bool, indentless: bool) -> Composed {
        let line = self.scanner.line + 1;
        let (tag, body) = match self.peek()? {
            Kind::BlockEntry if indentless => (properties.tag_or("seq"), self.items(None)?),
            Kind::Plain | Kind::Quoted => return self.scalar(properties, line),
            Kind::FlowSequenceStart => (properties.tag_or("seq"), self.flow_sequence()?),
            Kind::FlowMappingStart => (properties.tag_or("map"), self.flow_mapping()?),
            Kind::BlockSequenceStart if block => {
                let list = self.begin("list")?;
                (properties.tag_or("seq"), self.items(Some(list))?)
            }
            Kind::BlockMappingStart if block => (properties.tag_or("map"), self.block_mapping()?),
            _ if properties.anchor.is_some() || properties.tag.is_some() => {
                let implicit = properties.is_implicit();
                return Ok(scalar_node(properties, implicit, String::new(), line));
            }
            _ => return self.error("a value is missing before this"),
        };
        Ok(Rc::new(Node { tag, body, line }))
    }

    fn scalar(&mut self, properties: Properties, line: usize) -> Composed {
        let token = self.scanner.next()?;
        let untagged = properties.tag.is_none();
        let plain = token.kind == Kind::Plain && untagged || !untagged && properties.is_implicit();
        Ok(scalar_node(properties, plain, token.text, line))
    }

    fn empty(&self) -> Rc<Node> {
        scalar_node(Properties::default(), true, String::new(), self.scanner.line + 1)
    }

    /// A value, or nothing if one of `ends` comes first.
    fn node_unless(&mut self, ends: &[Kind], block: bool, indentless: bool) -> Composed {
        if ends.contains(&self.peek()?) { Ok(self.empty()) } else { self.node(block, indentless) }
    }
}

/// A scalar whose tag is decided by its looks if it counts as `plain`.
fn scalar_node(properties: Properties, plain: bool, text: String, line: usize) -> Rc<Node> {
    let tag = properties.tag_or(if plain { plain_tag(&text) } else { "str" });
    Rc::new(Node { tag, body: Body::Scalar(text), line })
}

fn plain_tag(text: &str) -> &'static str {
    match resolve_plain(text) {
        Yaml11::Null => "null",
        Yaml11::Bool(_) => "bool",
        Yaml11::Int(_) | Yaml11::BigInt(_) => "int",
        Yaml11::Float(_) => "float",
        Yaml11::Timestamp(_) => "timestamp",
        Yaml11::Merge => "merge",
        Yaml11::Value => "value",
        Yaml11::Invalid(_) => "invalid",
        _ => "str",
    }
}

/// Lists and maps.
impl Composer {
    /// The items of a block list; one without indentation has no start and end of its own.
    fn items(&mut self, list: Option<Collection>) -> Result<Body, String> {
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

    fn block_mapping(&mut self) -> Result<Body, String> {
        const ENDS: [Kind; 3] = [Kind::Key, Kind::Value, Kind::BlockEnd];
        let map = self.begin("map")?;
        let mut entries = Vec::new();
        while self.accept(Kind::Key)? {
            let key = self.node_unless(&ENDS, true, true)?;
            let value = match self.accept(Kind::Value)? {
                true => self.node_unless(&ENDS, true, true)?,
                false => self.empty(),
            };
            entries.push((key, value));
        }
        self.expect(Kind::BlockEnd, format!("this does not belong to {map}"))?;
        Ok(Body::Mapping(entries))
    }

    fn flow_sequence(&mut self) -> Result<Body, String> {
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
    fn single_pair(&mut self) -> Composed {
        let line = self.scanner.line + 1;
        self.scanner.next()?;
        let pair = self.flow_pair(Kind::FlowSequenceEnd)?;
        let tag = Properties::default().tag_or("map");
        Ok(Rc::new(Node { tag, body: Body::Mapping(vec![pair]), line }))
    }

    fn flow_pair(&mut self, end: Kind) -> Result<(Rc<Node>, Rc<Node>), String> {
        let key = self.node_unless(&[Kind::Value, Kind::FlowEntry, end], false, false)?;
        let value = match self.accept(Kind::Value)? {
            true => self.node_unless(&[Kind::FlowEntry, end], false, false)?,
            false => self.empty(),
        };
        Ok((key, value))
    }

    fn flow_mapping(&mut self) -> Result<Body, String> {
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
                entries.push((self.node(false, false)?, self.empty()));
            }
        }
        self.expect(END, "a `}` is expected here")?;
        self.brackets.pop();
        Ok(Body::Mapping(entries))
    }
}
