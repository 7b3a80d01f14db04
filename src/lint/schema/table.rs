//! The keys of cloud-init, their types and limits, read from `keys.tsv` once.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::lint::target::{Version, version};

const KEYS: &str = include_str!("keys.tsv");

/// A type that a value may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Str,
    Int,
    Num,
    Bool,
    Null,
    Any,
    /// A word of the list of modules.
    Module,
    /// One of these words; `true` and `false` are no texts.
    Enum(Vec<&'static str>),
    /// A map; closed, if it has no other keys than those of the table.
    Map {
        closed: bool,
    },
    /// A list of items of one of these types.
    List(Vec<Type>),
}

/// A form that a text has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// One line.
    Line,
    /// `name:password`
    Pair,
    /// Words joined by commas.
    Tags,
    /// A number of minutes: `5`, `+5`.
    Minutes,
    /// `512M`
    Size,
    /// `2032-09-01`
    Date,
}

/// Limits of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) required: bool,
    pub(super) unique: bool,
    pub(super) min: Option<usize>,
    pub(super) max: Option<usize>,
    /// The fewest keys of a map.
    pub(super) keys: Option<usize>,
    pub(super) least: Option<i128>,
    pub(super) pattern: Option<Pattern>,
}

/// Since when a key, or one of its values, is deprecated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Deprecation {
    pub(super) since: &'static str,
    /// The value or type; nothing for the whole key.
    pub(super) value: &'static str,
    /// What to write.
    pub(super) instead: &'static str,
}

/// A key.
#[derive(Debug, Default)]
pub(super) struct Key {
    pub(super) path: &'static str,
    pub(super) since: Version,
    pub(super) types: Vec<Type>,
    pub(super) deprecated: Option<Deprecation>,
    pub(super) limits: Limits,
    /// Keys below it by name, as places in the table; `*` for any name, `[]` for an item.
    pub(super) below: HashMap<&'static str, usize>,
}

/// All keys; the first one is the whole document.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) keys: Vec<Key>,
}

pub(super) fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::read(KEYS))
}

impl Table {
    fn read(text: &'static str) -> Table {
        let root = Key { types: vec![Type::Map { closed: true }], ..Key::default() };
        let mut table = Table { keys: vec![root] };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let mut next = || columns.next().unwrap_or_default();
            let (path, since, types, deprecated, limits) = (next(), next(), next(), next(), next());
            let at = table.place(path);
            let key = &mut table.keys[at];
            key.path = path;
            key.since = version(since).unwrap_or_default();
            key.types = types.split(" or ").flat_map(types_of).collect();
            key.deprecated = deprecation(deprecated);
            key.limits = limits_of(limits);
        }
        table
    }

    /// The place of a path, which is made if it is not there yet.
    fn place(&mut self, path: &'static str) -> usize {
        let (mut at, mut length) = (0, 0);
        for step in steps(path) {
            length += step.len() + usize::from(length > 0 && step != "[]");
            let next = self.keys.len();
            let known = *self.keys[at].below.entry(step).or_insert(next);
            if known == next {
                let (path, types) = (&path[..length], vec![Type::Any]);
                self.keys.push(Key { path, types, ..Key::default() });
            }
            at = known;
        }
        at
    }

    pub(super) fn below(&self, key: &Key, name: &str) -> Option<&Key> {
        key.below.get(name).map(|at| &self.keys[*at])
    }

    /// The names below a key.
    pub(super) fn names<'a>(&'a self, key: &'a Key) -> impl Iterator<Item = &'static str> + 'a {
        key.below.keys().copied().filter(|name| !matches!(*name, "*" | "[]"))
    }
}

/// `users[].name` in its steps: `users`, `[]`, `name`.
fn steps(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('.').flat_map(|step| {
        let bare = step.trim_end_matches("[]");
        let items = (step.len() - bare.len()) / 2;
        std::iter::once(bare).chain(std::iter::repeat_n("[]", items))
    })
}

fn types_of(text: &'static str) -> Vec<Type> {
    if let Some(inner) = text.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
        return vec![Type::List(split(inner).into_iter().flat_map(types_of).collect())];
    }
    if let Some(words) = text.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')')) {
        return vec![Type::Enum(words.split('|').collect())];
    }
    vec![match text {
        "str" => Type::Str,
        "int" => Type::Int,
        "num" => Type::Num,
        "bool" => Type::Bool,
        "null" => Type::Null,
        "module-name" => Type::Module,
        "map" => Type::Map { closed: false },
        "map!" => Type::Map { closed: true },
        "list" => Type::List(vec![Type::Any]),
        _ => Type::Any,
    }]
}

/// Splits at each `|` that is not within brackets.
fn split(text: &'static str) -> Vec<&'static str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            '|' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// `22.3 false (use off)`
fn deprecation(text: &'static str) -> Option<Deprecation> {
    let (since, rest) = text.split_once(' ')?;
    let (value, instead) = rest.split_once('(').unwrap_or((rest, ""));
    let instead = instead.trim_end_matches(')');
    Some(Deprecation { since, value: value.trim(), instead })
}

fn limits_of(text: &str) -> Limits {
    let mut limits = Limits::default();
    for word in text.split(' ') {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name {
            "required" => limits.required = true,
            "unique" => limits.unique = true,
            "min" => limits.min = value.parse().ok(),
            "max" => limits.max = value.parse().ok(),
            "keys" => limits.keys = value.parse().ok(),
            "least" => limits.least = value.parse().ok(),
            "date" => limits.pattern = Some(Pattern::Date),
            "pattern" => {
                limits.pattern = Some(match value {
                    "pair" => Pattern::Pair,
                    "tags" => Pattern::Tags,
                    "minutes" => Pattern::Minutes,
                    "size" => Pattern::Size,
                    _ => Pattern::Line,
                });
            }
            _ => {}
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table = table();
        let users = table.below(&table.keys[0], "users").unwrap();
        let item = table.below(users, "[]").unwrap();
        let name = table.below(item, "name").unwrap();
        assert_eq!((name.path, name.since), ("users[].name", (22, 2)));
        assert_eq!(name.types, [Type::Str]);
        let packages = table.below(&table.keys[0], "packages").unwrap();
        assert_eq!(packages.limits.min, Some(1));
        let Type::List(items) = &packages.types[0] else { panic!() };
        assert_eq!(items.len(), 3);
        assert!(table.keys[1..].iter().all(|key| !key.types.is_empty()));
    }
}
