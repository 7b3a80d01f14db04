//! Secrets in what the owner puts into the user-data, where every program on the machine can read them.
//!
//! In: a [`Plan`]. Out: a warning for each place. It is no error: a secret may be worth nothing.

use super::Plan;
use crate::diagnostic::{self, Diagnostic, Report};
use crate::source::Path;

const HELP: &str = "let the machine fetch it, with an instance role for example; every program on it, \
     and whoever may describe the instance, can read user-data";

/// Warns of every text with a secret in it.
pub(super) fn check(plan: &Plan, report: &mut Report) {
    let files = plan.files.iter().filter(|file| !file.base64);
    let files = files.map(|file| (file.origin.clone(), file.text.as_str()));
    let parts = plan.parts.iter().map(|part| (part.origin.clone(), part.text.as_str()));
    for (origin, text) in files.chain(parts) {
        warn(&origin, text, report);
    }
    for (i, words) in plan.run.iter().skip(plan.late.len()).enumerate() {
        warn(&format!("run[{i}]"), &words.join(" "), report);
    }
    let lists =
        [("write_files", &plan.write_files), ("bootcmd", &plan.bootcmd), ("runcmd", &plan.runcmd)];
    for (key, list) in lists {
        list.iter().for_each(|entry| warn(&format!("cloud_config.{key}"), &words(entry), report));
    }
}

/// The texts in a value, for a search.
fn words(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(" "),
        serde_json::Value::Object(map) => map.values().map(words).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn warn(origin: &str, text: &str, report: &mut Report) {
    let Some(found) = diagnostic::secrets(text).into_iter().next() else { return };
    let message = format!("{} is in the user-data", found.what);
    let warning = Diagnostic::warning("exposed-secret", message).help(HELP).secret();
    report.push(match origin.parse::<Path>() {
        Ok(path) => warning.at(&path),
        Err(_) => warning,
    });
}
