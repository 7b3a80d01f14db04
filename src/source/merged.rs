//! The key `<<`: the keys of another map are those of this one as well, unless it has them itself.
//!
//! In: the value of such a key, mostly an alias. Out: the entries of the map. Of several maps in a
//! list the first that has a key counts. <https://yaml.org/type/merge.html>

use std::collections::{HashMap, HashSet};

use super::{Entry, Kind, Node, Span, SyntaxError};

/// The entries that a map takes over.
#[derive(Default)]
pub(super) struct Merged {
    entries: Vec<Entry>,
    key: Option<Span>,
}

impl Merged {
    /// Is it the key of such entries? In quotes it is a key like others.
    pub(super) fn is_key(node: &Node) -> bool {
        node.as_scalar().is_some_and(|scalar| scalar.plain && scalar.text == "<<")
    }

    /// Takes the key.
    pub(super) fn begin(&mut self, key: Span) -> Result<(), SyntaxError> {
        match self.key.replace(key.clone()) {
            None => Ok(()),
            Some(first) => Err(SyntaxError::new(key, "the key `<<` stands here a second time")
                .help("write one, with a list: `<<: [*one, *two]`")
                .related(first, "first here")),
        }
    }

    /// Takes its value.
    pub(super) fn take(&mut self, value: Node) -> Result<(), SyntaxError> {
        let span = value.span;
        match value.kind {
            Kind::Map(entries) => self.entries.extend(entries),
            Kind::List(items) => {
                for item in items {
                    let Kind::Map(entries) = item.kind else { return Err(no_map(item.span)) };
                    self.entries.extend(entries);
                }
            }
            Kind::Scalar(_) => return Err(no_map(span)),
        }
        Ok(())
    }

    /// All entries of a map that has these itself, at these places.
    pub(super) fn under(self, own: Vec<Entry>, places: &HashMap<String, usize>) -> Vec<Entry> {
        let mut seen = HashSet::new();
        let mut entries: Vec<Entry> = self.entries;
        entries.retain(|entry| !places.contains_key(&entry.key) && seen.insert(entry.key.clone()));
        entries.extend(own);
        entries
    }
}

fn no_map(span: Span) -> SyntaxError {
    SyntaxError::new(span, "`<<` takes over the keys of a map, and this is none")
        .help("write the alias of a map, such as `<<: *name`, or a list of them")
}
