//! One account, and the forms in which cloud-init takes accounts and groups.

use serde_json::{Map, Value, json};

use super::{Account, Group};
use crate::catalog::distro::Distro;
use crate::diagnostic::Report;
use crate::plan::keys::{Keys, merge};
use crate::secret::Secret;
use crate::source::Path;
use crate::spec::User;

/// An entry: its name, what is said of it, and where.
type Entry<'a> = (Option<String>, &'a Value, Path);

/// The entries of a list of names and maps, of a map of them, or of names in one text:
/// `_normalize_users` and `_normalize_groups` in `cloudinit/distros/ug_util.py`.
pub(super) fn entries<'a>(value: &'a Value, at: &Path) -> Vec<Entry<'a>> {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, item)| entry(item, &at.index(i))).collect()
        }
        Value::Object(map) => named(map, at),
        value => entry(value, at),
    }
}

fn entry<'a>(item: &'a Value, at: &Path) -> Vec<Entry<'a>> {
    match item {
        Value::String(_) => {
            words(item).into_iter().map(|name| (Some(name), &Value::Null, at.clone())).collect()
        }
        Value::Object(map) => match map.get("name") {
            Some(Value::String(name)) => vec![(Some(name.clone()), item, at.clone())],
            Some(_) => vec![(None, item, at.clone())],
            // `- docker: [kim]` among the groups.
            None if map.len() == 1 => named(map, at),
            None => vec![(None, item, at.clone())],
        },
        _ => vec![(None, item, at.clone())],
    }
}

fn named<'a>(map: &'a Map<String, Value>, at: &Path) -> Vec<Entry<'a>> {
    map.iter().map(|(name, value)| (Some(name.clone()), value, at.key(name.clone()))).collect()
}

/// The words of a list, of a text with commas, or the keys of a map.
pub(super) fn words(value: &Value) -> Vec<String> {
    let trimmed = |word: &str| word.trim().to_string();
    let found: Vec<String> = match value {
        Value::String(text) => text.split(',').map(trimmed).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(trimmed).collect(),
        Value::Object(map) => map.keys().map(|key| trimmed(key)).collect(),
        _ => Vec::new(),
    };
    found.into_iter().filter(|word| !word.is_empty()).collect()
}

impl Account {
    /// What the owner's own keys say of an account; `None` of what is none.
    pub(super) fn read(name: String, value: &Value) -> Option<Account> {
        let mut settings = match value {
            Value::Object(map) => map.clone(),
            Value::Null => Map::new(),
            _ => return None,
        };
        settings.shift_remove("name");
        let groups = settings.shift_remove("groups").map(|groups| words(&groups));
        let primary = ["primary_group", "primary-group"];
        let primary = primary.iter().find_map(|key| settings.shift_remove(*key));
        Some(Account {
            name,
            groups: groups.unwrap_or_default(),
            primary_group: primary.and_then(|group| Some(group.as_str()?.to_string())),
            settings: Keys(settings),
        })
    }

    /// An account of the parameters.
    pub(super) fn own(user: &User, hash: Option<&Secret<String>>, distro: &Distro) -> Account {
        let of_image = user.is_of_image(distro);
        let mut settings = Map::new();
        let mut add = |key: &str, value: Value| settings.insert(key.to_string(), value);
        if !of_image && !user.is_root() {
            add("shell", json!(user.shell.as_deref().unwrap_or("/bin/bash")));
        }
        if user.sudo == Some(true) && !of_image {
            // cloud-init 22.4 knows no list here.
            add("sudo", json!("ALL=(ALL) NOPASSWD:ALL"));
        }
        if !user.ssh_authorized_keys.is_empty() {
            add("ssh_authorized_keys", json!(user.ssh_authorized_keys));
        }
        settings.extend(hash.filter(|_| !of_image).into_iter().flat_map(password));
        let (name, groups) = (user.name.clone(), user.groups.clone());
        Account { name, groups, primary_group: None, settings: Keys(settings) }
    }

    /// Takes over what another entry says of the same account.
    pub(super) fn merge(&mut self, theirs: Account, at: &Path, report: &mut Report) {
        for group in theirs.groups {
            self.join(&group);
        }
        self.primary_group = theirs.primary_group.or(self.primary_group.take());
        for (key, value) in theirs.settings.iter() {
            merge(&mut self.settings.0, key, value, &at.key(key.clone()), "users", report);
        }
    }

    pub(super) fn join(&mut self, group: &str) {
        if !self.groups.iter().any(|one| one == group) {
            self.groups.push(group.to_string());
        }
    }

    /// Does `useradd` make a group of its name for it?
    pub(super) fn brings_its_group(&self) -> bool {
        let other = self.primary_group.as_ref().is_some_and(|group| *group != self.name);
        let none = ["no_user_group", "no-user-group"];
        !other && !none.iter().any(|key| self.settings.0.get(*key) == Some(&json!(true)))
    }

    /// Its entry below `users`.
    /// <https://docs.cloud-init.io/en/latest/reference/modules.html#users-and-groups>
    pub(super) fn value(&self) -> Value {
        let mut keys = Map::new();
        keys.insert("name".into(), json!(self.name));
        let mut settings = self.settings.0.clone();
        keys.extend(settings.shift_remove_entry("shell"));
        keys.extend(self.primary_group.iter().map(|group| ("primary_group".into(), json!(group))));
        if !self.groups.is_empty() {
            keys.insert("groups".into(), json!(self.groups));
        }
        keys.extend(settings);
        Value::Object(keys)
    }
}

impl Group {
    /// Its entry below `groups`.
    pub(super) fn value(&self) -> Value {
        if self.members.is_empty() { json!(self.name) } else { json!({ &self.name: self.members }) }
    }
}

/// Without `lock_passwd` cloud-init locks the account.
pub(super) fn password(hash: &Secret<String>) -> [(String, Value); 2] {
    [("lock_passwd".into(), json!(false)), ("hashed_passwd".into(), json!(hash.expose()))]
}
