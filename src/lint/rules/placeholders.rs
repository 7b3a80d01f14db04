//! What somebody was meant to put something in the place of.

use super::passwords::users;
use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Rule};
use crate::source::yaml11::Tree;

pub(super) static RULES: &[Rule] = &[Rule {
    id: "placeholder-left",
    severity: Severity::Warning,
    summary: "A placeholder in the place of a key, a name, a password or a device",
    boot: "cloud-init takes it as it is: a key that is none lets nobody in, a host is called \
           YOUR_HOSTNAME.",
    advice: "Write what belongs there. Where a program fills it in later, allow it.",
    examples: examples!("placeholder-left"),
    evidence: &["https://docs.cloud-init.io/en/latest/reference/yaml_examples/ssh_keys.html"],
    check,
}];

/// Words that stand for something else, in small letters.
const WORDS: &[&str] = &[
    "changeme",
    "change_me",
    "change-me",
    "replaceme",
    "replace_me",
    "replace-me",
    "fixme",
    "todo",
    "your-key",
    "your_key",
    "yourkey",
    "your-public-key",
    "your_public_key",
    "your-ssh-key",
    "your ssh key",
    "your_ssh_key",
    "your public key",
    "your key",
    "your-username",
    "your_username",
    "yourusername",
    "your-user",
    "your_user",
    "your-hostname",
    "your_hostname",
    "username_here",
    "password_here",
    "_here>",
    "<your",
    "insert your",
    "insert-your",
    "paste your",
    "paste-your",
    "put your",
    "ssh-key-here",
    "key here",
    "your-github",
    "your_github",
    "yourgithub",
    "your_token",
    "your-token",
];

/// Does it stand for something that is to be written there?
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_lowercase();
    let bracket = |open: char, close: char| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| {
            let word = |c: char| c.is_ascii_alphanumeric() || "_- .".contains(c);
            inner.len() > 2 && inner.chars().all(word)
        })
    };
    let around = |mark: &str| {
        let inner = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        inner.is_some_and(|inner| {
            inner.len() > 2 && inner.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        })
    };
    let key = (lower.starts_with("ssh-") || lower.starts_with("ecdsa-"))
        && (text.contains("...")
            || text.contains('…')
            || text.contains('<')
            || text.contains("XXXX")
            || {
                let body = text.split_whitespace().nth(1).unwrap_or_default();
                let shown = ["your", "key", "public", "example", "xxx"];
                !body.starts_with("AAAA")
                    && shown.iter().any(|word| body.to_lowercase().contains(word))
            });
    WORDS.iter().any(|word| lower.contains(word))
        || bracket('<', '>')
        || bracket('[', ']')
        || around("%")
        || around("__")
        || around("@@")
        || text.ends_with("_HERE")
        || text.starts_with("YOUR_")
        || key
}

fn check(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let mut say = |tree: &Tree, secret: bool| {
            let Some(text) = tree.as_str().filter(|text| !has_hole(text) && is_placeholder(text))
            else {
                return;
            };
            let shown: String = text.chars().take(40).collect();
            let message = match secret {
                true => "this stands for a password that was never written".to_owned(),
                false => format!("`{shown}` stands for something that was never written"),
            };
            let help = "write what belongs here, or allow it where a program does";
            findings.at(part, tree.range.clone(), message, help);
        };
        for user in users(part) {
            for key in ["name", "passwd", "plain_text_passwd", "hashed_passwd"] {
                if let Some(tree) = user.get(key) {
                    say(tree, key != "name");
                }
            }
            for key in ["ssh_authorized_keys", "ssh-authorized-keys", "ssh_import_id"] {
                each(user.get(key), |tree| say(tree, false));
            }
        }
        each(part.get("ssh_authorized_keys"), |tree| say(tree, false));
        each(part.get("ssh_import_id"), |tree| say(tree, false));
        for key in ["hostname", "fqdn", "timezone", "password"] {
            if let Some(tree) = part.get(key) {
                say(tree, key == "password");
            }
        }
        for mount in part.items("mounts") {
            mount.items().iter().take(2).for_each(|tree| say(tree, false));
        }
        let tokens =
            [("ubuntu_pro", "token"), ("ubuntu_advantage", "token"), ("phone_home", "url")];
        for (above, key) in tokens {
            if let Some(tree) = part.get(above).and_then(|own| own.get(key)) {
                say(tree, false);
            }
        }
    }
}

fn each<'a>(list: Option<&'a Tree>, mut say: impl FnMut(&'a Tree)) {
    let Some(list) = list else { return };
    match list.is_list() {
        true => list.items().iter().for_each(say),
        false => say(list),
    }
}
