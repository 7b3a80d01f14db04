//! Keys below the keys of cloud-config: does cloud-init know them there?
//!
//! In: the owner's own keys of cloud-config. Out: complaints. cloud-init warns of such a key in its
//! log and passes over it. To know a new one: its word in `cloud_nested.txt`.

use serde_json::{Map, Value};

use super::word;
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::source::Path;

/// One map a line: where it is, and its keys.
const MAPS: &str = include_str!("cloud_nested.txt");

/// Words that people write, and the ones to write instead.
const MEANT: &[(&str, &str, &str)] = &[
    ("users[]", "home", "homedir"),
    ("users[]", "group", "groups"),
    ("users[]", "password", "plain_text_passwd"),
    ("users[]", "password_hash", "hashed_passwd"),
    ("users[]", "ssh_keys", "ssh_authorized_keys"),
    ("users[]", "username", "name"),
    ("write_files[]", "contents", "content"),
    ("write_files[]", "mode", "permissions"),
    ("write_files[]", "user", "owner"),
    ("power_state.mode", "restart", "reboot"),
    ("power_state.mode", "shutdown", "poweroff"),
];

/// Reports what cloud-init would pass over below the keys of `config`.
pub(super) fn check(config: &Map<String, Value>, at: &Path, report: &mut Report) {
    for (key, value) in config {
        walk(value, key, &at.key(key.clone()), report);
    }
}

fn walk(value: &Value, place: &str, at: &Path, report: &mut Report) {
    match value {
        Value::Array(items) => {
            let place = format!("{place}[]");
            items.iter().enumerate().for_each(|(i, item)| walk(item, &place, &at.index(i), report));
        }
        Value::Object(map) => {
            let known = known(place);
            for (key, value) in map {
                let (at, below) = (at.key(key.clone()), format!("{place}.{key}"));
                match known.as_ref().map(|known| known.iter().find(|(name, _)| name == key)) {
                    Some(None) => {
                        report.push(
                            unknown(place, key, known.as_deref().unwrap_or_default()).at_key(&at),
                        );
                    }
                    Some(Some((_, Some(words)))) => check_word(value, words, &below, &at, report),
                    _ => walk(value, &below, &at, report),
                }
            }
        }
        _ => {}
    }
}

/// A key, and the words that it takes if they are fixed.
type Known = (&'static str, Option<&'static str>);

/// The keys of the map at a place, if there are no others.
fn known(place: &str) -> Option<Vec<Known>> {
    let keys = MAPS.lines().find_map(|line| line.strip_prefix(place)?.strip_prefix(": "))?;
    let key = |word: &'static str| match word.split_once('=') {
        Some((key, words)) => (key, Some(words)),
        None => (word, None),
    };
    Some(keys.split(' ').map(key).collect())
}

fn meant(place: &str, word: &str) -> Option<&'static str> {
    let is = |(at, from, _): &&(&str, &str, &str)| *at == place && *from == word;
    MEANT.iter().find(is).map(|(.., to)| *to)
}

fn unknown(place: &str, key: &str, known: &[Known]) -> Diagnostic {
    let names = || known.iter().map(|(name, _)| *name);
    let help = match meant(place, key).or_else(|| nearest(key, names())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "cloud-init knows {}",
            names().filter(|name| !name.contains('-')).collect::<Vec<_>>().join(", ")
        ),
    };
    let message = format!("cloud-init has no key `{}` below `{place}`", word::shorten(key));
    Diagnostic::error("unknown-key", message).help(help)
}

fn check_word(value: &Value, words: &str, place: &str, at: &Path, report: &mut Report) {
    let Value::String(text) = value else { return };
    if words.split('|').any(|word| word == text) {
        return;
    }
    let help = match meant(place, text).or_else(|| nearest(text, words.split('|'))) {
        Some(near) => format!("did you mean `{near}`? It takes {}", words.replace('|', ", ")),
        None => format!("it takes {}", words.replace('|', ", ")),
    };
    let message = format!("`{place}` does not take `{}`", word::shorten(text));
    report.push(Diagnostic::error("cloud-config", message).at(at).help(help));
}
