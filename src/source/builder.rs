//! Builds the tree of a document from the events of the YAML reader.
//!
//! In: events with character positions. Out: a [`Node`] with byte positions, or the list of
//! mistakes. Memory and depth are limited, however the aliases are nested.

use std::{collections::HashMap, sync::Arc};

use saphyr_parser::{Event, ScalarStyle, Span as CharSpan, Tag};

use super::merged::Merged;
use super::{
    Entry, Kind, Node, Scalar, Source, Span, SyntaxError,
    check::{binary, duplicate_key, foreign_tag, is_binary, key_of, retyped, tab_in_indent},
};

/// The most nodes of a document, with aliases written out.
const MAX_NODES: usize = 100_000;
/// The most bytes of all texts, with aliases written out.
const MAX_TEXT: usize = 4 * super::MAX_BYTES;
/// After this many mistakes the reading ends.
const MAX_ERRORS: usize = 100;
/// The deepest nesting of lists and maps, with aliases written out.
const MAX_DEPTH: usize = 64;

/// A tree with what the limits need to know about it.
#[derive(Clone)]
struct Part {
    node: Node,
    /// Nodes in it.
    size: usize,
    /// Bytes of its texts.
    bytes: usize,
    /// Levels of lists and maps in it.
    height: usize,
}

/// A list or map that is not closed yet.
struct Frame {
    anchor: usize,
    start: usize,
    /// Where its last child ends.
    end: usize,
    size: usize,
    bytes: usize,
    height: usize,
    body: Body,
}

enum Body {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, places: HashMap<String, usize>, key: Key, merged: Merged },
}

/// The key whose value comes next.
enum Key {
    None,
    Is(String, Span),
    /// `<<`: the keys of its value belong to the map.
    Merge,
    /// It was reported; its value is dropped.
    Bad,
}

pub(super) struct Builder {
    source: Arc<Source>,
    /// The byte of each character; empty when all are one byte long.
    bytes: Vec<u32>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Part>,
    root: Option<Node>,
    nodes: usize,
    text: usize,
    documents: usize,
    errors: Vec<SyntaxError>,
}

impl Builder {
    /// `bytes` has the byte of each character, or nothing when all are one byte long.
    pub(super) fn new(source: &Arc<Source>, bytes: Vec<u32>) -> Builder {
        Builder {
            source: Arc::clone(source),
            bytes,
            frames: Vec::new(),
            anchors: HashMap::new(),
            root: None,
            nodes: 0,
            text: 0,
            documents: 0,
            errors: Vec::new(),
        }
    }

    /// The tree, or all that was reported.
    pub(super) fn finish(mut self) -> Result<Node, Vec<SyntaxError>> {
        match self.root {
            Some(root) if self.errors.is_empty() => Ok(root),
            None if self.errors.is_empty() => {
                let message = "there is nothing in it but blank lines and comments";
                Err(vec![SyntaxError::new(Span::new(&self.source, 0..0), message)])
            }
            _ => {
                self.errors.sort_by_key(|error| error.span.start());
                Err(self.errors)
            }
        }
    }

    pub(super) fn report(&mut self, error: SyntaxError) {
        if !self.errors.iter().rev().take(2).any(|old| *old == error) {
            self.errors.push(error);
        }
    }

