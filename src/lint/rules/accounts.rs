//! Accounts: keys that are none, names, groups and sudo rules that do not work.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::passwords::users;
use crate::diagnostic::Severity;
use crate::lint::people::People;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Part, Rule};
use crate::source::yaml11::Tree;

const USERS: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html#users-and-groups";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "bad-ssh-key",
        severity: Severity::Error,
        summary: "The text of an SSH key is no key",
        boot: "The line is written into authorized_keys as it is, and sshd passes over it: nobody can log in \
               with it.",
        advice: "Copy the whole line of the file `….pub`: the type, the long text, and a comment.",
        examples: examples!("bad-ssh-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://man.openbsd.org/sshd#AUTHORIZED_KEYS_FILE_FORMAT",
            "https://www.rfc-editor.org/rfc/rfc4253#section-6.6",
        ],
        check: keys,
    },
    Rule {
        id: "ssh-import-id-none",
        severity: Severity::Warning,
        summary: "`None`, `null` or `changeme` as the id of an account whose keys are fetched",
        boot: "`ssh-import-id` asks Launchpad for a user of that name, and the module fails.",
        advice: "Leave the key out; a program that wrote it had no value.",
        examples: examples!("ssh-import-id-none"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#ssh-import-id",
        ],
        check: import_id,
    },
    Rule {
        id: "incomplete-sudo-rule",
        severity: Severity::Error,
        summary: "A sudo rule that names no command, or `sudo: true`",
        boot: "`true` stops the module with a TypeError. A text is written into /etc/sudoers.d, where `sudo` reports a syntax error and ignores the \
               file: the account cannot use sudo.",
        advice: "Write `ALL=(ALL) ALL`, or `ALL=(ALL) NOPASSWD:ALL` for an account without a password.",
        examples: examples!("incomplete-sudo-rule"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://man7.org/linux/man-pages/man5/sudoers.5.html",
            USERS,
        ],
        check: sudo,
    },
    Rule {
        id: "unknown-group-member",
        severity: Severity::Warning,
        summary: "A group is given a member that is not made",
        boot: "cloud-init warns `Unable to add group member … user does not exist`: groups are made before users.",
        advice: "Write the group below the account: `groups: [docker]`.",
        examples: examples!("unknown-group-member"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/distros/__init__.py",
        ],
        check: members,
    },
    Rule {
        id: "bad-hostname",
        severity: Severity::Warning,
        summary: "A host name with characters that it cannot have",
        boot: "`hostnamectl` refuses it or changes it, and cloud-init warns; certificates and other programs do \
               not take a name with `_`.",
        advice: "Letters, digits and `-`, at most 63 between dots, and no `-` at an end.",
        examples: examples!("bad-hostname"),
        evidence: &["tests/oracles/evidence.py", "https://www.rfc-editor.org/rfc/rfc1123#page-13"],
        check: hostname,
    },
];

const TYPES: &[&str] = &[
    "ssh-rsa",
    "ssh-ed25519",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

fn keys(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let lists = users(part)
            .flat_map(|user| [user.get("ssh_authorized_keys"), user.get("ssh-authorized-keys")]);
        for list in lists.chain([part.get("ssh_authorized_keys")]).flatten() {
            let alone = std::slice::from_ref(list);
            for tree in if list.is_list() { list.items() } else { alone } {
                if let Some((message, help)) = tree.as_str().and_then(wrong_key) {
                    findings.at(part, tree.range.clone(), message, help);
                }
            }
        }
    }
}

