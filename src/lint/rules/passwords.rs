//! Passwords: in clear text, in the wrong place, for nobody, or of no use.

use std::collections::HashSet;

use crate::diagnostic::Severity;
use crate::lint::people::People;
use crate::lint::rule::examples;
use crate::lint::schema::has_hole;
use crate::lint::{Document, Findings, Part, Rule};
use crate::source::Yaml11;
use crate::source::yaml11::Tree;

const PASSWORDS: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html#set-passwords";
const USERS: &str = "https://docs.cloud-init.io/en/latest/reference/modules.html#users-and-groups";
const SOURCE: &str =
    "https://github.com/canonical/cloud-init/blob/main/cloudinit/config/cc_set_passwords.py";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "plain-text-password",
        severity: Severity::Hint,
        summary: "A password that everybody can read who can read the user-data",
        boot: "It works. The user-data can be read in the cloud's console, by every program on the \
               machine that reaches the metadata service, and in the repository that it is in.",
        advice: "Write a hash (`mkpasswd -m sha-512`) as `passwd` or with `type: hash`, or use SSH keys. In \
                 a lab that is thrown away it may well be meant.",
        examples: examples!("plain-text-password"),
        evidence: &[PASSWORDS],
        check: plain_text,
    },
    Rule {
        id: "plain-text-in-passwd",
        severity: Severity::Error,
        summary: "A clear text where a hash is wanted",
        boot: "`useradd` writes the text into /etc/shadow as if it were a hash: no password fits it, and \
               nobody can log in with it.",
        advice: "Write the hash that `mkpasswd -m sha-512` prints, or `plain_text_passwd`.",
        examples: examples!("plain-text-in-passwd"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            USERS,
            "https://man7.org/linux/man-pages/man8/useradd.8.html",
        ],
        check: in_passwd,
    },
    Rule {
        id: "hash-taken-as-text",
        severity: Severity::Error,
        summary: "A yescrypt hash (`$y$`) in `chpasswd.list`",
        boot: "cloud-init knows `$1$`, `$2a$`, `$2y$`, `$5$` and `$6$` there: any other hash becomes the \
               password itself, in clear text.",
        advice: "Write it below `chpasswd.users` with `type: hash`, or make it with `mkpasswd -m sha-512`.",
        examples: examples!("hash-taken-as-text"),
        evidence: &["tests/oracles/evidence.py", SOURCE],
        check: hash_as_text,
    },
    Rule {
        id: "numeric-password",
        severity: Severity::Error,
        summary: "A password that YAML reads as a number, a date, or true or false",
        boot: "A `passwd` that is no text is dropped, and the account has no password; a clear text becomes \
               that of the number: 0314 is 204.",
        advice: "Put it in quotes.",
        examples: examples!("numeric-password"),
        evidence: &["tests/oracles/evidence.py", USERS, "tests/boot/lint.rs"],
        check: numeric,
    },
    Rule {
        id: "password-with-space",
        severity: Severity::Error,
        summary: "A password in `chpasswd.list` that begins with a space",
        boot: "The space behind the colon belongs to the password, so that the one that was meant does \
               not fit.",
        advice: "Write `name:password` without a space.",
        examples: examples!("password-with-space"),
        evidence: &["tests/oracles/evidence.py", SOURCE],
        check: with_space,
    },
    Rule {
        id: "password-for-nobody",
        severity: Severity::Warning,
        summary: "A password or a key for an account that is not made",
        boot: "With `users:` and no `default` in it the image's own account is not made: `password:` \
               and `ssh_import_id:` at the top have nobody to go to. `chpasswd` fails for \
               an account that is not there, and with it for all others of the list.",
        advice: "Add `- default` to `users:`, or name an account that is in it.",
        examples: examples!("password-for-nobody"),
        evidence: &["tests/oracles/evidence.py", PASSWORDS],
        check: for_nobody,
    },
    Rule {
        id: "unlocked-without-password",
        severity: Severity::Warning,
        summary: "`lock_passwd: false` without a password",
        boot: "Since 24.3 cloud-init warns, and `cloud-init status` ends with 2; the account has an empty or no \
               password, even where `chpasswd` sets one later.",
        advice: "Leave it out, or write the password (`passwd` with a hash) beside it.",
        examples: examples!("unlocked-without-password"),
        evidence: &[
            "tests/oracles/evidence.py",
            "tests/boot/lint.rs",
            USERS,
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/distros/__init__.py",
        ],
        check: unlocked,
    },
    Rule {
        id: "locked-password",
        severity: Severity::Warning,
        summary: "An account has a password and stays locked",
        boot: "`lock_passwd` is true without a word: a `!` is put before the hash, and the password is \
               refused everywhere.",
        advice: "Write `lock_passwd: false` beside the password, or leave the password out.",
        examples: examples!("locked-password"),
        evidence: &[
            "tests/oracles/evidence.py",
            USERS,
            "https://github.com/canonical/cloud-init/issues/6683",
        ],
        check: locked,
    },
];

