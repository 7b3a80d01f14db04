//! What will go wrong in any user-data, before it is launched.
//!
//! ```text
//!  bytes ─> document ─> rules ─> allow ─> findings
//!           opened by   each one  what the   diagnostics with places
//!           inspect,    looks at  owner      in the file, and what
//!           walked once all of it allows     repairs them
//! ```
//!
//! In: the bytes of a file, whoever wrote it. Out: [`Finding`]s. The [`Document`] is made once: every
//! envelope opened, every cloud-config read as cloud-init reads it with the place of each value, every
//! shell text taken apart. A [`Rule`] looks at it, and says what a machine really does.
//!
//! To add a rule: a file in `rules/` with its table and its check, its line in `rules/mod.rs`, and
//! `tests/lint/ID/{bad,good}.yaml`, which are its examples as well.

mod allow;
mod document;
mod explain;
mod finding;
mod lines;
mod part;
mod people;
mod repair;
mod rule;
mod rules;
pub mod schema;
mod shells;
mod target;

pub use allow::UNUSED;
pub use document::Document;
pub use explain::{Explained, all as explained, explain};
pub use finding::{Edit, Finding, Findings, Fix};
pub use part::Part;
pub use repair::{Repaired, applied, repair};
pub use rule::{Examples, Rule};
pub use shells::{Origin, Shell};
pub use target::{Family, Image, Target, TargetError, Version, version};

use std::collections::HashSet;

use crate::diagnostic::Report;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Ids of the only rules that count; all of them without one.
    pub select: Vec<String>,
    /// Ids of rules that do not count.
    pub ignore: Vec<String>,
    /// What is known of the machine.
    pub target: Target,
}

impl Settings {
    /// Does the rule of this id count?
    pub fn wants(&self, id: &str) -> bool {
        let named = |ids: &[String]| ids.iter().any(|one| one == id);
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// Everything that is found in the bytes of a file called `name`, in the order of the file.
pub fn lint(name: &str, bytes: &[u8], settings: &Settings) -> Vec<Finding> {
    let document = Document::open(name, bytes, settings.target.clone());
    let mut found = Vec::new();
    for rule in rules::all().filter(|rule| settings.wants(rule.id)) {
        let mut findings = Findings::of(rule, &mut found);
        (rule.check)(&document, &mut findings);
    }
    let mut found = allow::apply(&document, settings, found);
    repair::keep_possible(&document, &mut found);
    sort(&mut found);
    found
}

/// The order of the file, without repetitions.
fn sort(found: &mut Vec<Finding>) {
    let key = |one: &Finding| {
        let span = one.diagnostic.place.span(None);
        let place = span.map(|span| (span.source().name().to_owned(), span.start()));
        (place.is_none(), place)
    };
    found.sort_by_cached_key(key);
    let mut seen = HashSet::new();
    found.retain(|one| {
        let place = key(one);
        seen.insert((one.diagnostic.id, place, one.diagnostic.message.clone()))
    });
}

/// The diagnostics alone.
pub fn report(found: &[Finding]) -> Report {
    found.iter().map(|finding| finding.diagnostic.clone()).collect()
}

/// Every rule, in the order in which they are listed.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    rules::all()
}

#[cfg(test)]
mod tests;
