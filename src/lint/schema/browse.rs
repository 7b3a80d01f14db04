//! The keys of cloud-config for those who write one: what is below a key, and what it takes.

use super::describe::allowed;
use super::table::{Key, Type, table};

/// What is known of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its path: `users[].name`.
    pub path: &'static str,
    /// What it is for, of the keys that people write.
    pub about: Option<&'static str>,
    /// What it takes, in words.
    pub takes: String,
    /// The words that it takes; none if others are allowed as well.
    pub words: Vec<&'static str>,
    /// Must it be there?
    pub required: bool,
    /// The release of cloud-init whose schema has it first; 22.2 is the first that is known of.
    pub since: (u16, u16),
    /// Since when it, or what of it, is deprecated, and what to write instead.
    pub deprecated: Option<String>,
}

/// What is known of the key at the end of a path in steps: `users`, `[]`, `name`.
pub fn known(path: &[String]) -> Option<Known> {
    find(path).filter(|key| !key.path.is_empty()).map(Known::of)
}

/// The keys that may stand below a path, each with its name, in the order of the alphabet.
pub fn below(path: &[String]) -> Vec<(&'static str, Known)> {
    let Some(key) = find(path) else { return Vec::new() };
    let known = |name| Some((name, Known::of(table().below(key, name)?)));
    let mut keys: Vec<_> = table().names(key).filter_map(known).collect();
    keys.sort_by_key(|(name, _)| *name);
    keys
}

fn find(path: &[String]) -> Option<&'static Key> {
    let table = table();
    path.iter().try_fold(&table.keys[0], |key, step| {
        let named = table.below(key, step).or_else(|| table.below(key, "*"));
        // Where one map does as well as a list of them, the table has no row for items.
        named.or_else(|| (step == "[]").then_some(key))
    })
}

/// What keys are for: path, and a sentence or two.
const ABOUT: &str = include_str!("about.tsv");

fn about(path: &str) -> Option<&'static str> {
    let user = path.strip_prefix("user.").map(|rest| format!("users[].{rest}"));
    let path = user.unwrap_or_else(|| path.to_owned());
    let of = |path: &str| {
        let mut lines = ABOUT.lines().filter_map(|line| line.split_once('\t'));
        lines.find(|(known, _)| *known == path).map(|(_, about)| about)
    };
    of(&path).or_else(|| of(&path.replace('-', "_")))
}

impl Known {
    fn of(key: &'static Key) -> Known {
        let words = key.types.iter().flat_map(|one| match one {
            Type::Enum(words) => words.clone(),
            Type::Bool => vec!["true", "false"],
            _ => Vec::new(),
        });
        let deprecated = key.deprecated.as_ref().map(|one| {
            let value =
                if one.value.is_empty() { String::new() } else { format!("{}: ", one.value) };
            let instead =
                if one.instead.is_empty() { String::new() } else { format!(", {}", one.instead) };
            format!("{value}deprecated since {}{instead}", one.since)
        });
        Known {
            path: key.path,
            about: about(key.path),
            takes: allowed(&key.types),
            words: words.collect(),
            required: key.limits.required,
            since: key.since,
            deprecated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_their_steps() {
        let path = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let name = known(&path("users [] name")).unwrap();
        assert_eq!((name.path, name.takes.as_str()), ("users[].name", "text"));
        assert!(known(&path("users [] nam")).is_none() && known(&[]).is_none());
        let files = below(&path("write_files []"));
        assert!(files.iter().any(|(name, _)| *name == "permissions"));
        assert!(below(&[]).len() > 50);
        for (name, known) in below(&[]) {
            let old = known.deprecated.is_some();
            assert!(known.about.is_some() || old, "what is `{name}` for?");
        }
        let lines = ABOUT.lines().filter_map(|line| line.split_once('\t'));
        for (path, _) in lines {
            assert!(table().keys.iter().any(|key| key.path == path), "there is no key {path}");
        }
        let old = known(&path("user ssh-authorized-keys")).unwrap().about.unwrap();
        assert!(old.starts_with("Public keys"));
        assert_eq!(known(&path("power_state mode")).unwrap().words, ["poweroff", "reboot", "halt"]);
    }
}
