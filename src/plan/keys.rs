//! The keys of cloud-config that cloud-init itself acts on, the owner's among them.
//!
//! Merging: lists are appended to bootseed's, maps are merged key by key, equal values agree, and
//! anything else contradicts, which is an error. Accounts and groups are [`Accounts`].

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::accounts::{Accounts, GROUPS, USERS};
use super::archives::Archives;
use super::settings;
use crate::catalog::distro::Distro;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::Path;
use crate::spec::{self, Spec, User};

/// Lists that are put together elsewhere, with the owner's entries behind bootseed's own.
const LISTS: &[&str] = &["write_files", "bootcmd", "runcmd", GROUPS, USERS];

/// Keys of cloud-init that have passwords, private keys or tokens below them.
const SECRET: &[&str] = &[
    "chef",
    "chpasswd",
    "landscape",
    "mcollective",
    "password",
    "puppet",
    "rh_subscription",
    "salt_minion",
    "spacewalk",
    "ssh_keys",
    "ubuntu_advantage",
    "ubuntu_pro",
    "user",
    "users",
    "wireguard",
];

/// Keys of cloud-config with their values. They may hold password hashes: they cannot be printed.
#[derive(Default, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Keys(pub(super) Map<String, Value>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Keys {
    /// Those of the parameters, with `extras` merged in: the owner's own keys and where they are.
    pub(super) fn resolve(
        spec: &Spec,
        extras: &[(Path, Map<String, Value>)],
        (accounts, archives): (&Accounts, &Archives),
        distro: &Distro,
        report: &mut Report,
    ) -> Keys {
        let mut keys = own(spec, accounts, archives, distro);
        for (at, extra) in extras {
            check_keys(extra, at, report);
            for (key, value) in extra.iter().filter(|(key, _)| !LISTS.contains(&key.as_str())) {
                merge(&mut keys, key, value, &at.key(key.to_owned()), key, report);
            }
            if extra.contains_key("fqdn") {
                check_fqdn(&keys, &at.key("fqdn"), report);
            }
        }
        Keys(keys)
    }

    /// Is there something in them that other people must not read?
    pub fn hold_secret(&self) -> bool {
        SECRET.iter().any(|key| self.0.contains_key(*key))
    }

    /// Bytes of each key's value.
    pub(super) fn weights(&self) -> Vec<(String, usize)> {
        self.0.iter().map(|(key, value)| (key.clone(), value.to_string().len())).collect()
    }

    /// The keys with their values, in the order in which they are written.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// Is there a value for this key?
    pub fn have(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }
}

/// YAML reads a key of at most 1,024 characters, quotes and escapes of six characters included.
/// <https://yaml.org/spec/1.1/#id904245>
const LONGEST_KEY: usize = 128;

fn check_keys(map: &Map<String, Value>, at: &Path, report: &mut Report) {
    for (key, value) in map {
        let at = at.key(key.to_owned());
        if key.chars().count() > LONGEST_KEY {
            let message = format!("a key of {} characters is too long", key.chars().count());
            let help = format!("{LONGEST_KEY} are the most");
            report.push(Diagnostic::error("long-key", message).at_key(&at).help(help));
        }
        check_keys_within(value, &at, report);
    }
}

fn check_keys_within(value: &Value, at: &Path, report: &mut Report) {
    match value {
        Value::Object(map) => check_keys(map, at, report),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(i, item)| check_keys_within(item, &at.index(i), report)),
        _ => {}
    }
}

/// The owner's entries for a list that bootseed writes to as well.
pub(super) fn list(
    extras: &[(Path, Map<String, Value>)],
    key: &str,
    report: &mut Report,
) -> Vec<Value> {
    let mut items = Vec::new();
    for (at, value) in extras.iter().filter_map(|(at, extra)| Some((at, extra.get(key)?))) {
        match value {
            Value::Array(list) => items.extend(list.iter().cloned()),
            _ => {
                let at = at.key(key.to_owned());
                let message = format!("`{at}` must be a list");
                let help = "begin each item on a line of its own with `- `";
                report.push(Diagnostic::error("wrong-type", message).at(&at).help(help));
            }
        }
    }
    items
}