/// The value of a key of an account, in either spelling.
fn own<'a>(user: &'a Tree, name: &str) -> Option<&'a Tree> {
    user.get(name).or_else(|| user.get(&name.replace('_', "-")))
}

/// The accounts that are maps, `user:` among them.
pub(super) fn users(part: &Part) -> impl Iterator<Item = &Tree> {
    let own = part.get("user").into_iter();
    part.items("users").iter().chain(own).filter(|user| user.is_map())
}

/// `name:password` of `chpasswd.list`, one for each account.
struct Line<'a> {
    name: &'a str,
    password: &'a str,
    tree: &'a Tree,
}

fn lines(part: &Part) -> Vec<Line<'_>> {
    let Some(list) = part.get("chpasswd").and_then(|own| own.get("list")) else {
        return Vec::new();
    };
    let alone = std::slice::from_ref(list);
    let trees = if list.is_list() { list.items() } else { alone };
    let mut found = Vec::new();
    for tree in trees {
        for line in tree.as_str().unwrap_or_default().lines() {
            if let Some((name, password)) = line.split_once(':') {
                found.push(Line { name: name.trim(), password, tree });
            }
        }
    }
    found
}

/// Where a line of a list is, as far as it can be told.
fn place(part: &Part, line: &Line) -> std::ops::Range<usize> {
    let range = line.tree.range.clone();
    let text = part.text.get(range.clone()).unwrap_or_default();
    let found = text.find(&format!("{}:", line.name));
    match found {
        Some(at) => range.start + at..(range.start + at + line.name.len()),
        None => range,
    }
}

fn is_hash(text: &str) -> bool {
    text.starts_with('$') && text.matches('$').count() >= 3
}

/// Words that set or lock no password: `!`, `*`, `x`, and random ones.
fn is_none(text: &str) -> bool {
    matches!(text, "" | "!" | "*" | "!!" | "x" | "R" | "RANDOM") || text.starts_with('!')
}

fn plain_text(document: &Document, findings: &mut Findings) {
    const HELP: &str = "write a hash, as `mkpasswd -m sha-512` makes it, or use SSH keys; in a lab it may be meant";
    for part in document.configs() {
        let mut say = |tree: &Tree, name: &str, secret: bool| {
            let message = format!("`{name}` is a password in clear text");
            let diagnostic = findings.diagnostic(message).help(HELP);
            let diagnostic = diagnostic.at_span(part.span(tree.range.clone()));
            findings.push(if secret { diagnostic.secret() } else { diagnostic });
        };
        let plain = |tree: &&Tree| {
            tree.as_str().is_some_and(|text| !is_hash(text) && !is_none(text) && !has_hole(text))
        };
        if let Some(tree) = part.get("password").filter(plain) {
            say(tree, "password", true);
        }
        for user in users(part) {
            if let Some(tree) = own(user, "plain_text_passwd").filter(plain) {
                say(tree, "plain_text_passwd", true);
            }
        }
        let chpasswd = part.get("chpasswd");
        for user in chpasswd.and_then(|own| own.get("users")).map(Tree::items).unwrap_or_default() {
            let hash = user.get("type").and_then(Tree::as_str).is_none_or(|kind| kind == "hash");
            if let Some(tree) = user.get("password").filter(plain).filter(|_| !hash) {
                say(tree, "password", true);
            }
        }
        let line = lines(part).into_iter().find(|line| {
            !is_hash(line.password.trim())
                && !is_none(line.password.trim())
                && !has_hole(line.password)
        });
        if let Some(line) = line {
            say(line.tree, "chpasswd.list", true);
        }
    }
}

