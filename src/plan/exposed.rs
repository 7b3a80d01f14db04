//! Secrets in what the owner puts into the user-data, where every program on the machine can read them.
//!
//! In: the parameters and their [`Plan`]. Out: a warning for each text. It is no error: a secret may
//! be worth nothing.

use super::Plan;
use crate::diagnostic::{self, Diagnostic, Report};
use crate::source::{Node, Path};

const HELP: &str = "let the machine fetch it, with an instance role for example; every program on it, \
     and whoever may describe the instance, can read user-data";

/// Keys whose values do not go out as they are.
const HASHED: &[&str] = &["password", "password_hash"];

/// Warns of every text with a secret in it: in the parameters, and in the files that they name.
pub(super) fn check(tree: &Node, plan: &Plan, report: &mut Report) {
    let mut told = Vec::new();
    walk(tree, &Path::default(), &mut |at, text| {
        if warn(at, text, report) {
            told.push(at.to_string());
        }
    });
    let files = plan.files.iter().filter(|file| !file.base64);
    let files = files.map(|file| (&file.origin, &file.text));
    let parts = plan.parts.iter().map(|part| (&part.origin, &part.text));
    for (origin, text) in files.chain(parts) {
        let new = !told.iter().any(|path| path.starts_with(origin.as_str()));
        if let Some(at) = origin.parse().ok().filter(|_| new) {
            warn(&at, text, report);
        }
    }
}

/// Every text of the parameters and its place. The reader limits their depth, so this ends.
fn walk(node: &Node, at: &Path, found: &mut impl FnMut(&Path, &str)) {
    if let Some(scalar) = node.as_scalar() {
        found(at, &scalar.text);
    }
    node.items().iter().enumerate().for_each(|(i, item)| walk(item, &at.index(i), found));
    let entries = node.entries().iter().filter(|entry| !HASHED.contains(&entry.key.as_str()));
    entries.for_each(|entry| walk(&entry.value, &at.key(entry.key.clone()), found));
}

fn warn(at: &Path, text: &str, report: &mut Report) -> bool {
    let found = diagnostic::secrets(text).into_iter().next();
    report.extend(found.iter().map(|found| {
        let message = format!("{} is in the user-data", found.what);
        Diagnostic::warning("exposed-secret", message).at(at).help(HELP).secret()
    }));
    found.is_some()
}