/// What the parameters say, as keys of cloud-config.
fn own(
    spec: &Spec,
    accounts: &Accounts,
    archives: &Archives,
    distro: &Distro,
) -> Map<String, Value> {
    let named =
        [("hostname", &spec.hostname), ("timezone", &spec.timezone), ("locale", &spec.locale)];
    let texts = named.into_iter().filter_map(|(key, value)| Some((key, json!(value.as_ref()?))));
    let mut keys: Map<String, Value> = texts.map(|(key, value)| (key.to_string(), value)).collect();
    let mut add = |key: &str, value: Option<Value>| {
        keys.extend(value.map(|value| (key.to_string(), value)));
    };
    add("swap", spec.swap.as_ref().and_then(settings::swap));
    add("apt", spec.apt.as_ref().and_then(|apt| self::apt(apt, archives, distro)));
    // It puts a command before root's keys that keeps them from being used.
    add("disable_root", spec.users.iter().any(User::is_root).then_some(Value::Bool(false)));
    add("ssh_pwauth", spec.ssh_password_login.map(Value::Bool));
    keys.extend(accounts.keys());
    keys
}

/// <https://docs.cloud-init.io/en/latest/reference/modules.html#apt-configure>
fn apt(apt: &spec::Apt, archives: &Archives, distro: &Distro) -> Option<Value> {
    let mut keys = Map::new();
    if let Some(mirror) = &apt.mirror {
        let here = json!([{"arches": distro.mirror_arches(mirror), "uri": mirror}]);
        keys.insert("primary".into(), here.clone());
        if distro.mirrors_carry_security {
            keys.insert("security".into(), here);
        }
    }
    if let Some(proxy) = &apt.proxy {
        keys.insert("http_proxy".into(), json!(proxy));
        keys.insert("https_proxy".into(), json!(proxy));
    }
    if !archives.lines.is_empty() {
        let source =
            |(name, line): &(String, String)| (format!("{name}.list"), json!({ "source": line }));
        keys.insert("sources".into(), archives.lines.iter().map(source).collect());
    }
    (!keys.is_empty()).then(|| Value::Object(keys))
}

/// `top` is the key of cloud-config that the value is below, which is also the parameter's.
pub(super) fn merge(
    ours: &mut Map<String, Value>,
    key: &str,
    theirs: &Value,
    at: &Path,
    top: &str,
    report: &mut Report,
) {
    match (ours.get_mut(key), theirs) {
        (None, _) => {
            ours.insert(key.to_string(), theirs.clone());
        }
        (Some(Value::Object(ours)), Value::Object(theirs)) => {
            for (key, value) in theirs {
                merge(ours, key, value, &at.key(key.to_owned()), top, report);
            }
        }
        (Some(Value::Array(ours)), Value::Array(theirs)) => {
            for item in theirs {
                if !ours.contains(item) {
                    ours.push(item.clone());
                }
            }
        }
        (Some(ours), theirs) if ours == theirs => {}
        (Some(_), _) => {
            let message = format!("`{at}` contradicts a parameter of bootseed's own");
            let help = format!(
                "set it in one place only: leave it out here, or leave out the parameter `{top}`"
            );
            report.push(Diagnostic::error("contradiction", message).at(at).help(help));
        }
    }
}

/// cloud-init writes both into `/etc/hosts`, and sets the name by one of them.
fn check_fqdn(keys: &Map<String, Value>, at: &Path, report: &mut Report) {
    let text = |key: &str| keys.get(key).and_then(Value::as_str);
    let (Some(hostname), Some(fqdn)) = (text("hostname"), text("fqdn")) else { return };
    let short = fqdn.split('.').next().unwrap_or(fqdn);
    if ![fqdn, short].contains(&hostname) {
        let message = format!("`{fqdn}` is not the whole name of a machine called `{hostname}`");
        let help = format!("write one that begins with `{hostname}.`, or leave it out");
        report.push(Diagnostic::error("contradiction", message).at(at).help(help));
    }
}