    /// Takes one event in; an error ends the reading.
    pub(super) fn event(&mut self, event: Event<'_>, at: CharSpan) -> Result<(), SyntaxError> {
        let span = self.char_span(at.start.index(), at.end.index());
        if self.errors.len() >= MAX_ERRORS {
            let message = format!("there are {MAX_ERRORS} mistakes above; the rest is not read");
            return Err(SyntaxError::new(span, message));
        }
        match event {
            Event::DocumentStart(_) => self.document(span),
            Event::Alias(id) => self.alias(id, span),
            Event::Scalar(text, style, anchor, tag) => {
                let scalar = self.scalar(&text, style, tag.as_deref(), &span);
                self.single(scalar, anchor, span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", &span);
                self.open(Body::List(Vec::new()), anchor, &span)
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", &span);
                self.open(Body::map(), anchor, &span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(&span),
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), SyntaxError> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        Err(SyntaxError::new(span, "a second document begins here")
            .help("a parameter file is one document: remove the `---` and what does not belong"))
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<(), SyntaxError> {
        self.check_tabs(&span);
        let Some(part) = self.anchors.get(&id) else {
            return Err(SyntaxError::new(span, "this alias stands inside the value it repeats")
                .help("remove it; a text that begins with `*` is put in quotes"));
        };
        let (size, bytes, height) = (part.size, part.bytes, part.height);
        self.count(size, bytes, &span)?;
        self.check_depth(height, &span)?;
        let part = self.anchors.get(&id).cloned();
        part.map_or(Ok(()), |part| self.place(part, span.end()))
    }

    fn single(&mut self, scalar: Scalar, anchor: usize, span: Span) -> Result<(), SyntaxError> {
        self.check_tabs(&span);
        let bytes = scalar.text.len();
        self.count(1, bytes, &span)?;
        let span = if scalar.text.is_empty() && scalar.plain && span.range().is_empty() {
            self.empty_place(span)
        } else {
            span
        };
        let end = span.end();
        let node = Node { kind: Kind::Scalar(scalar), span };
        let part = Part { node, size: 1, bytes, height: 0 };
        self.remember(anchor, &part)?;
        self.place(part, end)
    }

    fn open(&mut self, body: Body, anchor: usize, span: &Span) -> Result<(), SyntaxError> {
        self.check_tabs(span);
        self.count(1, 0, span)?;
        self.check_depth(1, span)?;
        let (start, end) = (span.start(), span.end());
        self.frames.push(Frame { anchor, start, end, size: 1, bytes: 0, height: 0, body });
        Ok(())
    }

    fn close(&mut self, span: &Span) -> Result<(), SyntaxError> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let bracket = span.text().starts_with([']', '}']);
        let end = if bracket { span.start() + 1 } else { frame.end };
        let kind = match frame.body {
            Body::List(items) => Kind::List(items),
            Body::Map { entries, places, merged, .. } => Kind::Map(merged.under(entries, &places)),
        };
        let node = Node { kind, span: Span::new(&self.source, frame.start..end) };
        let (size, bytes, height) = (frame.size, frame.bytes, frame.height + 1);
        let part = Part { node, size, bytes, height };
        self.remember(frame.anchor, &part)?;
        self.place(part, end)
    }

    /// Keeps a copy for the aliases of `anchor`; copies count against the limit too.
    fn remember(&mut self, anchor: usize, part: &Part) -> Result<(), SyntaxError> {
        if anchor > 0 {
            self.count(part.size, part.bytes, &part.node.span)?;
            self.anchors.insert(anchor, part.clone());
        }
        Ok(())
    }

    /// Puts a finished part where it belongs: into the open list or map, or at the root.
    fn place(&mut self, part: Part, end: usize) -> Result<(), SyntaxError> {
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(part.node);
            return Ok(());
        };
        frame.end = frame.end.max(end);
        frame.size += part.size;
        frame.bytes += part.bytes;
        frame.height = frame.height.max(part.height);
        let reported = match &mut frame.body {
            Body::List(items) => {
                items.push(part.node);
                None
            }
            Body::Map { entries, places, key, merged } => match std::mem::replace(key, Key::None) {
                Key::Is(key, key_span) => {
                    entries.push(Entry { key, key_span, value: part.node });
                    None
                }
                Key::Bad => None,
                Key::Merge => merged.take(part.node).err(),
                Key::None if Merged::is_key(&part.node) => {
                    *key = Key::Merge;
                    merged.begin(part.node.span).err()
                }
                Key::None => set_key(entries, places, key, part.node).err(),
            },
        };
        reported.into_iter().for_each(|error| self.report(error));
        Ok(())
    }

    fn count(&mut self, nodes: usize, bytes: usize, span: &Span) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(nodes);
        self.text = self.text.saturating_add(bytes);
        let message = if self.nodes > MAX_NODES {
            format!("the file holds more than {MAX_NODES} values")
        } else if self.text > MAX_TEXT {
            format!("the texts of the file are longer than {MAX_TEXT} bytes together")
        } else {
            return Ok(());
        };
        Err(SyntaxError::new(span.clone(), message)
            .help("aliases (`*name`) count as often as they are used"))
    }

    fn check_depth(&self, more: usize, span: &Span) -> Result<(), SyntaxError> {
        if self.frames.len() + more <= MAX_DEPTH {
            return Ok(());
        }
        let message = format!("lists and maps are nested more than {MAX_DEPTH} levels deep");
        Err(SyntaxError::new(span.clone(), message)
            .help("write it flat; a text that begins with `[` or `{` is put in quotes"))
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, span: &Span) -> Scalar {
        if tag.is_some_and(is_binary) {
            let text = binary(text, span).unwrap_or_else(|error| {
                self.report(error);
                String::new()
            });
            return Scalar { text, plain: false };
        }
        let plain = match tag {
            None => style == ScalarStyle::Plain,
            Some(tag) => retyped(tag, text, style, span).unwrap_or_else(|error| {
                self.report(error);
                false
            }),
        };
        Scalar { text: text.to_owned(), plain }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, allowed: &str, span: &Span) {
        let fits = |tag: &Tag| tag.is_yaml_core_schema() && tag.suffix == allowed;
        if let Some(tag) = tag.filter(|tag| !fits(tag)) {
            self.report(foreign_tag(tag, span));
        }
    }
}

impl Body {
    fn map() -> Body {
        let (places, merged) = (HashMap::new(), Merged::default());
        Body::Map { entries: Vec::new(), places, key: Key::None, merged }
    }
}

/// Where things are.
impl Builder {
    /// The span of a range of characters.
    pub(super) fn char_span(&self, start: usize, end: usize) -> Span {
        Span::new(&self.source, self.byte(start)..self.byte(end))
    }

