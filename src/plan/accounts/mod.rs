//! The accounts and groups of the machine, so that each of them can be made.
//!
//! In: the parameters, and the owner's own keys of cloud-config. Out: [`Accounts`]. cloud-init makes
//! the groups of `groups:`, then one account after the other, each behind the groups that it names,
//! and the image's own account last (`normalize_users_groups` in `cloudinit/distros/ug_util.py`,
//! `add_user` in `cloudinit/distros/__init__.py`). `useradd` refuses an account whose name is that
//! of a group by then, unless that is named as its primary group; and all that come behind one that
//! is refused are missing, the one of the image with them.

mod entry;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::keys::Keys;
use super::password;
use crate::catalog::Choice;
use crate::catalog::distro::Distro;
use crate::diagnostic::{Diagnostic, Report};
use crate::secret::Secret;
use crate::source::Path;
use crate::spec::{Spec, User, WITHOUT_GROUP, is_system_account, is_system_group, shorten};

/// The key of cloud-config that accounts are below.
pub(super) const USERS: &str = "users";
/// The one that groups are below.
pub(super) const GROUPS: &str = "groups";

use entry::{entries, words};

/// Accounts and groups.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Accounts {
    distro: Choice<Distro>,
    /// Groups that are made before all accounts.
    pub groups: Vec<Group>,
    /// Accounts, beside the image's own or with what is said of it.
    pub list: Vec<Account>,
    /// What the image's own account gets before what the image says of it.
    image: Keys,
    /// Are there any but the image's own, or does the owner say that there are none?
    listed: bool,
    /// What the owner calls the image's own account.
    renamed: Option<String>,
    /// Is the image's own account left out?
    without_image: bool,
    /// Entries of the owner's that name no account.
    unnamed: Vec<Value>,
}

/// A group that is made before all accounts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Accounts of the image that become members.
    pub members: Vec<String>,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Groups beside its own.
    pub groups: Vec<String>,
    /// Its own group, where that has another name or is there before it.
    pub primary_group: Option<String>,
    /// What else cloud-init is told of it.
    settings: Keys,
}

impl Accounts {
    /// Those of the parameters and of `extras`: the owner's own keys and where they are.
    pub(super) fn resolve(
        spec: &Spec,
        extras: &[(Path, Map<String, Value>)],
        report: &mut Report,
    ) -> Accounts {
        let distro = spec.distro.unwrap_or_default();
        let logins = logins(spec, report);
        let list = logins.iter().map(|(user, hash)| Account::own(user, hash.as_ref(), distro.0));
        let list = list.collect();
        let without_image = spec.default_user == Some(false);
        let (image, listed) = (image_user(&logins, distro.0), without_image || !logins.is_empty());
        let none = Accounts::default();
        let mut accounts = Accounts { distro, list, image, listed, without_image, ..none };
        accounts.check_image(report);
        let renamed = extras.iter().find_map(|(_, extra)| name_of(extra.get("user")?));
        accounts.renamed = renamed.map(String::from);
        let mut members = Vec::new();
        for (at, extra) in extras {
            if let Some(groups) = extra.get(GROUPS) {
                members.extend(accounts.add_groups(groups, &at.key(GROUPS)));
            }
            if let Some(users) = extra.get(USERS) {
                accounts.add_users(users, &at.key(USERS), report);
            }
        }
        for (group, member, at) in members {
            accounts.join(&group, member, &at, report);
        }
        accounts.settle(report);
        accounts
    }

    /// The keys of cloud-config that say so.
    pub(super) fn keys(&self) -> Vec<(String, Value)> {
        let mut keys = Vec::new();
        if !self.groups.is_empty() {
            let groups = self.groups.iter().map(Group::value).collect();
            keys.push((GROUPS.to_string(), Value::Array(groups)));
        }
        if !self.image.0.is_empty() {
            keys.push(("user".to_string(), Value::Object(self.image.0.clone())));
        }
        if self.listed || !self.list.is_empty() {
            // It keeps the image's own account, and the key that the cloud gives it.
            let default = self.has_image().then(|| json!("default"));
            let named = self.list.iter().map(Account::value);
            let all = default.into_iter().chain(named).chain(self.unnamed.iter().cloned());
            keys.push((USERS.to_string(), all.collect()));
        }
        keys
    }

    /// Is the image's own account kept? An empty list of the owner's leaves it out.
    fn has_image(&self) -> bool {
        let none = self.listed && self.list.is_empty() && self.unnamed.is_empty();
        !(none || self.without_image)
    }

