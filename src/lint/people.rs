//! The accounts that a cloud-config makes.

use std::collections::HashSet;
use std::ops::Range;

use crate::catalog::accounts;
use crate::source::yaml11::{Body, Tree};

/// The accounts of a cloud-config.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Is there a key `users`, which takes the place of the image's own list?
    pub given: bool,
    /// Is the image's own account made?
    pub default: bool,
    /// Accounts by name, with the place of the name.
    pub named: Vec<(String, Range<usize>)>,
    /// Groups that are made.
    pub groups: HashSet<String>,
    names: HashSet<String>,
}

impl People {
    pub(super) fn of(tree: &Tree) -> People {
        let mut people = People { default: true, ..People::default() };
        if let Some(groups) = tree.get("groups") {
            people.add_groups(groups);
        }
        if let Some(own) = tree.get("user")
            && let Some(name) = own.as_str().map(|_| own).or_else(|| own.get("name"))
            && let Some(text) = name.as_str()
        {
            people.named.push((text.to_owned(), name.range.clone()));
        }
        let Some(users) = tree.get("users") else { return people.with_names() };
        (people.given, people.default) = (true, false);
        match &users.body {
            Body::List(items) => items.iter().for_each(|item| people.add(item)),
            Body::Map(_) => {
                for pair in users.pairs() {
                    people.name(&pair.key);
                }
            }
            Body::Scalar(_) => people.names(users),
        }
        people.with_names()
    }

    fn with_names(mut self) -> People {
        self.names = self.named.iter().map(|(name, _)| name.clone()).collect();
        self
    }

    fn add(&mut self, item: &Tree) {
        match &item.body {
            Body::Scalar(_) => self.names(item),
            Body::List(items) => items.iter().for_each(|item| self.names(item)),
            Body::Map(_) => {
                if let Some(name) = item.get("name").or_else(|| item.get("snapuser")) {
                    self.name(name);
                }
            }
        }
    }

    /// `default, ann`
    fn names(&mut self, item: &Tree) {
        let Some(text) = item.as_str() else { return };
        for name in text.split(',').map(str::trim) {
            match name {
                "default" => self.default = true,
                name => self.named.push((name.to_owned(), item.range.clone())),
            }
        }
    }

    fn name(&mut self, name: &Tree) {
        match name.as_str() {
            Some("default") => self.default = true,
            Some(text) => self.named.push((text.to_owned(), name.range.clone())),
            None => {}
        }
    }

    fn add_groups(&mut self, groups: &Tree) {
        let mut add = |tree: &Tree| match &tree.body {
            Body::Scalar(_) => {
                let text = tree.as_str().unwrap_or_default();
                self.groups.extend(text.split(',').map(|name| name.trim().to_owned()));
            }
            _ => self
                .groups
                .extend(tree.pairs().filter_map(|pair| pair.key.as_str().map(str::to_owned))),
        };
        match &groups.body {
            Body::List(items) => items.iter().for_each(add),
            _ => add(groups),
        }
    }

    /// Does the document make an account of this name?
    pub fn makes(&self, name: &str) -> bool {
        self.names.contains(name) || self.default && accounts::OF_IMAGES.contains(&name)
    }

    /// Is there such an account or group before users are made, so that early modules find it?
    pub fn is_early(name: &str) -> bool {
        let known = [accounts::SYSTEM, accounts::ELSEWHERE, accounts::GROUPS];
        known.iter().any(|names| names.contains(&name)) || name.bytes().all(|c| c.is_ascii_digit())
    }
}