fn in_passwd(document: &Document, findings: &mut Findings) {
    const HELP: &str = "write the hash that `mkpasswd -m sha-512` prints, or `plain_text_passwd`: as it \
        stands no password fits";
    const LISTED: &str = "write the hash that `mkpasswd -m sha-512` prints, or `type: text` beside it: as \
        it stands no password fits";
    for part in document.configs() {
        let keys = ["passwd", "hashed_passwd"];
        let of_users = users(part).flat_map(|user| {
            keys.into_iter().filter_map(move |name| Some((own(user, name)?, name, HELP)))
        });
        let listed = listed_as_hash(part).map(|tree| (tree, "chpasswd.users[].password", LISTED));
        for (tree, name, help) in of_users.chain(listed).filter(|(tree, ..)| is_clear(tree)) {
            let message = format!("`{name}` is clear text, and takes a hash");
            let diagnostic = findings.diagnostic(message).help(help);
            findings.push(diagnostic.at_span(part.span(tree.range.clone())).secret());
        }
    }
}

/// Is it a text that is surely no hash?
fn is_clear(tree: &Tree) -> bool {
    let Some(text) = tree.as_str().filter(|text| !has_hole(text) || is_hash(text)) else {
        return false;
    };
    // A hash of DES is 13 letters; `*` and `!` are for no password at all.
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || "./".contains(c));
    let des = text.len() == 13 && letters;
    !(is_hash(text) || is_none(text) || des || text.starts_with(['$', '_']))
}

/// Passwords of `chpasswd.users`, which are hashes unless their `type` says something else.
fn listed_as_hash(part: &Part) -> impl Iterator<Item = &Tree> {
    let listed = part.get("chpasswd").and_then(|own| own.get("users"));
    let hashes = listed
        .map(Tree::items)
        .unwrap_or_default()
        .iter()
        .filter(|user| user.get("type").is_none_or(|kind| kind.as_str() == Some("hash")));
    hashes.filter_map(|user| user.get("password"))
}

fn hash_as_text(document: &Document, findings: &mut Findings) {
    const KNOWN: &[&str] = &["$1$", "$2a$", "$2y$", "$5$", "$6$"];
    for part in document.configs() {
        for line in lines(part) {
            let odd = is_hash(line.password)
                && !KNOWN.iter().any(|known| line.password.starts_with(known));
            if odd && line.password.starts_with("$y$") {
                let message = "cloud-init takes this hash for a password in clear text";
                let help = "write it below `chpasswd: {users: […]}` with `type: hash`";
                let diagnostic = findings.diagnostic(message).help(help);
                findings.push(diagnostic.at_span(part.span(place(part, &line))).secret());
            }
        }
    }
}

fn numeric(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let of_users = users(part).flat_map(|user| {
            ["passwd", "hashed_passwd", "plain_text_passwd"]
                .into_iter()
                .filter_map(|key| own(user, key))
        });
        let chpasswd = part.get("chpasswd").and_then(|own| own.get("users"));
        let listed = chpasswd.map(Tree::items).unwrap_or_default();
        let all = of_users
            .chain(part.get("password"))
            .chain(listed.iter().filter_map(|user| user.get("password")));
        for tree in all {
            let Some(value) = tree.scalar() else { continue };
            if !matches!(value, Yaml11::Str(_) | Yaml11::Null | Yaml11::Binary(_)) {
                let message = "YAML reads this password as something else than text";
                let help = "put it in quotes: as it stands it is dropped or becomes another one";
                let diagnostic = findings.diagnostic(message).help(help);
                findings.push(diagnostic.at_span(part.span(tree.range.clone())).secret());
            }
        }
    }
}