    /// Is there such an account before packages are installed? A number needs none.
    pub fn has(&self, name: &str) -> bool {
        is_system_account(name) || self.has_login(name)
    }

    /// Is it one that people log in to: of the image, or of the owner's?
    pub fn has_login(&self, name: &str) -> bool {
        (self.has_image() && self.is_image(name))
            || self.list.iter().any(|account| account.name == name)
    }

    /// Is there such a group before packages are installed?
    pub fn has_group(&self, name: &str) -> bool {
        let made = |account: &Account| {
            let named = account.groups.iter().chain(&account.primary_group);
            named.into_iter().any(|group| group == name)
        };
        is_system_group(name, self.distro.0)
            || self.list.iter().any(made)
            || self.groups.iter().any(|group| group.name == name)
            || self.has(name) && !WITHOUT_GROUP.contains(&name)
    }

    /// Are there both in `user:group`, or of a user alone.
    pub fn has_owner(&self, owner: &str) -> bool {
        let (user, group) = owner.split_once(':').unwrap_or((owner, ""));
        self.has(user) && (group.is_empty() || self.has_group(group))
    }

    /// The group that a file of `account` gets when none is named, if it is known.
    pub fn group_of<'a>(&self, account: &'a str) -> Option<&'a str> {
        match WITHOUT_GROUP.contains(&account) {
            true => Some("nogroup"),
            false => Some(account).filter(|account| self.has(account)),
        }
    }

    /// Adds the groups of the owner's. Gives their members, which come later.
    fn add_groups(&mut self, groups: &Value, at: &Path) -> Vec<(String, String, Path)> {
        let mut members = Vec::new();
        for (name, value, at) in entries(groups, at) {
            let Some(name) = name else { continue };
            if !self.groups.iter().any(|group| group.name == name) {
                self.groups.push(Group { name: name.clone(), members: Vec::new() });
            }
            members.extend(words(value).into_iter().map(|one| (name.clone(), one, at.clone())));
        }
        members
    }

    /// Adds the accounts of the owner's. Two of one name are one.
    fn add_users(&mut self, users: &Value, at: &Path, report: &mut Report) {
        self.listed = true;
        for (name, value, at) in entries(users, at) {
            let named = name.filter(|name| name != "default");
            let Some(theirs) = named.and_then(|name| Account::read(name, value)) else {
                self.unnamed.extend(Some(value.clone()).filter(|value| !value.is_null()));
                continue;
            };
            match self.list.iter_mut().find(|account| account.name == theirs.name) {
                Some(ours) => ours.merge(theirs, &at, report),
                None => {
                    self.check_name(&theirs, &at, report);
                    self.list.push(theirs);
                }
            }
        }
    }
}

impl Accounts {
    /// No account of the owner's can be called as a group that is on every image.
    fn check_name(&self, account: &Account, at: &Path, report: &mut Report) {
        let name = &account.name;
        if is_system_group(name, self.distro.0) && account.brings_its_group() {
            let name = shorten(name);
            let message = format!(
                "there is a group `{name}` on every machine, so no account can be called that"
            );
            let help = format!("choose another name, or add `primary_group: {name}`");
            report.push(Diagnostic::error("user-name", message).at(at).help(help));
        }
    }

    /// Makes an account a member of a group: cloud-init makes the members of groups before accounts.
    fn join(&mut self, group: &str, member: String, at: &Path, report: &mut Report) {
        if is_system_account(&member) {
            let found = self.groups.iter_mut().find(|one| one.name == group);
            found.into_iter().for_each(|group| group.members.push(member.clone()));
            return;
        }
        if self.list.iter().all(|account| account.name != member) && !self.is_image(&member) {
            let message = format!("nothing makes the account `{}`", shorten(&member));
            let help = "add it to `users`";
            report.push(Diagnostic::error("group-member", message).at(at).help(help));
            return;
        }
        if let Some(account) = self.account(&member, at, report) {
            account.join(group);
        }
    }

    /// What is said of the image's own account would make another one in its place.
    fn check_image(&self, report: &mut Report) {
        let named = |account: &Account| self.is_image(&account.name);
        for i in self.list.iter().enumerate().filter(|(_, one)| named(one)).map(|(i, _)| i) {
            if self.without_image {
                let message = "`default_user: false` leaves out the image's own account";
                let help = "choose another name, or leave `default_user` out";
                let at = Path::default().key(USERS).index(i).key("name");
                report.push(Diagnostic::error("contradiction", message).at(&at).help(help));
            }
        }
    }

