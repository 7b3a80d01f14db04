//! Is a document one that cloud-init's schema allows, and what becomes of it where it is not?
//!
//! In: the tree of a cloud-config. Out: [`Fault`]s. `keys.tsv` has every key with its type and
//! limits, `forms` what one key demands of another, `misplaced` what people write in a wrong place,
//! `effects` what a machine does all the same.

mod browse;
mod check;
mod describe;
mod effects;
mod fault;
mod forms;
mod limits;
mod misplaced;
mod modules;
mod scalars;
mod table;
mod unknown;

pub use browse::{Known, below, known};
pub use fault::{Fault, FaultKind};

use crate::lint::target::Version;
use crate::source::yaml11::{Pair, Tree};
use table::table;

/// Every difference, in the order of the document. Of the cloud-init of this version it is known what
/// is too new for it, and is not proposed.
pub fn check(tree: &Tree, text: &str, version: Option<Version>) -> Vec<Fault> {
    let table = table();
    let mut checker = check::Checker { text, table, version, faults: Vec::new(), key: None };
    checker.document(tree);
    checker.faults
}

/// The keys that may stand at the top of a document.
pub fn top_keys() -> impl Iterator<Item = &'static str> {
    table().names(&table().keys[0])
}

/// Does it begin with the header of a cloud-config?
pub fn has_header(text: &str) -> bool {
    text.trim_start_matches(['#', ' ', '\n', '\r']).starts_with("cloud-config") || {
        let mut lines =
            text.lines().skip_while(|line| line.trim_start_matches('#').trim().is_empty());
        lines.next().is_some_and(|line| line.starts_with("#cloud-config"))
    }
}

/// Lines at whose start a key is looked for.
const LOOKED_AT: usize = 2_000;

/// Would it be a cloud-config, if it had its header? Is a key of cloud-init at the start of a line?
pub fn looks_like_config(text: &str) -> bool {
    let key = |line: &str| {
        let (key, _) = line.split_once(':')?;
        // Documents of many other systems have a version, too.
        Some(top_keys().any(|known| known == key.trim_end() && known != "version"))
    };
    text.lines().take(LOOKED_AT).any(|line| key(line) == Some(true))
}

/// Has it marks of templates that stand in the place of lines, so that it is no YAML yet?
pub fn is_template(text: &str) -> bool {
    let line = |line: &str| {
        let line = line.trim_start();
        ["{%", "%{"].iter().any(|mark| line.starts_with(mark)) || erb(line) == Some(0)
    };
    text.lines().any(line)
}

/// Has a value marks of templates in it, in whose place something else will stand?
pub fn has_hole(text: &str) -> bool {
    let variable = text.strip_prefix('$').is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    });
    is_mark(text) || text.contains("$(") || variable
}

/// Has it a mark of a template, in whose place a value of any type may come?
fn is_mark(text: &str) -> bool {
    let name = |rest: &str| {
        rest.split_once('}').is_some_and(|(name, _)| !name.is_empty() && !name.contains(' '))
    };
    ["{{", "%{"].iter().any(|mark| text.contains(mark))
        || erb(text).is_some()
        || text.split("${").skip(1).any(name)
}

/// Where a mark of ERB begins: `<%PRI%>` is none, rsyslog has such names.
pub fn erb(text: &str) -> Option<usize> {
    let mark = |(at, _): &(usize, &str)| {
        text[at + 2..].starts_with(|c: char| c.is_whitespace() || matches!(c, '=' | '-' | '#'))
    };
    text.match_indices("<%").find(mark).map(|(at, _)| at)
}

/// Keys that came with a later release than this one, each with its release; what is below such a
/// key is not looked at.
pub fn later_keys(tree: &Tree, version: Version) -> Vec<(&Pair, Version)> {
    let mut found = Vec::new();
    // Releases before the first one of the table are not told apart.
    walk(&table().keys[0], tree, version.max((22, 2)), &mut found);
    found
}

fn walk<'a>(
    key: &table::Key,
    tree: &'a Tree,
    version: Version,
    found: &mut Vec<(&'a Pair, Version)>,
) {
    let table = table();
    for pair in tree.pairs() {
        let name = pair.key.as_str().unwrap_or_default();
        match table.below(key, name).or_else(|| table.below(key, "*")) {
            Some(below) if below.since > version && below.deprecated.is_none() => {
                found.push((pair, below.since));
            }
            Some(below) => walk(below, &pair.value, version, found),
            None => {}
        }
    }
    if let Some(own) = table.below(key, "[]") {
        tree.items().iter().for_each(|item| walk(own, item, version, found));
    }
}
