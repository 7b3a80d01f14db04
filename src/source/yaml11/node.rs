//! A value whose tag is known, not yet made into what PyYAML makes of it.

use std::{borrow::Cow, fmt, ops::Range, rc::Rc};

use super::{Yaml11, resolve::special, tree::Style};

/// The start of the tags that YAML itself defines.
pub(super) const CORE: &str = "tag:yaml.org,2002:";

/// What a value is by its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// One of YAML's own, without [`CORE`].
    Core(Cow<'static, str>),
    /// Any other.
    Other(String),
}

impl Tag {
    fn of(full: String) -> Tag {
        match full.strip_prefix(CORE) {
            Some(name) => Tag::Core(name.to_owned().into()),
            None => Tag::Other(full),
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tag::Core(name) => write!(f, "{CORE}{name}"),
            Tag::Other(name) => f.write_str(name),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Node<'a> {
    pub(super) tag: Tag,
    pub(super) body: Body<'a>,
    pub(super) line: usize,
    /// The bytes of it.
    pub(super) range: Range<usize>,
    pub(super) style: Style,
}

impl Node<'_> {
    /// Has it this tag of YAML's own?
    pub(super) fn is(&self, tag: &str) -> bool {
        matches!(&self.tag, Tag::Core(name) if name == tag)
    }
}

#[derive(Clone, Debug)]
pub(super) enum Body<'a> {
    Scalar(Cow<'a, str>),
    Sequence(Vec<Rc<Node<'a>>>),
    Mapping(Vec<(Rc<Node<'a>>, Rc<Node<'a>>)>),
}

/// What stands before a value.
#[derive(Default)]
pub(super) struct Properties {
    pub(super) anchor: Option<String>,
    pub(super) tag: Option<String>,
}

impl Properties {
    /// Whether the value's own looks decide.
    pub(super) fn is_implicit(&self) -> bool {
        self.tag.as_deref().is_none_or(|tag| tag == "!")
    }

    pub(super) fn tag_or(self, default: &'static str) -> Tag {
        if self.is_implicit() {
            Tag::Core(default.into())
        } else {
            Tag::of(self.tag.unwrap_or_default())
        }
    }
}

/// A scalar as it was written.
pub(super) struct Written<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) line: usize,
    pub(super) range: Range<usize>,
    pub(super) style: Style,
}

impl<'a> Written<'a> {
    /// Its node; its looks decide about its tag if it counts as `plain`.
    pub(super) fn node(self, properties: Properties, plain: bool) -> Rc<Node<'a>> {
        let Written { text, line, range, style } = self;
        let tag = properties.tag_or(if plain { plain_tag(&text) } else { "str" });
        Rc::new(Node { tag, body: Body::Scalar(text), line, range, style })
    }
}

fn plain_tag(text: &str) -> &'static str {
    match special(text) {
        Some(Yaml11::Null) => "null",
        Some(Yaml11::Bool(_)) => "bool",
        Some(Yaml11::Int(_) | Yaml11::BigInt(_)) => "int",
        Some(Yaml11::Float(_)) => "float",
        Some(Yaml11::Timestamp(_)) => "timestamp",
        Some(Yaml11::Merge) => "merge",
        Some(Yaml11::Value) => "value",
        Some(Yaml11::Invalid(_)) => "invalid",
        _ => "str",
    }
}
