//! What a machine does with what the schema does not allow.

use super::check::Checker;
use super::describe::{allowed, describe};
use super::fault::{Fault, FaultKind};
use super::table::{Key, Type};
use crate::diagnostic::nearest;
use crate::source::Yaml11;
use crate::source::yaml11::{Style, Tree};

/// What happens at boot where a value has another type than it should: path, kind, what happens.
/// Tried on cloud-init 26.2 with its own functions, or read in the module of that name in
/// <https://github.com/canonical/cloud-init/tree/main/cloudinit/config>.
const AT_BOOT: &[(&str, FaultKind, &str)] = &[
    ("runcmd", FaultKind::ScalarForList, "cloud-init stops with a TypeError and runs none of it"),
    ("bootcmd", FaultKind::ScalarForList, "cloud-init stops with a TypeError and runs none of it"),
    ("runcmd", FaultKind::EmptyKey, "the module fails, and `cloud-init status` says error"),
    ("bootcmd", FaultKind::EmptyKey, "the module fails, and `cloud-init status` says error"),
    ("packages", FaultKind::ScalarForList, "no package of it is installed"),
    (
        "ssh_authorized_keys",
        FaultKind::ScalarForList,
        "at boot the text counts as one key all the same, with a warning",
    ),
    (
        "users[].ssh_authorized_keys",
        FaultKind::ScalarForList,
        "at boot the text counts as one key all the same, with a warning",
    ),
    (
        "users[].ssh_import_id",
        FaultKind::ScalarForList,
        "at boot the text counts as one id all the same, with a warning",
    ),
    (
        "ssh_import_id",
        FaultKind::ScalarForList,
        "at boot the text counts as one id all the same, with a warning",
    ),
    (
        "users[].passwd",
        FaultKind::WrongType,
        "a value that is no text is dropped: the account has no password",
    ),
    (
        "users[].plain_text_passwd",
        FaultKind::WrongType,
        "the text of the number that YAML makes of it becomes the password",
    ),
    (
        "fs_setup[].partition",
        FaultKind::WrongType,
        "cloud-init warns, and takes a number for that of the partition",
    ),
    (
        "fs_setup[].partition",
        FaultKind::BadValue,
        "cloud-init warns, and takes a number for that of the partition",
    ),
    ("snap.commands", FaultKind::ScalarForList, "the module fails, and none of it runs"),
    ("users", FaultKind::EmptyKey, "no account is made, and not the image's own either"),
    ("packages", FaultKind::EmptyKey, "nothing is installed; cloud-init warns"),
    ("write_files", FaultKind::EmptyKey, "no file is written; cloud-init warns"),
    ("mounts", FaultKind::EmptyKey, "nothing is mounted; cloud-init warns"),
];

const WARNS: &str = "cloud-init warns of it, goes on, and gives the module what stands there";

pub(super) fn at_boot(path: &str, kind: FaultKind) -> &'static str {
    let path = path.strip_suffix("[]").unwrap_or(path);
    let user = path.strip_prefix("user.").map(|rest| format!("users[].{rest}"));
    let path = user.as_deref().unwrap_or(path);
    let dashed = path.replace("ssh-", "ssh_").replace("-key", "_key").replace("-id", "_id");
    let known = AT_BOOT.iter().find(|(known, of, _)| *known == dashed && *of == kind);
    known.map_or(WARNS, |(.., words)| words)
}

