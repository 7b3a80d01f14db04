//! Machines that nobody gets into.

use super::passwords::users;
use crate::diagnostic::Severity;
use crate::inspect::Kind;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Origin, Part, Rule};
use crate::source::Yaml11;
use crate::source::yaml11::Tree;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "locked-out",
        severity: Severity::Warning,
        summary: "`AllowUsers` of the SSH server names nobody who is made",
        boot: "sshd refuses everybody whom the line does not name: nobody can log in over the network.",
        advice: "Name an account of `users:`, or the image's own.",
        examples: examples!("locked-out"),
        evidence: &["https://man.openbsd.org/sshd_config#AllowUsers"],
        check: allow_users,
    },
    Rule {
        id: "no-way-in",
        severity: Severity::Warning,
        summary: "No account that is made has a key or a password",
        boot: "With `users:` and no `default` in it the image's own account is not made, and the key that the cloud \
               knows goes to nobody: the machine runs, and nobody can log in.",
        advice: "Add `- default` to `users:`, or write `ssh_authorized_keys` below an account.",
        examples: examples!("no-way-in"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/reference/modules.html#users-and-groups",
            "https://github.com/canonical/cloud-init/issues/6894",
        ],
        check: no_way_in,
    },
];

fn allow_users(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let files = part.items("write_files").iter().filter(|file| {
            file.get("path").and_then(Tree::as_str).is_some_and(|path| path.contains("sshd_config"))
        });
        let of_files = files
            .filter_map(|file| file.get("content"))
            .filter_map(|tree| Some((tree.as_str()?, tree.range.clone())));
        let shells = part.shells.iter().filter(|shell| shell.origin != Origin::Bootcmd);
        let of_shells =
            shells.filter(|shell| shell.text.contains("AllowUsers")).flat_map(|shell| {
                shell.commands.iter().filter_map(|command| {
                    let word =
                        command.words.iter().find(|word| word.text.contains("AllowUsers"))?;
                    Some((word.text.as_str(), word.range.clone()))
                })
            });
        for (text, range) in of_files.chain(of_shells) {
            let Some((_, rest)) = text.split_once("AllowUsers") else { continue };
            let line = rest.split(['\n', '/', '\\']).next().unwrap_or_default();
            let names: Vec<&str> = line.split_whitespace().collect();
            let odd =
                |name: &&str| has_hole(name) || name.contains(['*', '?', '"', '\'', '$', '<']);
            if names.is_empty() || names.iter().any(odd) || !text_is_active(text) {
                continue;
            }
            let known = |name: &&str| {
                let name = name.split('@').next().unwrap_or(name);
                part.people.makes(name) || name == "root" || is_made(part, name)
            };
            let written = part.text.get(range.clone()).and_then(|text| text.find("AllowUsers"));
            let range = written.map_or(range.clone(), |at| {
                range.start + at..part.line(range.start + at).end.max(range.start + at)
            });
            if !names.iter().any(known) && !part.people.named.iter().any(|(name, _)| has_hole(name))
            {
                let message = format!(
                    "only {} may log in over SSH, and no such account is made",
                    names.join(", ")
                );
                findings.at(
                    part,
                    range,
                    message,
                    "name an account of `users:`, or the image's own",
                );
            }
        }
    }
}

/// Does a command make this account?
fn is_made(part: &Part, name: &str) -> bool {
    let mut commands = part.shells.iter().flat_map(|shell| &shell.commands);
    commands
        .any(|command| matches!(command.program(), "useradd" | "adduser") && command.has(&[name]))
}

fn text_is_active(text: &str) -> bool {
    let line = text.lines().find(|line| line.contains("AllowUsers")).unwrap_or_default();
    !line.trim_start().starts_with('#')
}

/// Keys of an account by which somebody can log in.
const WAYS: &[&str] = &[
    "ssh_authorized_keys",
    "ssh-authorized-keys",
    "ssh_import_id",
    "ssh-import-id",
    "passwd",
    "hashed_passwd",
    "hashed-passwd",
    "plain_text_passwd",
    "plain-text-passwd",
    "snapuser",
];

/// Keys at the top by which something else may let people in.
const OTHERS: &[&str] =
    &["user", "chpasswd", "ansible", "puppet", "chef", "salt_minion", "landscape"];

/// Words of what lets people in, or makes accounts, in commands and files.
const WORDS: &[&str] = &[
    "authorized_keys",
    "authorizedkeys",
    "passwd ",
    "chpasswd",
    "ssh-import-id",
    "useradd",
    "adduser",
    "trustedusercakeys",
    "tailscale",
    "teleport",
    "cloudflared",
    "zerotier",
    "-agent",
    "realm join",
    "sssd",
    "ldap",
    "ipa-client",
    "ansible",
    "puppet",
    "getty",
    "wsl.conf",
    "autologin",
];

fn no_way_in(document: &Document, findings: &mut Findings) {
    let include =
        document.parts.iter().any(|part| matches!(part.kind, Kind::Include | Kind::JsonPatch));
    let configs: Vec<&Part> = document.configs().collect();
    let [part] = configs[..] else { return };
    let Some(pair) = part.tree.as_ref().and_then(|tree| tree.pair("users")) else { return };
    let root = part.get("disable_root").and_then(Tree::as_bool) == Some(false);
    let other = OTHERS.iter().any(|key| part.get(key).is_some());
    let way = |user: &Tree| WAYS.iter().any(|key| user.get(key).is_some());
    if include || root || other || part.template || part.people.default || users(part).any(way) {
        return;
    }
    let text = document.parts.iter().map(|part| part.text.to_lowercase());
    let all = text.collect::<Vec<_>>().concat();
    if WORDS.iter().any(|word| all.contains(word)) || !users(part).any(is_person) {
        return;
    }
    let message =
        "nobody can log in: no account has a key or a password, and the image's own is not made";
    let help = "add `- default`, which gets the key that the cloud knows, or write `ssh_authorized_keys` \
                below an account";
    findings.at(part, pair.key.range.clone(), message, help);
}

/// Is it an account for somebody who logs in, and not for a service?
fn is_person(user: &Tree) -> bool {
    let yes = |key: &str| user.get(key).and_then(Tree::as_bool) == Some(true);
    let hole = user.get("name").and_then(Tree::as_str).is_none_or(has_hole);
    let shell = user.get("shell").and_then(Tree::as_str);
    let login = shell.is_some_and(|shell| shell.ends_with("sh"));
    let none = shell.is_some_and(|shell| !shell.ends_with("sh"));
    let nothing = |tree: &Tree| matches!(tree.scalar(), Some(Yaml11::Null | Yaml11::Bool(false)));
    let sudo = user.get("sudo").is_some_and(|sudo| !nothing(sudo));
    !hole && !none && !yes("system") && !yes("inactive") && (login || sudo)
}