    /// What the image's own account is called: one of these.
    fn image_names(&self) -> Vec<String> {
        match &self.renamed {
            Some(name) => vec![name.clone()],
            None => self.distro.0.image_users.iter().map(|name| (*name).to_string()).collect(),
        }
    }

    fn is_image(&self, name: &str) -> bool {
        self.image_names().iter().any(|one| one == name)
    }

    /// The entry of an account. That of the image is added, if there is no doubt what it is called.
    fn account(&mut self, name: &str, at: &Path, report: &mut Report) -> Option<&mut Account> {
        if self.list.iter().all(|account| account.name != name) {
            if let [_, _, ..] = self.image_names()[..] {
                let names = self.image_names().join("` or `");
                let message = format!(
                    "`{name}` may be the image's own account, which is called `{names}` by the cloud"
                );
                let help = format!(
                    "choose another group; or add `{{name: {name}}}` to `users` if your cloud has it"
                );
                report.push(Diagnostic::error("account-group", message).at(at).help(help));
                return None;
            }
            self.list.push(Account { name: name.into(), ..Account::default() });
        }
        self.list.iter_mut().find(|account| account.name == name)
    }

    /// Says of each account whose group is made before it that this is its group.
    fn settle(&mut self, report: &mut Report) {
        self.add_primary_groups();
        let image = self.image_names();
        let of_image = |account: &Account| image.contains(&account.name);
        let mut made: BTreeSet<String> =
            self.groups.iter().map(|group| group.name.clone()).collect();
        let others = self.list.iter_mut().filter(|account| !of_image(account));
        others.for_each(|account| account.settle(&mut made));
        let kept = if self.has_image() { &image[..] } else { &[] };
        for name in kept.iter().filter(|name| made.contains(*name)) {
            self.account(name, &Path::default().key(USERS), report);
        }
        let own = self.list.iter_mut().filter(|account| of_image(account));
        own.for_each(|account| account.settle(&mut made));
    }

    /// cloud-init makes the primary group of an account only where that has other groups as well.
    fn add_primary_groups(&mut self) {
        for name in self.list.iter().filter_map(|account| account.primary_group.as_ref()) {
            let known = is_system_group(name, self.distro.0) || is_system_account(name);
            if !known && self.groups.iter().all(|group| group.name != *name) {
                self.groups.push(Group { name: name.clone(), members: Vec::new() });
            }
        }
    }
}

/// The name in cloud-init's key `user`, which the image's own account has then.
fn name_of(user: &Value) -> Option<&str> {
    user.as_str().or_else(|| user.get("name")?.as_str())
}

impl Account {
    /// `made` are the groups that are there when it is made.
    fn settle(&mut self, made: &mut BTreeSet<String>) {
        if self.brings_its_group() && !is_system_account(&self.name) {
            self.groups.retain(|group| *group != self.name);
            if made.contains(&self.name) {
                self.primary_group = Some(self.name.clone());
            }
            made.insert(self.name.clone());
        }
        made.extend(self.groups.iter().chain(&self.primary_group).cloned());
    }
}

/// The accounts of the parameters, each with its password as a hash.
type Logins<'a> = [(&'a User, Option<Secret<String>>)];

fn logins<'a>(spec: &'a Spec, report: &mut Report) -> Vec<(&'a User, Option<Secret<String>>)> {
    let mut logins = Vec::new();
    for (i, user) in spec.users.iter().enumerate() {
        let hashed = user.password.as_ref().map(|password| password::hash(password, user, spec));
        if let Some(None) = hashed {
            let at = Path::default().key(USERS).index(i).key("password");
            let message = "this password cannot be hashed";
            report.push(Diagnostic::error("password", message).at(&at));
        }
        logins.push((user, user.password_hash.clone().or(hashed.flatten())));
    }
    logins
}

/// Below `users` what the image says about its own account goes before what is said here, so that
/// it would stay locked; but not below `user`: `normalize_users_groups` in
/// `cloudinit/distros/ug_util.py`.
fn image_user(logins: &Logins, distro: &Distro) -> Keys {
    let of_image = |(user, _): &&(&User, _)| user.is_of_image(distro);
    let Some((user, hash)) = logins.iter().find(of_image) else { return Keys::default() };
    let shell = user.shell.iter().map(|shell| ("shell".to_string(), json!(shell)));
    let keys: Vec<(String, Value)> = shell.chain(hash.iter().flat_map(entry::password)).collect();
    let name = [("name".to_string(), json!(user.name))].into_iter().filter(|_| !keys.is_empty());
    Keys(name.chain(keys.clone()).collect())
}
