//! A document as PyYAML reads it, in which every value and key knows where it was written.
//!
//! In: a text. Out: a [`Tree`]; keys that stand twice are all in it, and the last one counts.

use std::{collections::HashMap, ops::Range, rc::Rc};

use super::{
    LoadError, Yaml11, check_printable, compose,
    construct::{self, Identity, MAX_BYTES, MAX_DEPTH, MAX_NODES, Made, TOO_MUCH, refuse},
    node::{self, Node, Tag},
    scanner,
};

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    /// The value.
    pub body: Body,
    /// Its bytes in the text; those of an alias are where its anchor is.
    pub range: Range<usize>,
    /// How it was written, if it is a scalar.
    pub style: Style,
}

/// What a value can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A single value.
    Scalar(Yaml11),
    /// Items in their order.
    List(Vec<Tree>),
    /// Keys with values in the order of the text, behind those that come from `<<`.
    Map(Vec<Pair>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The key.
    pub key: Tree,
    /// Its value.
    pub value: Tree,
    /// Does it count, since no later one has the same key?
    pub counts: bool,
    /// Does it come from `<<`?
    pub merged: bool,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// Behind `|` or `>`.
    Block,
}

impl Tree {
    /// The value of `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.pair(key).map(|pair| &pair.value)
    }

    /// The key and its value.
    pub fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs().find(|pair| pair.key.as_str() == Some(key))
    }

    /// The keys that count, with their values; none if this is no map.
    pub fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.all_pairs().iter().filter(|pair| pair.counts)
    }

    /// All keys with values, those that stand twice included; none if this is no map.
    pub fn all_pairs(&self) -> &[Pair] {
        if let Body::Map(pairs) = &self.body { pairs } else { &[] }
    }

    /// The items; none if this is no list.
    pub fn items(&self) -> &[Tree] {
        if let Body::List(items) = &self.body { items } else { &[] }
    }

    /// The single value, if this is one.
    pub fn scalar(&self) -> Option<&Yaml11> {
        if let Body::Scalar(value) = &self.body { Some(value) } else { None }
    }

    /// The text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Body::Scalar(Yaml11::Str(text)) = &self.body { Some(text) } else { None }
    }

    /// Whether it is true or false, if it is one of them.
    pub fn as_bool(&self) -> Option<bool> {
        if let Body::Scalar(Yaml11::Bool(value)) = &self.body { Some(*value) } else { None }
    }

    /// Is it a map?
    pub fn is_map(&self) -> bool {
        matches!(self.body, Body::Map(_))
    }

    /// Is it a list?
    pub fn is_list(&self) -> bool {
        matches!(self.body, Body::List(_))
    }

    /// Is it nothing?
    pub fn is_null(&self) -> bool {
        matches!(self.body, Body::Scalar(Yaml11::Null))
    }
}

/// Reads a document as `yaml.safe_load` does, with places; `None` if there is nothing in it.
///
/// # Errors
/// When PyYAML refuses it, and when it is too deep or too large to be followed.
pub fn tree(text: &str) -> Result<Option<Tree>, LoadError> {
    document(text, Twice::LastCounts).map_err(|error| {
        let beyond = [scanner::TOO_DEEP, TOO_MUCH, compose::OWN_VALUE];
        match beyond.iter().any(|words| error.ends_with(words)) {
            true => LoadError::Beyond(error),
            false => LoadError::Refused(error),
        }
    })
}

/// What becomes of a key that stands twice in a map.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Twice {
    Refused,
    LastCounts,
}

/// The document of a text, if there is one.
pub(super) fn document(text: &str, twice: Twice) -> Made<Option<Tree>> {
    check_printable(text)?;
    let Some(node) = compose::compose(text)? else { return Ok(None) };
    Builder { twice, nodes: 0, bytes: 0, depth: 0 }.value(node).map(Some)
}

struct Builder {
    twice: Twice,
    nodes: usize,
    bytes: usize,
    depth: usize,
}

/// A key, its value, and whether they come from `<<`.
type Entry<'a> = (Rc<Node<'a>>, Rc<Node<'a>>, bool);

impl Builder {
    fn value(&mut self, node: Rc<Node>) -> Made<Tree> {
        let Node { tag, body, line, range, style } = Rc::unwrap_or_clone(node);
        self.nodes += 1;
        self.depth += 1;
        if let node::Body::Scalar(text) = &body {
            self.bytes += text.len();
        }
        if self.nodes > MAX_NODES || self.bytes > MAX_BYTES || self.depth > MAX_DEPTH {
            return refuse(line, TOO_MUCH);
        }
        let body = match (&tag, body) {
            (Tag::Core(tag), node::Body::Scalar(text)) => {
                Body::Scalar(construct::scalar(tag, text, line)?)
            }
            (Tag::Core(tag), node::Body::Sequence(items)) if tag == "seq" => {
                Body::List(items.into_iter().map(|item| self.value(item)).collect::<Made<_>>()?)
            }
            (Tag::Core(tag), node::Body::Mapping(pairs)) if tag == "map" || tag == "set" => {
                Body::Map(self.map(pairs, line)?)
            }
            _ => return refuse(line, format!("the tag `{tag}` means nothing here")),
        };
        self.depth -= 1;
        Ok(Tree { body, range, style })
    }