/// What is wrong with a line of authorized_keys; nothing for a placeholder, which is another rule's.
fn wrong_key(text: &str) -> Option<(String, &'static str)> {
    let text = text.trim();
    if text.is_empty()
        || text.starts_with('#')
        || has_hole(text)
        || super::placeholders::is_placeholder(text)
    {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(at) = words.iter().position(|word| TYPES.contains(word)) else {
        if text.starts_with("-----BEGIN") {
            let help =
                "the public half is the file `….pub`; a private key belongs into no user-data";
            return Some(("this is a private key, or one in another format".into(), help));
        }
        let cert = text.contains("cert-") || text.starts_with("http") || text.starts_with("gh:");
        let help = "a key begins with its type: `ssh-ed25519 AAAA… name`";
        return (!cert).then(|| ("this names no type of key".into(), help));
    };
    let kind = words[at];
    let copy = "copy the whole line of the file `….pub`; sshd passes over this one";
    let Some(body) = words.get(at + 1) else {
        return Some((format!("there is nothing behind `{kind}`"), copy));
    };
    if TYPES.contains(body) {
        return Some((format!("`{kind}` stands here twice"), copy));
    }
    if !body.starts_with("AAAA") && body.len() < 40 {
        return Some(("what follows the type is no key".into(), copy));
    }
    let Ok(bytes) = STANDARD
        .decode(body.as_bytes())
        .or_else(|_| STANDARD.decode(body.trim_end_matches('=').as_bytes()))
    else {
        return Some((
            "the text of the key is cut, or has characters that do not belong".into(),
            copy,
        ));
    };
    wrong_body(kind, &bytes).map(|message| (message, copy))
}

/// What is wrong with the decoded text of a key of this type.
fn wrong_body(kind: &str, bytes: &[u8]) -> Option<String> {
    let inner = field(bytes).and_then(|name| std::str::from_utf8(name).ok());
    match inner {
        Some(inner) if inner == kind && complete(kind, bytes) => None,
        Some(inner) if inner == kind => Some("the text of the key is cut".into()),
        Some(inner) if TYPES.contains(&inner) => {
            Some(format!("the key is of the type {inner}, and `{kind}` stands before it"))
        }
        _ => Some("what follows the type is no key".into()),
    }
}

/// The first field: four bytes of length, then its content.
fn field(bytes: &[u8]) -> Option<&[u8]> {
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    bytes.get(4..4 + usize::try_from(length).ok()?)
}

/// Are all fields there that a key of this type has?
fn complete(kind: &str, bytes: &[u8]) -> bool {
    let fields = match kind {
        "ssh-ed25519" => 2,
        "ssh-dss" => 5,
        _ => 3,
    };
    let mut rest = bytes;
    for _ in 0..fields {
        let Some(found) = field(rest) else { return false };
        rest = &rest[4 + found.len()..];
    }
    true
}

fn import_id(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let lists =
            users(part).flat_map(|user| [user.get("ssh_import_id"), user.get("ssh-import-id")]);
        for list in lists.chain([part.get("ssh_import_id")]).flatten() {
            let alone = std::slice::from_ref(list);
            for tree in if list.is_list() { list.items() } else { alone } {
                let text = tree.as_str().unwrap_or_default();
                if matches!(
                    text,
                    "None" | "none" | "nil" | "undefined" | "lp:None" | "gh:None" | "changeme"
                ) {
                    let message = format!("the keys of a user called `{text}` are fetched");
                    findings.at(
                        part,
                        tree.range.clone(),
                        message,
                        "leave the key out where there is no value",
                    );
                }
            }
        }
    }
}

fn sudo(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for list in users(part).filter_map(|user| user.get("sudo")) {
            let alone = std::slice::from_ref(list);
            for tree in if list.is_list() { list.items() } else { alone } {
                let Some(message) = no_rule(tree, list.is_list()) else { continue };
                let help = "write `ALL=(ALL) NOPASSWD:ALL`, or `ALL=(ALL) ALL` where a password is asked for";
                findings.at(part, tree.range.clone(), message, help);
            }
        }
    }
}

/// Why a value is no rule.
fn no_rule(tree: &Tree, listed: bool) -> Option<String> {
    if tree.as_bool() == Some(true) && !listed {
        let stops = "`true` is no rule for sudo: cloud-init stops at it with a TypeError, so that this \
                     account has no keys, and none is made behind it";
        return Some(stops.into());
    }
    let text = tree.as_str().filter(|text| !has_hole(text) && !text.trim().is_empty())?;
    let no_rule =
        || format!("`{text}` is no whole rule for sudo: no command stands behind the `=`");
    (!is_rule(text)).then(no_rule)
}

/// `hosts=(users) commands`, or a list of tags; anything that is not known counts as right.
fn is_rule(text: &str) -> bool {
    let Some((_, rest)) = text.split_once('=') else {
        return !text.trim().eq_ignore_ascii_case("all");
    };
    let rest = rest.trim();
    let behind = match rest.strip_prefix('(') {
        Some(inner) => inner.split_once(')').map_or("", |(_, behind)| behind),
        None => rest,
    };
    let bare = behind.trim();
    !bare.is_empty() && !bare.ends_with(':')
}

fn members(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let Some(groups) = part.get("groups") else { continue };
        let alone = std::slice::from_ref(groups);
        let maps = if groups.is_list() { groups.items() } else { alone };
        for pair in maps.iter().flat_map(Tree::pairs) {
            let alone = std::slice::from_ref(&pair.value);
            let names = if pair.value.is_list() { pair.value.items() } else { alone };
            for tree in names {
                let Some(name) =
                    tree.as_str().filter(|name| !has_hole(name) && !name.contains(','))
                else {
                    continue;
                };
                if part.people.makes(name) || People::is_early(name) {
                    continue;
                }
                let message = format!("no account `{name}` is made");
                let help = "write the account below `users:`, with the group in its `groups`";
                findings.at(part, tree.range.clone(), message, help);
            }
        }
    }
}

fn hostname(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for key in ["hostname", "fqdn"] {
            let Some(tree) = part.get(key) else { continue };
            let Some(name) = tree.as_str().filter(|name| !has_hole(name)) else { continue };
            if super::placeholders::is_placeholder(name) || is_hostname(name) {
                continue;
            }
            let message = format!("`{name}` is no name for a host");
            let help =
                "letters, digits and `-`, at most 63 between dots, and no `-` at an end of one";
            findings.at(part, tree.range.clone(), message, help);
        }
    }
}

fn is_hostname(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.trim_end_matches('.').split('.').all(label)
}

/// An account of a part, for other rules.
pub(super) fn home_of(part: &Part, path: &str) -> Option<String> {
    let rest = path.strip_prefix("/home/")?;
    let (name, _) = rest.split_once('/')?;
    part.people.makes(name).then(|| name.to_owned())
}
