//! All that is wrong in one run.
//!
//! In: [`Diagnostic`]s in the order they were found. Out: the same in the order of the file,
//! counted and without repetitions.

use std::collections::HashMap;

use super::{Diagnostic, Place, Severity};
use crate::source::{Node, SyntaxError};

/// The complaints of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Nothing wrong so far.
    pub fn new() -> Report {
        Report::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Whether there is neither error nor warning.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.diagnostics.len()
    }

    /// Whether there is an error.
    pub fn has_errors(&self) -> bool {
        self.error_count() > 0
    }

    /// How many errors there are.
    pub fn error_count(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many warnings there are.
    pub fn warning_count(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// How many hints there are.
    pub fn hint_count(&self) -> usize {
        self.count(Severity::Hint)
    }

    fn count(&self, severity: Severity) -> usize {
        self.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.diagnostics.iter()
    }

    /// Puts them in the order of the file; those without a place come last. Paths are found in
    /// `tree`.
    pub fn sort(&mut self, tree: Option<&Node>) {
        self.diagnostics.sort_by_cached_key(|diagnostic| {
            let span = diagnostic.place.span(tree);
            let place = span.map(|span| (span.source().name().to_owned(), span.start()));
            (place.is_none(), place)
        });
    }

    /// Drops those that repeat an earlier one.
    pub fn dedup(&mut self) {
        let mut kept: HashMap<(&'static str, String, String), Vec<Diagnostic>> = HashMap::new();
        self.diagnostics.retain(|diagnostic| {
            let place = match &diagnostic.place {
                Place::Path { path, .. } => path.to_string(),
                Place::Span(span) => format!("{} {:?}", span.source().name(), span.range()),
                Place::Nowhere => String::new(),
            };
            let same = kept.entry((diagnostic.id, diagnostic.message.clone(), place)).or_default();
            let is_new = !same.contains(diagnostic);
            if is_new {
                same.push(diagnostic.clone());
            }
            is_new
        });
    }
}

impl Extend<Diagnostic> for Report {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.diagnostics.extend(diagnostics);
    }
}

impl From<Vec<SyntaxError>> for Report {
    fn from(errors: Vec<SyntaxError>) -> Report {
        Report { diagnostics: errors.into_iter().map(Diagnostic::from).collect() }
    }
}

impl From<Diagnostic> for Report {
    fn from(diagnostic: Diagnostic) -> Report {
        Report { diagnostics: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Report {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Report {
        Report { diagnostics: diagnostics.into_iter().collect() }
    }
}

impl IntoIterator for Report {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.into_iter()
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Path, Source, parse};

    #[test]
    fn a_report_counts_sorts_and_drops_repetitions() {
        let tree = parse(&Source::new("a.yaml", "a: 1\nb: 2\n")).unwrap();
        let at = |key: &'static str| Diagnostic::error("x", key).at(&Path::root().key(key));
        let mut report = Report::new();
        assert!(report.is_empty() && !report.has_errors());
        report.extend([Diagnostic::warning("w", "nowhere"), at("b"), at("a"), at("b")]);
        report.dedup();
        report.sort(Some(&tree));
        let order: Vec<&str> = report.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(order, ["a", "b", "nowhere"]);
        assert_eq!((report.len(), report.error_count(), report.warning_count()), (3, 2, 1));
        assert!(report.has_errors());
    }

    #[test]
    fn mistakes_of_the_yaml_become_diagnostics() {
        let errors = parse(&Source::new("a.yaml", "a: 1\na: 2\n")).unwrap_err();
        let report = Report::from(errors);
        let first = report.iter().next().unwrap();
        assert_eq!((first.id, first.severity), ("yaml", Severity::Error));
        assert!(first.related.is_some() && first.help.is_some());
    }
}