/// A value that none of the types fits.
pub(super) fn wrong(
    checker: &Checker,
    kind: FaultKind,
    key: &'static Key,
    types: &'static [Type],
    tree: &Tree,
) -> Fault {
    let path = key.path.to_owned();
    let written = checker.written(tree).to_owned();
    let boot = at_boot(key.path, kind);
    let range = tree.range.clone();
    let (message, help, replacement) = match kind {
        FaultKind::CommandBecomesMap => became_map(checker, key, tree),
        FaultKind::NonStringCommand => (
            format!("`{written}` is {}, and a command is text", describe(tree)),
            "put it in quotes; as it stands cloud-init stops with a TypeError, and runs no command \
             of the list"
                .into(),
            quoted(&written, tree),
        ),
        FaultKind::EmptyKey => (
            format!("`{}` has no value", key.path),
            format!("write {} behind it, or leave the key out: {boot}", article(types)),
            None,
        ),
        FaultKind::UnquotedMode => mode(&written, tree),
        FaultKind::ScalarForList => (
            format!("`{}` is {}, and a list is wanted", key.path, describe(tree)),
            format!("write each item on a line of its own behind `- `; {boot}"),
            bracketed(&written, tree, types),
        ),
        _ => (
            format!("`{}` is {}, and it takes {}", key.path, describe(tree), allowed(types)),
            wrong_type_help(key.path, types, &written, tree, boot),
            as_text(types, &written, tree).filter(|_| not_quoted(key.path, tree).is_none()),
        ),
    };
    Fault { kind, path, range, message, help, replacement }
}

/// Keys whose `true` and `false` mean nothing in quotes, and what to write. cloud-init hands texts to
/// `useradd --inactive` and passes over everything else: see `add_user` in
/// <https://github.com/canonical/cloud-init/blob/main/cloudinit/distros/__init__.py>.
const NOT_QUOTED: &[(&str, &str)] = &[(
    ".inactive",
    "leave it out, or write a number of days in quotes, such as `'5'`; as it stands it is passed over",
)];

fn not_quoted(path: &str, tree: &Tree) -> Option<&'static str> {
    tree.as_bool()?;
    NOT_QUOTED.iter().find(|(key, _)| path.ends_with(key)).map(|(_, words)| *words)
}

fn article(types: &[Type]) -> String {
    allowed(types)
}

fn wrong_type_help(path: &str, types: &[Type], written: &str, tree: &Tree, boot: &str) -> String {
    let bool_wanted = types.iter().any(|one| matches!(one, Type::Bool));
    if let Some(words) = not_quoted(path, tree) {
        return words.into();
    }
    match tree.scalar() {
        Some(Yaml11::Int(0 | 1)) if bool_wanted => {
            let word = if written == "1" { "true" } else { "false" };
            format!("write `{word}`, which it counts as at boot; cloud-init warns of it")
        }
        Some(Yaml11::Str(text)) if bool_wanted => {
            let yes = ["yes", "true", "on", "1"].contains(&text.to_lowercase().as_str());
            let no = ["no", "false", "off", "0"].contains(&text.to_lowercase().as_str());
            match (yes, no) {
                (true, _) => "write `true` without quotes, which it counts as at boot; cloud-init warns of it".into(),
                (_, true) => "write `false` without quotes, which it counts as at boot; cloud-init warns of it".into(),
                _ => format!("write `true` or `false`; {boot}"),
            }
        }
        Some(Yaml11::Null) => format!("write a value behind it, or leave the key out; {boot}"),
        Some(_) if types.contains(&Type::Str) => {
            format!("put it in quotes: `'{}'`; {boot}", written.trim_matches(['\'', '"']))
        }
        _ => format!("write {}; {boot}", allowed(types)),
    }
}

/// Quotes around what was read as a number, true, false or a date.
fn as_text(types: &[Type], written: &str, tree: &Tree) -> Option<String> {
    let scalar = tree.scalar().filter(|value| **value != Yaml11::Null)?;
    let text = types.contains(&Type::Str) && !matches!(scalar, Yaml11::Str(_));
    let bool_wanted = types.iter().any(|one| matches!(one, Type::Bool));
    match scalar {
        Yaml11::Int(0) if bool_wanted && !text => Some("false".into()),
        Yaml11::Int(1) if bool_wanted && !text => Some("true".into()),
        _ if text => quoted(written, tree),
        _ => None,
    }
}

fn quoted(written: &str, tree: &Tree) -> Option<String> {
    let plain = tree.style == Style::Plain && !written.is_empty();
    (plain && !written.contains(['\'', '\n'])).then(|| format!("'{written}'"))
}