    fn byte(&self, character: usize) -> usize {
        if self.bytes.is_empty() {
            return character;
        }
        self.bytes.get(character).map_or(self.source.text().len(), |byte| *byte as usize)
    }

    fn check_tabs(&mut self, span: &Span) {
        if let Some(error) = tab_in_indent(span) {
            self.report(error);
        }
    }

    /// The place of an empty value, which the reader gives as the next thing after it: the end of
    /// its key, or the dash of its item.
    fn empty_place(&self, span: Span) -> Span {
        let range = match self.frames.last().map(|frame| &frame.body) {
            Some(Body::Map { key: Key::Is(_, key_span), .. }) => key_span.end()..key_span.end(),
            Some(Body::List(_)) => match dash_before(self.source.text(), span.start()) {
                Some(dash) => dash..dash + 1,
                None => return span,
            },
            _ => return span,
        };
        Span::new(&self.source, range)
    }
}

/// The last `-` before `end` that begins an item, with nothing but blanks and comments after it.
fn dash_before(text: &str, end: usize) -> Option<usize> {
    let mut end = end;
    for line in text.get(..end)?.split('\n').rev() {
        let start = end - line.len();
        let code = line.split(" #").next().unwrap_or(line).trim_end();
        if code.ends_with('-') {
            return Some(start + code.len() - 1);
        }
        if !code.is_empty() && !code.trim_start().starts_with('#') {
            return None;
        }
        end = start.saturating_sub(1);
    }
    None
}

/// Takes `node` as the next key of a map.
fn set_key(
    entries: &[Entry],
    places: &mut HashMap<String, usize>,
    next: &mut Key,
    node: Node,
) -> Result<(), SyntaxError> {
    *next = Key::Bad;
    let (key, span) = key_of(node)?;
    if let Some(first) = places.get(&key).and_then(|at| entries.get(*at)) {
        return Err(duplicate_key(&key, span, first));
    }
    places.insert(key.clone(), entries.len());
    *next = Key::Is(key, span);
    Ok(())
}