    fn map<'a>(&mut self, own: Vec<(Rc<Node<'a>>, Rc<Node<'a>>)>, line: usize) -> Made<Vec<Pair>> {
        let mut entries = Vec::new();
        self.flatten(own, line, 0, false, &mut entries)?;
        let mut pairs = Vec::with_capacity(entries.len());
        for (key, value, merged) in entries {
            let line = key.line;
            let (key, value) = (self.key(key)?, self.value(value)?);
            pairs.push((Pair { key, value, counts: true, merged }, line));
        }
        let (mut last, mut lost) = (HashMap::new(), Vec::new());
        for (number, (pair, line)) in pairs.iter().enumerate() {
            let Body::Scalar(key) = &pair.key.body else { continue };
            let Some(before) = last.insert(Identity::of(key, number), number) else { continue };
            if self.twice == Twice::Refused && !pairs[before].0.merged {
                return refuse(*line, format!("a key stands here twice: {key:?}"));
            }
            lost.push(before);
        }
        let mut pairs: Vec<Pair> = pairs.into_iter().map(|(pair, _)| pair).collect();
        lost.into_iter().for_each(|number| pairs[number].counts = false);
        Ok(pairs)
    }

    fn key(&mut self, node: Rc<Node>) -> Made<Tree> {
        match &node.body {
            node::Body::Scalar(text) if node.is("value") => {
                let body = Body::Scalar(Yaml11::Str(text.clone().into_owned()));
                Ok(Tree { body, range: node.range.clone(), style: node.style })
            }
            node::Body::Scalar(_) => self.value(node),
            _ => refuse(node.line, "a list or a map cannot be a key"),
        }
    }

    /// The entries that come from `<<`, then the map's own.
    fn flatten<'a>(
        &mut self,
        pairs: Vec<(Rc<Node<'a>>, Rc<Node<'a>>)>,
        line: usize,
        depth: usize,
        merged: bool,
        entries: &mut Vec<Entry<'a>>,
    ) -> Made<()> {
        // Its own are counted when they are made; what `<<` repeats could be without end.
        self.nodes += if merged { pairs.len() } else { 0 };
        if self.nodes > MAX_NODES || depth > MAX_DEPTH {
            return refuse(line, TOO_MUCH);
        }
        let (merges, own): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(key, _)| key.is("merge"));
        if let [(key, _), _, ..] = &merges[..]
            && self.twice == Twice::Refused
        {
            return refuse(key.line, "a key stands here twice: `<<`");
        }
        for (_, value) in merges {
            let maps = match &value.body {
                node::Body::Sequence(maps) => maps.iter().rev().cloned().collect(),
                _ => vec![value],
            };
            for map in maps {
                let Node { body, line, .. } = Rc::unwrap_or_clone(map);
                let node::Body::Mapping(pairs) = body else {
                    return refuse(line, "`<<` is followed by a map or a list of maps");
                };
                self.flatten(pairs, line, depth + 1, true, entries)?;
            }
        }
        entries.extend(own.into_iter().map(|(key, value)| (key, value, merged)));
        Ok(())
    }
}

/// The value without its places. A key that stands twice is where it stands first, with what stands
/// there last.
impl From<Tree> for Yaml11 {
    fn from(tree: Tree) -> Yaml11 {
        match tree.body {
            Body::Scalar(value) => value,
            Body::List(items) => Yaml11::List(items.into_iter().map(Yaml11::from).collect()),
            Body::Map(pairs) => {
                let keys = pairs.iter().enumerate().map(|(number, pair)| match &pair.key.body {
                    Body::Scalar(key) => Identity::of(key, number),
                    _ => Identity::Number(String::new()),
                });
                let mut first = HashMap::new();
                let places: Vec<usize> = keys
                    .map(|key| {
                        let next = first.len();
                        *first.entry(key).or_insert(next)
                    })
                    .collect();
                drop(first);
                let mut entries: Vec<(Yaml11, Yaml11)> = Vec::with_capacity(pairs.len());
                for (place, Pair { key, value, .. }) in places.into_iter().zip(pairs) {
                    match entries.get_mut(place) {
                        Some(entry) => entry.1 = value.into(),
                        None => entries.push((key.into(), value.into())),
                    }
                }
                Yaml11::Map(entries)
            }
        }
    }
}