/// One text as a list of one.
fn bracketed(written: &str, tree: &Tree, types: &[Type]) -> Option<String> {
    let of_text =
        types.iter().any(|one| matches!(one, Type::List(inner) if inner.contains(&Type::Str)));
    let simple = tree.style == Style::Plain && !written.is_empty();
    let bare = !written.contains([',', '[', ']', '{', '}', '#', '\n']) && !written.contains(": ");
    (of_text && simple && bare && !written.contains(' ')).then(|| format!("[{written}]"))
}

/// `- echo "done: yes"` and the like.
fn became_map(checker: &Checker, key: &Key, tree: &Tree) -> (String, String, Option<String>) {
    let written = checker.written(tree).to_owned();
    let list = key.path.trim_end_matches("[]");
    let one_line = checker.text.get(tree.range.clone()).is_some_and(|text| !text.contains('\n'));
    let quoted = match written.contains('\'') {
        false => format!("'{written}'"),
        true => format!("\"{}\"", written.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    let message = format!("this item of `{list}` became a map, because of the `: ` in it");
    let shown =
        if one_line && !written.is_empty() { format!(" (`- {quoted}`)") } else { String::new() };
    let help = format!(
        "put the whole command in quotes{shown}; as it stands cloud-init stops with a TypeError, and \
         runs no command of the list"
    );
    let flow = written.starts_with('{');
    (message, help, (one_line && !flow && !written.is_empty()).then_some(quoted))
}

/// `permissions: 0644`
fn mode(written: &str, tree: &Tree) -> (String, String, Option<String>) {
    let octal = written.strip_prefix("0o").or(written.strip_prefix('0')).unwrap_or(written);
    let digits =
        (3..=4).contains(&octal.len()) && octal.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    let meant =
        if digits { format!("'0{}'", octal.trim_start_matches('0')) } else { "'0644'".into() };
    let number = match tree.scalar() {
        Some(Yaml11::Int(number)) => *number,
        _ => 0,
    };
    let leading = written.starts_with('0');
    let boot = match leading {
        true => format!(
            "YAML makes the number {number} of it, which happens to be the mode that was meant; \
             cloud-init warns, and other tools write {number} back"
        ),
        false => format!(
            "without the 0 in front it is the decimal number {number}, which is the mode {number:04o}"
        ),
    };
    let message = format!("the mode `{written}` is a number, and text is wanted");
    let replacement = (digits && leading).then(|| meant.clone());
    (message, format!("write `permissions: {meant}`; {boot}"), replacement)
}

/// A value that is none of the allowed ones: what to write, and what can be put there safely.
pub(super) fn bad_value(key: &Key, types: &[Type], tree: &Tree) -> (String, Option<String>) {
    let words = types.iter().filter_map(|one| match one {
        Type::Enum(words) => Some(words),
        _ => None,
    });
    let words: Vec<&str> = words.flatten().copied().collect();
    let near = tree.as_str().and_then(|text| nearest(text, words.iter().copied()));
    let boot = at_boot(key.path, FaultKind::BadValue);
    match near {
        Some(near) => {
            let same = tree.as_str().is_some_and(|text| text.eq_ignore_ascii_case(near));
            let plain = same && tree.style == Style::Plain;
            (format!("did you mean `{near}`? {boot}"), plain.then(|| near.to_owned()))
        }
        None => (format!("write one that it takes; {boot}"), None),
    }
}

pub(super) fn too_short(key: &Key) -> String {
    match key.limits.min {
        Some(1) | None => format!(
            "write an item, or leave the key out: {}",
            at_boot(key.path, FaultKind::EmptyKey)
        ),
        Some(least) => format!("it takes {least} items, such as `[name, version]`; {WARNS}"),
    }
}

pub(super) fn too_long(key: &Key) -> String {
    match key.path {
        "mounts[]" => "the fields of a line in /etc/fstab are six; cloud-init warns of it".into(),
        path if path.starts_with("packages") => {
            "a list within the list is a package and its version; write other packages as items of \
             their own"
                .into()
        }
        _ => format!("leave the others out; {WARNS}"),
    }
}
