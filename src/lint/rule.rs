//! What a rule is: what it says about itself, and its check.

use super::{Document, Findings};
use crate::diagnostic::Severity;

/// A kind of mistake that is found in user-data.
pub struct Rule {
    /// Its name in kebab-case, which reads well behind "allow": it names the bad pattern.
    pub id: &'static str,
    /// How bad it is, where the finding does not say otherwise.
    pub severity: Severity,
    /// One line: what it finds.
    pub summary: &'static str,
    /// What the machine really does.
    pub boot: &'static str,
    /// What to write instead, and why.
    pub advice: &'static str,
    /// A document with the mistake, and one without.
    pub examples: Examples,
    /// Where it is known from: documentation, reports, what was tried.
    pub evidence: &'static [&'static str],
    /// Finds it.
    pub check: fn(&Document, &mut Findings),
}

/// Documents that show a rule.
pub struct Examples {
    /// One that it finds something in.
    pub bad: &'static str,
    /// The same, as it was meant.
    pub good: &'static str,
}

/// The examples of a rule, which are its tests as well.
macro_rules! examples {
    ($id:literal) => {
        $crate::lint::Examples {
            bad: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/lint/",
                $id,
                "/bad.yaml"
            )),
            good: include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/lint/",
                $id,
                "/good.yaml"
            )),
        }
    };
}

pub(super) use examples;
