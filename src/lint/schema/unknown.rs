//! Keys that cloud-init does not know.

use super::check::Checker;
use super::fault::{Fault, FaultKind};
use super::misplaced;
use super::table::Key;
use crate::diagnostic::nearest;
use crate::source::yaml11::Pair;

/// Reports a key below `key` that is none.
pub(super) fn push(checker: &mut Checker, key: &'static Key, pair: &Pair) {
    let written = checker.written(&pair.key).to_owned();
    let name = pair.key.as_str().unwrap_or(&written).to_owned();
    let place = if key.path.is_empty() { String::new() } else { format!(" in `{}`", key.path) };
    let shown: String = name.chars().take(60).collect();
    let message = format!("cloud-init has no key `{shown}`{place}");
    let known = misplaced::about(key.path, &name);
    let near = nearest(&name, checker.table.names(key));
    let (help, replacement) = match (known, near) {
        (Some(misplaced::About::Elsewhere(help)), _) => ((*help).to_owned(), None),
        (Some(misplaced::About::Instead(word)), _) => (meant(word), safe(&name, word)),
        (None, Some(near)) => {
            let word = newest(checker, key, near);
            (meant(word), safe(&name, near).map(|_| word.to_owned()))
        }
        (None, None)
            if key.path.is_empty()
                && checker.table.keys.iter().any(|one| ends(one.path, &name)) =>
        {
            let path = checker.table.keys.iter().map(|one| one.path).find(|path| ends(path, &name));
            let path = path.unwrap_or_default();
            (
                format!("it is a key of `{}`: is it indented too little? {IGNORED}", above(path)),
                None,
            )
        }
        (None, None) => {
            let help = format!(
                "{IGNORED}; its keys: https://docs.cloud-init.io/en/latest/reference/modules.html"
            );
            (help, None)
        }
    };
    let path = if key.path.is_empty() { name } else { format!("{}.{name}", key.path) };
    let range = pair.key.range.clone();
    checker.faults.push(Fault {
        kind: FaultKind::UnknownKey,
        path,
        range,
        message,
        help,
        replacement,
    });
}

/// What is written today in the place of this key, if the machine knows it.
fn newest(checker: &Checker, above: &Key, name: &'static str) -> &'static str {
    let of = |name| checker.table.below(above, name);
    let old = of(name).and_then(|key| key.deprecated.as_ref()).filter(|old| old.value.is_empty());
    let new = old.and_then(|old| old.instead.strip_prefix("use "));
    new.filter(|new| of(new).is_some_and(|key| checker.has(key.since))).unwrap_or(name)
}

const IGNORED: &str = "a machine passes over it, and cloud-init warns since 23.4";

fn meant(word: &str) -> String {
    format!("did you mean `{word}`? {IGNORED}")
}

/// Shorter names are near to too many others.
const LONG: usize = 6;

/// A spelling that differs in nothing but case and `-` or `_`, or of a long name in one slip, can be
/// written without asking.
fn safe(name: &str, near: &str) -> Option<String> {
    let same = |text: &str| text.to_lowercase().replace('-', "_");
    let slip = || near.len() >= LONG && strsim::osa_distance(name, near) == 1;
    (same(name) == same(near) || slip()).then(|| near.to_owned())
}

fn ends(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')) && !path.contains('*')
}

fn above(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(above, _)| above)
}
