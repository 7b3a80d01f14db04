//! What a rule found, and how it is repaired.

use std::ops::Range;

use super::{Part, Rule};
use crate::diagnostic::{Diagnostic, Message, Repair, Replacement, Severity};
use crate::source::Span;

/// Something that will go wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, where and what to write instead.
    pub diagnostic: Diagnostic,
    /// A repair that changes nothing else, where there is one.
    pub fix: Option<Fix>,
}

/// A safe repair: afterwards the machine does what was meant, and nothing else is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// What is written in the place of what; the stretches do not overlap.
    pub edits: Vec<Edit>,
}

/// A text in the place of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What comes.
    pub text: String,
}

impl Finding {
    /// It as programs get it, with its repair.
    pub fn message(&self) -> Message {
        let edit =
            |edit: &Edit| Replacement { place: (&edit.span).into(), text: edit.text.clone() };
        let repair = |fix: &Fix| Repair {
            title: fix.title.clone(),
            edits: fix.edits.iter().map(edit).collect(),
        };
        let fix = self.fix.as_ref().map(repair);
        Message { fix, ..Message::of(&self.diagnostic, None) }
    }
}

impl Fix {
    /// One stretch of a part's text and what to write there; `None` where the file does not have it
    /// as it is in the part.
    pub fn replace(
        part: &Part,
        range: Range<usize>,
        text: impl Into<String>,
        title: impl Into<String>,
    ) -> Option<Fix> {
        let edit = Edit { span: part.exact(range)?, text: text.into() };
        Some(Fix { title: title.into(), edits: vec![edit] })
    }
}

/// What is kept of what a rule finds in a file; nobody reads more.
pub(super) const MOST: usize = 5_000;

/// Where a rule puts what it finds.
pub struct Findings<'a> {
    rule: &'static Rule,
    found: &'a mut Vec<Finding>,
    /// Findings that it has room for.
    most: usize,
}

impl<'a> Findings<'a> {
    pub(super) fn of(rule: &'static Rule, found: &'a mut Vec<Finding>) -> Findings<'a> {
        let most = found.len() + MOST;
        Findings { rule, found, most }
    }

    /// The rule that is looking.
    pub fn rule(&self) -> &'static Rule {
        self.rule
    }

    /// A diagnostic of the rule, in no place yet.
    pub fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.rule.id, self.rule.severity, message)
    }

    /// The same with another severity.
    pub fn diagnostic_as(&self, severity: Severity, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(self.rule.id, severity, message)
    }

    /// Notes it down.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.push_with(diagnostic, None);
    }

    /// Notes it down with its repair.
    pub fn push_with(&mut self, diagnostic: Diagnostic, fix: Option<Fix>) {
        let finding = Finding { diagnostic, fix };
        // An alias repeats what is below it.
        if self.found.len() < self.most && self.found.last() != Some(&finding) {
            self.found.push(finding);
        }
    }

    /// Notes down a message with what to write instead, at a stretch of a part.
    pub fn at(
        &mut self,
        part: &Part,
        range: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = self.diagnostic(message).help(help).at_span(part.span(range));
        self.push(diagnostic);
    }
}
