//! What one key demands of another, and what newer releases warn of.

use std::ops::Range;

use super::check::Checker;
use super::fault::{Fault, FaultKind};
use super::table::{Deprecation, Key};
use crate::lint::target::version;
use crate::source::Yaml11;
use crate::source::yaml11::{Pair, Tree};

/// What a value demands that the types do not say.
pub(super) fn check(checker: &mut Checker, key: &'static Key, tree: &Tree) {
    match key.path {
        "rh_subscription" => not_both(checker, key, tree),
        "user" if tree.is_map() => one_of(checker, key, tree, &["name", "snapuser"], true),
        "ansible.pull" if tree.is_map() => pull(checker, key, tree),
        "reporting.*" => reporting(checker, key, tree),
        "yum_repos" => names(checker, tree, |c| (' '..='_').contains(&c) || c.is_ascii_lowercase()),
        "yum_repos.*" => {
            one_of(checker, key, tree, &["baseurl", "metalink", "mirrorlist"], false);
            names(checker, tree, |c| c.is_ascii_alphanumeric() || c == '_');
        }
        "ssh_keys" => host_keys(checker, tree),
        "drivers.nvidia" | "fan" => {}
        _ => {}
    }
}

/// The same of an item of a list.
pub(super) fn check_item(checker: &mut Checker, list: &'static Key, item: &Tree) {
    if !item.is_map() {
        return;
    }
    match list.path {
        "users" => one_of(checker, list, item, &["name", "snapuser"], true),
        "ansible.pull" => pull(checker, list, item),
        "rsyslog.configs" => one_of(checker, list, item, &["content"], false),
        "chpasswd.users" => {
            one_of(checker, list, item, &["name"], false);
            one_of(checker, list, item, &["password", "type"], false);
            let kind = item.get("type").and_then(Tree::as_str);
            if matches!(kind, Some("hash" | "text")) && item.get("password").is_none() {
                missing(checker, list, item, "password");
            }
            if kind == Some("RANDOM")
                && let Some(pair) = item.pair("password")
            {
                let message = "an account with `type: RANDOM` has no `password`";
                let help = "leave one of the two out; cloud-init warns, and makes a random one";
                checker.push(FaultKind::BadValue, list.path, &pair.key, message, help);
            }
        }
        _ => {}
    }
}

