//! Walks a document and the table of keys side by side.

use std::collections::HashSet;
use std::ops::Range;

use super::describe::{allowed, describe};
use super::effects;
use super::fault::{Fault, FaultKind};
use super::table::{Key, Table, Type};
use super::{forms, unknown};
use crate::lint::target::Version;
use crate::source::yaml11::{Body, Tree};

pub(super) struct Checker<'a> {
    pub(super) text: &'a str,
    pub(super) table: &'static Table,
    /// The release that will read the document, if it is known.
    pub(super) version: Option<Version>,
    pub(super) faults: Vec<Fault>,
    /// The key whose value is looked at, until what is below it is.
    pub(super) key: Option<Range<usize>>,
}

/// Differences that are noted; nobody reads more.
const MOST: usize = 1_000;

/// Maps with any keys, which have to be texts that are not empty.
const NAMED: &[&str] = &[
    "apt.debconf_selections",
    "apt.sources",
    "device_aliases",
    "disk_setup",
    "groups",
    "mcollective.conf",
    "reporting",
];

impl Checker<'_> {
    pub(super) fn document(&mut self, tree: &Tree) {
        if !tree.is_map() {
            let message =
                format!("this is {}, and a cloud-config is a map of keys", describe(tree));
            let help = "write keys with values, such as `packages: [nginx]`; cloud-init passes over \
                        all of it as it stands";
            return self.push(FaultKind::NoMap, "", tree, message, help);
        }
        let root = &self.table.keys[0];
        self.map(root, true, tree);
    }

    pub(super) fn push(
        &mut self,
        kind: FaultKind,
        path: &str,
        tree: &Tree,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let (message, help) = (message.into(), help.into());
        let (path, range) = (path.to_owned(), tree.range.clone());
        self.faults.push(Fault { kind, path, range, message, help, replacement: None });
    }

    /// May something of this release be proposed?
    pub(super) fn has(&self, since: Version) -> bool {
        self.version.is_none_or(|version| version >= since)
    }

    /// As it was written.
    pub(super) fn written(&self, tree: &Tree) -> &str {
        let text = self.text.get(tree.range.clone()).unwrap_or_default();
        text.split('\n').next().unwrap_or_default().trim_end()
    }

    /// A value, which one of the types has to fit.
    fn value(&mut self, key: &'static Key, types: &'static [Type], tree: &Tree) {
        if let Some(deprecated) = &key.deprecated {
            forms::deprecated_value(self, key, deprecated, tree);
        }
        match &tree.body {
            Body::Map(_) => match types.iter().filter_map(closed).reduce(|a, b| a || b) {
                Some(closed) => self.map(key, closed, tree),
                None => self.wrong(key, types, tree),
            },
            Body::List(items) => {
                let list = types.iter().find_map(|one| match one {
                    Type::List(inner) => Some(&inner[..]),
                    Type::Any => Some(&[Type::Any][..]),
                    _ => None,
                });
                match list {
                    Some(inner) => self.list(key, inner, tree, items),
                    None => self.wrong(key, types, tree),
                }
            }
            Body::Scalar(_) => self.scalar(key, types, tree),
        }
        forms::check(self, key, tree);
    }

    /// None of the types fits.
    pub(super) fn wrong(&mut self, key: &'static Key, types: &'static [Type], tree: &Tree) {
        if tree.as_str().is_some_and(super::is_mark) {
            return;
        }
        let list = types.iter().any(|one| matches!(one, Type::List(_)));
        let command = matches!(key.path, "runcmd[]" | "bootcmd[]");
        let empty = tree.is_null() && tree.range.is_empty();
        let kind = match &tree.body {
            Body::Map(_) if command => FaultKind::CommandBecomesMap,
            Body::Scalar(_) if empty => FaultKind::EmptyKey,
            Body::Scalar(_) if command => FaultKind::NonStringCommand,
            Body::Scalar(_) if key.path.ends_with("permissions") => FaultKind::UnquotedMode,
            Body::Scalar(_) if list && !tree.is_null() => FaultKind::ScalarForList,
            _ => FaultKind::WrongType,
        };
        let mut fault = effects::wrong(self, kind, key, types, tree);
        if let (Body::Map(_) | Body::List(_), Some(own)) = (&tree.body, &self.key) {
            fault.range = own.clone();
            fault.replacement = None;
        }
        self.faults.push(fault);
    }

    pub(super) fn map(&mut self, key: &'static Key, closed: bool, tree: &Tree) {
        let count = tree.pairs().count();
        let own = self.key.take();
        if key.limits.keys.is_some_and(|least| count < least) {
            let message = format!("`{}` is empty", key.path);
            let help = "leave the key out, or write what belongs below it";
            self.push(FaultKind::EmptyKey, key.path, tree, message, help);
        }
        for pair in tree.pairs() {
            if self.faults.len() > MOST {
                return;
            }
            let name = pair.key.as_str();
            let known = name.and_then(|name| self.table.below(key, name));
            let named = name.is_some_and(|name| !name.is_empty()) || !NAMED.contains(&key.path);
            let any = || self.table.below(key, "*").filter(|_| named);
            match known.or_else(any) {
                Some(below) => {
                    forms::deprecated_key(self, key, below, pair);
                    self.key = Some(pair.key.range.clone());
                    self.value(below, &below.types, &pair.value);
                    self.key = None;
                }
                None if closed || key.below.contains_key("*") => unknown::push(self, key, pair),
                None => {}
            }
        }
        let table = self.table;
        let mut missing: Vec<&'static Key> = key
            .below
            .values()
            .map(|at| &table.keys[*at])
            .filter(|below| below.limits.required)
            .collect();
        missing.sort_by_key(|below| below.path);
        for below in missing {
            let name = below.path.rsplit('.').next().unwrap_or_default();
            if tree.get(name).is_none() {
                forms::missing_at(self, key, own.as_ref(), tree, name);
            }
        }
    }

    fn list(&mut self, key: &'static Key, inner: &'static [Type], tree: &Tree, items: &[Tree]) {
        self.key = None;
        self.length(key, tree, items);
        let own = self.table.below(key, "[]");
        for item in items {
            match own {
                Some(own) => {
                    // The item's own row has limits of lists alone.
                    if item.is_list() {
                        self.length(own, item, item.items());
                    }
                    self.item(own, key, inner, item);
                }
                None => self.item(key, key, inner, item),
            }
        }
    }

    /// An item of the list `list`.
    fn item(&mut self, own: &'static Key, list: &'static Key, inner: &'static [Type], item: &Tree) {
        let fits = inner.iter().any(|one| matches!(one, Type::Any));
        match &item.body {
            Body::Map(_) => match inner.iter().filter_map(closed).reduce(|a, b| a || b) {
                Some(closed) => self.map(own, closed, item),
                None if fits => {}
                None => self.wrong_item(list, inner, item),
            },
            Body::List(items) => {
                let list_of = inner.iter().find_map(|one| match one {
                    Type::List(inner) => Some(inner),
                    _ => None,
                });
                match list_of {
                    Some(deeper) => {
                        let below = self.table.below(own, "[]").unwrap_or(list);
                        for item in items {
                            self.item(below, list, deeper, item);
                        }
                    }
                    None if fits => {}
                    None => self.wrong_item(list, inner, item),
                }
            }
            Body::Scalar(_) if fits && own.limits.pattern.is_none() => {}
            Body::Scalar(_) => self.scalar_item(own, list, inner, item),
        }
        forms::check_item(self, list, item);
    }

    fn length(&mut self, key: &'static Key, tree: &Tree, items: &[Tree]) {
        let limits = &key.limits;
        let count = items.len();
        if let Some(least) = limits.min.filter(|least| count < *least) {
            let (kind, message) = match count {
                0 => (FaultKind::EmptyKey, format!("`{}` is empty", key.path)),
                _ => {
                    let message = format!("`{}` has {count} of at least {least} items", key.path);
                    (FaultKind::BadValue, message)
                }
            };
            self.push(kind, key.path, tree, message, effects::too_short(key));
        }
        if let Some(most) = limits.max.filter(|most| count > *most) {
            let message = format!("`{}` has {count} items, and {most} is the most", key.path);
            self.push(FaultKind::BadValue, key.path, tree, message, effects::too_long(key));
        }
        if limits.unique {
            let mut seen = HashSet::new();
            if let Some(twice) =
                items.iter().find(|item| !seen.insert(format!("{:?}", plain(item))))
            {
                let message = "this stands in the list twice";
                let help =
                    "leave one of the two out; cloud-init warns, and uses the list all the same";
                self.push(FaultKind::BadValue, key.path, twice, message, help);
            }
        }
    }

    fn wrong_item(&mut self, list: &'static Key, inner: &'static [Type], item: &Tree) {
        let own = self.table.below(list, "[]").filter(|own| !own.path.is_empty()).unwrap_or(list);
        let command = matches!(list.path, "runcmd" | "bootcmd");
        if command {
            let kind = match &item.body {
                Body::Map(_) => FaultKind::CommandBecomesMap,
                _ => FaultKind::NonStringCommand,
            };
            let fault = effects::wrong(self, kind, list, inner, item);
            return self.faults.push(fault);
        }
        let kind = FaultKind::WrongType;
        let fault =
            effects::wrong(self, kind, if own.path.is_empty() { list } else { own }, inner, item);
        self.faults.push(fault);
    }

    fn scalar_item(
        &mut self,
        own: &'static Key,
        list: &'static Key,
        inner: &'static [Type],
        item: &Tree,
    ) {
        match super::scalars::fits(inner, own, item) {
            Ok(()) => {}
            Err(super::scalars::Misfit::Type) => self.wrong_item(list, inner, item),
            Err(super::scalars::Misfit::Value) => self.bad_value(list, inner, own, item),
        }
    }

    fn scalar(&mut self, key: &'static Key, types: &'static [Type], tree: &Tree) {
        match super::scalars::fits(types, key, tree) {
            Ok(()) => {}
            Err(super::scalars::Misfit::Type) => self.wrong(key, types, tree),
            Err(super::scalars::Misfit::Value) => self.bad_value(key, types, key, tree),
        }
    }

    fn bad_value(
        &mut self,
        key: &'static Key,
        types: &'static [Type],
        own: &'static Key,
        tree: &Tree,
    ) {
        if tree.as_str().is_some_and(super::is_mark) {
            return;
        }
        let form = own.limits.pattern.map(|pattern| pattern.words().to_owned());
        let form = match (form, own.limits.least) {
            (Some(form), _) => form,
            (None, Some(least)) => format!("a number from {least} on"),
            (None, None) => allowed(types),
        };
        let shown = self.written(tree).to_owned();
        let message = format!("`{shown}` is no value for `{}`, which takes {form}", key.path);
        let (help, replacement) = effects::bad_value(key, types, tree);
        self.push(FaultKind::BadValue, key.path, tree, message, help);
        if let Some(last) = self.faults.last_mut() {
            last.replacement = replacement;
        }
    }
}

/// Is a map of this type closed? Nothing if it is no map.
fn closed(one: &Type) -> Option<bool> {
    match one {
        Type::Map { closed } => Some(*closed),
        Type::Any => Some(false),
        _ => None,
    }
}

/// A value without its places, to be compared.
fn plain(tree: &Tree) -> String {
    match &tree.body {
        Body::Scalar(value) => format!("{value:?}"),
        Body::List(items) => format!("{:?}", items.iter().map(plain).collect::<Vec<_>>()),
        Body::Map(_) => {
            let pairs = tree.pairs().map(|pair| (plain(&pair.key), plain(&pair.value)));
            format!("{:?}", pairs.collect::<Vec<_>>())
        }
    }
}