fn with_space(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for line in lines(part).iter().filter(|line| line.password.starts_with(' ')) {
            let message = format!("the password of `{}` begins with a space", line.name);
            let help = "write no space behind the colon: it belongs to the password";
            let diagnostic = findings.diagnostic(message).help(help);
            findings.push(diagnostic.at_span(part.span(place(part, line))).secret());
        }
        // An item `- name: password` is a map by its looks, and the schema says so.
    }
}

fn for_nobody(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let people = &part.people;
        if !people.given {
            continue;
        }
        if !people.default && part.get("user").is_none() {
            for key in ["password", "ssh_import_id"] {
                let Some(pair) = part.tree.as_ref().and_then(|tree| tree.pair(key)) else {
                    continue;
                };
                let message = format!("`{key}` is for the image's own account, which is not made");
                let help = "add `- default` to `users:`, or write it below an account";
                findings.at(part, pair.key.range.clone(), message, help);
            }
        }
        let chpasswd = part.get("chpasswd").and_then(|own| own.get("users"));
        let listed = chpasswd.map(Tree::items).unwrap_or_default();
        let listed = listed.iter().filter_map(|user| user.get("name"));
        let listed = listed.filter_map(|name| Some((name.as_str()?, name.range.clone())));
        let lines = lines(part);
        let lined = lines.iter().map(|line| (line.name, place(part, line)));
        for (name, range) in listed.chain(lined) {
            if !people.makes(name) && !People::is_early(name) && !has_hole(name) && !people.default
            {
                let message = format!(
                    "no account `{name}` is made, and `chpasswd` fails for all of the list"
                );
                let help = "write it below `users:`, or correct the name";
                findings.at(part, range, message, help);
            }
        }
    }
}

fn unlocked(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        for user in users(part) {
            let Some(lock) = own(user, "lock_passwd").filter(|lock| lock.as_bool() == Some(false))
            else {
                continue;
            };
            let keys = ["passwd", "hashed_passwd", "plain_text_passwd"];
            if keys.iter().any(|key| own(user, key).is_some()) || user.get("snapuser").is_some() {
                continue;
            }
            let message = "the account is unlocked, and has no password when it is made";
            let help = "leave `lock_passwd` out, or write `passwd` with a hash beside it; cloud-init warns of \
                        it since 24.3";
            findings.at(part, lock.range.clone(), message, help);
        }
    }
}

fn locked(document: &Document, findings: &mut Findings) {
    for part in document.configs() {
        let chpasswd = part.get("chpasswd").and_then(|own| own.get("users"));
        let named = chpasswd.map(Tree::items).unwrap_or_default();
        let named = named.iter().filter_map(|user| user.get("name").and_then(Tree::as_str));
        let lines = lines(part);
        let later: HashSet<&str> = lines.iter().map(|line| line.name).chain(named).collect();
        let is_later = |name: &str| later.contains(name);
        for user in users(part) {
            let keys = ["passwd", "plain_text_passwd", "hashed_passwd"];
            let Some(key) = keys.iter().find(|key| own(user, key).is_some()) else { continue };
            let Some(tree) = own(user, key) else { continue };
            let none = tree
                .as_str()
                .is_none_or(|text| is_none(text) || !is_hash(text) && *key == "passwd");
            let name = user.get("name").and_then(Tree::as_str).unwrap_or_default();
            let lock = own(user, "lock_passwd").map_or(Some(true), Tree::as_bool);
            if !none && lock == Some(true) && !is_later(name) {
                let message =
                    format!("the account has `{key}` and stays locked: the password is refused");
                let help = "write `lock_passwd: false` beside it";
                let diagnostic = findings.diagnostic(message).help(help);
                findings.push(diagnostic.at_span(part.span(tree.range.clone())).secret());
            }
        }
    }
}