/// At least one of some keys, or exactly one.
fn one_of(checker: &mut Checker, key: &Key, tree: &Tree, names: &[&'static str], single: bool) {
    let there: Vec<&&str> = names.iter().filter(|name| tree.get(name).is_some()).collect();
    match there[..] {
        [] => missing(checker, key, tree, names[0]),
        [_, second, ..] if single => {
            let Some(pair) = tree.pair(second) else { return };
            let message = format!("`{}` and `{second}` exclude each other", there[0]);
            let help = "leave one of the two out";
            checker.push(FaultKind::BadValue, key.path, &pair.key, message, help);
        }
        _ => {}
    }
}

fn pull(checker: &mut Checker, key: &Key, tree: &Tree) {
    one_of(checker, key, tree, &["url"], false);
    one_of(checker, key, tree, &["playbook_names", "playbook_name"], true);
}

/// A key that has to be there; its place is the first key of the map.
pub(super) fn missing(checker: &mut Checker, key: &Key, tree: &Tree, name: &str) {
    missing_at(checker, key, None, tree, name);
}

/// The same at the key that the map belongs to, if it belongs to one.
pub(super) fn missing_at(
    checker: &mut Checker,
    key: &Key,
    own: Option<&Range<usize>>,
    tree: &Tree,
    name: &str,
) {
    let place = if key.path.is_empty() { String::new() } else { format!(" in `{}`", key.path) };
    let message = format!("`{name}` is missing{place}");
    let effect = match (key.path, name) {
        ("write_files[]", "path") => "cloud-init skips the item, and writes no file of it",
        ("power_state", "mode") => "cloud-init does nothing at the end",
        ("users[]" | "users", "name") => "no account is made of it",
        _ => "cloud-init warns, and the module fails or does nothing",
    };
    let help = format!("write `{name}:` beside the other keys; {effect}");
    let first = tree.pairs().next();
    let place = first.map_or(tree, |pair| &pair.key);
    checker.push(FaultKind::MissingKey, key.path, place, message, help);
    if let (Some(own), Some(last)) = (own, checker.faults.last_mut()) {
        last.range = own.clone();
    }
}

/// Two spellings of one key.
fn not_both(checker: &mut Checker, key: &Key, tree: &Tree) {
    for pair in tree.pairs() {
        let Some(name) = pair.key.as_str().filter(|name| name.contains('-')) else { continue };
        if tree.get(&name.replace('-', "_")).is_some() {
            let message = format!("`{name}` stands here in both of its spellings");
            checker.push(FaultKind::BadValue, key.path, &pair.key, message, "leave this one out");
        }
    }
}

/// What each kind of handler takes.
const HANDLERS: &[(&str, &[&str])] = &[
    ("log", &["type", "level"]),
    ("print", &["type"]),
    (
        "webhook",
        &[
            "type",
            "endpoint",
            "consumer_key",
            "token_key",
            "token_secret",
            "consumer_secret",
            "timeout",
            "retries",
        ],
    ),
    ("hyperv", &["type", "kvp_file_path", "event_types"]),
];

fn reporting(checker: &mut Checker, key: &Key, tree: &Tree) {
    let Some(kind) = tree.get("type") else {
        return missing(checker, key, tree, "type");
    };
    let known = HANDLERS.iter().find(|(name, _)| kind.as_str() == Some(name));
    let Some((name, keys)) = known else { return };
    if *name == "webhook" && tree.get("endpoint").is_none() {
        missing(checker, key, tree, "endpoint");
    }
    for pair in tree.pairs().filter(|pair| !keys.iter().any(|key| pair.key.as_str() == Some(key))) {
        let message = format!("a handler of the type {name} has no such key");
        let help = format!("its keys are {}", keys.join(", "));
        checker.push(FaultKind::UnknownKey, key.path, &pair.key, message, help);
    }
}

fn names(checker: &mut Checker, tree: &Tree, fits: fn(char) -> bool) {
    for pair in tree.pairs() {
        let name = pair.key.as_str().unwrap_or_default();
        if name.is_empty() || !name.chars().all(fits) {
            let message = format!("`{}` is no name here", checker.written(&pair.key));
            let help = "letters, digits and `_` make one; cloud-init warns of any other";
            checker.push(FaultKind::UnknownKey, "yum_repos", &pair.key, message, help);
        }
    }
}

fn host_keys(checker: &mut Checker, tree: &Tree) {
    for pair in tree.pairs() {
        let name = pair.key.as_str().unwrap_or_default();
        let fits = name.split_once('_').is_some_and(|(kind, what)| {
            matches!(kind, "ecdsa" | "ed25519" | "rsa")
                && matches!(what, "public" | "private" | "certificate")
        });
        if !fits {
            let message = format!("`{}` names no host key", checker.written(&pair.key));
            let help = "`ssh_keys` are keys of the machine itself, such as `ed25519_private`; keys \
                        that may log in are `ssh_authorized_keys`";
            checker.push(FaultKind::UnknownKey, "ssh_keys", &pair.key, message, help);
        }
    }
}

/// The whole key, which stands below `above`.
pub(super) fn deprecated_key(checker: &mut Checker, above: &Key, key: &Key, pair: &Pair) {
    let Some(Deprecation { since, value: "", instead }) = &key.deprecated else { return };
    let name = instead.strip_prefix("use ").unwrap_or(instead);
    let newer = checker.table.below(above, name);
    if newer.is_some_and(|newer| !checker.has(newer.since)) {
        return;
    }
    let name = checker.written(&pair.key).to_owned();
    let message = format!("`{name}` is deprecated since {since}");
    let bare = instead.strip_prefix("use ").unwrap_or(instead);
    let help = match bare {
        "not for user-data" => {
            "it belongs into the image; a user-data that has it works".to_owned()
        }
        bare => format!(
            "write `{bare}`; it works as it did, with a warning for which `cloud-init status` ends \
             with 2 on newer images"
        ),
    };
    let simple = bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let spelling = simple && bare.replace('_', "") == name.replace(['-', '_'], "");
    let renamed = simple && (spelling || name.starts_with("apt_") || bare == "ubuntu_pro");
    let (path, range) = (key.path.to_owned(), pair.key.range.clone());
    let replacement = renamed.then(|| bare.to_owned());
    let kind = FaultKind::Deprecated;
    checker.faults.push(Fault { kind, path, range, message, help, replacement });
}

/// One value or type of it.
pub(super) fn deprecated_value(
    checker: &mut Checker,
    key: &Key,
    deprecated: &Deprecation,
    tree: &Tree,
) {
    let text = tree.as_str();
    let is = match deprecated.value {
        "" => false,
        "str" => text.is_some(),
        "str other than now" => text.is_some_and(|text| text != "now"),
        "int" => matches!(tree.scalar(), Some(Yaml11::Int(_))),
        "map" | "one map" => tree.is_map(),
        "false" => tree.as_bool() == Some(false),
        words => text.is_some_and(|text| words.split(", ").any(|word| word == text)),
    };
    let known = version(deprecated.since).is_ok_and(|since| checker.has(since));
    if !is || !known {
        return;
    }
    let shown = match checker.written(tree) {
        _ if deprecated.value.contains("map") => "a map".to_owned(),
        written => format!("`{written}`"),
    };
    let message = format!("{shown} as `{}` is deprecated since {}", key.path, deprecated.since);
    let instead = deprecated.instead.strip_prefix("use ").unwrap_or(deprecated.instead);
    let (instead, replacement) = meant(instead, tree);
    let help = format!("write {instead}; it works as it did, with a warning");
    checker.push(FaultKind::Deprecated, key.path, tree, message, help);
    if let Some(last) = checker.faults.last_mut() {
        last.replacement = replacement;
    }
}

/// The value in the other type, and a text for it where it means the same.
fn meant(instead: &str, tree: &Tree) -> (String, Option<String>) {
    match (instead, tree.as_str()) {
        ("bool", Some(text)) => match text.to_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => ("`true`".into(), Some("true".into())),
            "no" | "false" | "off" | "0" => ("`false`".into(), Some("false".into())),
            _ => ("`true` or `false`".into(), None),
        },
        ("int", Some(text)) if text.parse::<u32>().is_ok() => {
            (format!("`{text}` without quotes"), Some(text.to_owned()))
        }
        ("int", _) => ("a number".into(), None),
        ("list", _) | ("a list", _) => ("a list".into(), None),
        ("str", _) => ("it in quotes".into(), None),
        // YAML reads it as false.
        ("off", None) => ("`'off'` in quotes".into(), Some("'off'".into())),
        (word, _) => (format!("`{word}`"), None),
    }
}
