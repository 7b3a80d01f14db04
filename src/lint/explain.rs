//! What an id means: of a rule, or of any other mistake that bootseed reports.

use super::{Rule, rules};

/// Ids of mistakes in parameter files and calls, each with a line that says what it is.
const OTHERS: &str = include_str!("others.tsv");

/// What is known of an id.
#[derive(Clone, Copy)]
pub enum Explained {
    /// It is a rule for any user-data.
    Rule(&'static Rule),
    /// It is a mistake in a parameter file, a table or a call: its id, and what it is.
    Other(&'static str, &'static str),
}

impl Explained {
    /// The id.
    pub fn id(&self) -> &'static str {
        match self {
            Explained::Rule(rule) => rule.id,
            Explained::Other(id, _) => id,
        }
    }

    /// One line.
    pub fn summary(&self) -> &'static str {
        match self {
            Explained::Rule(rule) => rule.summary,
            Explained::Other(_, summary) => summary,
        }
    }
}

/// What an id means; of one that is both, the rule.
pub fn explain(id: &str) -> Option<Explained> {
    all().find(|one| one.id() == id)
}

/// Every id.
pub fn all() -> impl Iterator<Item = Explained> {
    let others = OTHERS.lines().filter(|line| !line.starts_with('#'));
    let others = others.filter_map(|line| line.split_once('\t'));
    let others = others.filter(|(id, _)| !rules::all().any(|rule| rule.id == *id));
    rules::all()
        .map(Explained::Rule)
        .chain(others.map(|(id, summary)| Explained::Other(id, summary)))
}
