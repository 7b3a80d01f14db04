//! The mistakes of a roster, told one after the other, and their number.
//!
//! A mistake that is like an earlier one, in another row, is not told again: at the end, the rows
//! are named.

use bootseed::diagnostic::{Diagnostic, Place, Report, Severity};
use bootseed::roster::{Mistakes as Found, Trouble};
use bootseed::source::Node;

use super::outcome::Complaint;
use crate::cli::voice;

/// Rows that are named where a mistake is not told again.
const NAMED: usize = 12;

/// Counts mistakes, and tells them.
pub(super) struct Mistakes {
    count: usize,
    most: usize,
    /// Is one of them in the parameter file, so that every student has it?
    common: bool,
    /// Were the warnings about the parameter file told?
    warned: bool,
    kinds: Vec<Kind>,
}

/// Mistakes that are alike.
struct Kind {
    severity: Severity,
    /// What they have in common.
    key: String,
    /// Where the first is.
    first: String,
    column: Option<String>,
    /// How many there are beside that.
    more: usize,
    /// Where those are.
    rows: Vec<String>,
}

impl Mistakes {
    pub(super) fn new(most: usize) -> Mistakes {
        let (most, kinds) = (most.max(1), Vec::new());
        Mistakes { count: 0, most, common: false, warned: false, kinds }
    }

    pub(super) fn none(&self) -> bool {
        self.count == 0
    }

    /// Is there no use in looking for more?
    pub(super) fn enough(&self) -> bool {
        let wrong = self.kinds.iter().filter(|kind| kind.severity == Severity::Error);
        let more: usize = wrong.map(|kind| kind.more).sum();
        self.common || self.count - more >= self.most
    }

    /// Tells a mistake.
    ///
    /// # Errors
    /// It is none of the user's: a template, or the disk.
    pub(super) fn tell(&mut self, complaint: Complaint) -> anyhow::Result<()> {
        match complaint {
            Complaint::Row(report) => self.report(&report, None),
            Complaint::Machine { trouble: Trouble::Mistakes(found), .. } => {
                self.common = found.common.has_errors();
                self.report(&found.common, Some(&found.variant.tree));
                self.report(&found.own, Some(&found.variant.tree));
            }
            Complaint::Machine { name, row, trouble: Trouble::Machine(error) } => {
                if !error.is_the_users() {
                    return Err(error.into());
                }
                self.count += 1;
                let said = error.to_string();
                if self.is_new(Severity::Error, bare(&said), &row.to_string(), None) {
                    voice::words("");
                    voice::wrong(error.id(), &format!("{name} (row {row}): {said}"));
                }
            }
        }
        Ok(())
    }

    /// Tells what is probably not meant: what is in the parameter file once.
    pub(super) fn warn(&mut self, found: &Found) {
        if !std::mem::replace(&mut self.warned, true) {
            self.report(&found.common, Some(&found.variant.tree));
        }
        self.report(&found.own, Some(&found.variant.tree));
    }

    /// Tells what is wrong; what is like an earlier mistake is only counted.
    pub(super) fn report(&mut self, report: &Report, tree: Option<&Node>) {
        self.count += report.error_count();
        let new = |one: &&Diagnostic| {
            let (source, row) = place(one, tree);
            let column = source.split_once(", column ").map(|(_, column)| column);
            self.is_new(one.severity, key(one, &source), &row, column)
        };
        let new: Report = report.iter().filter(new).cloned().collect();
        if !new.is_empty() {
            voice::part(&new, tree);
        }
    }

    fn is_new(&mut self, severity: Severity, key: String, row: &str, column: Option<&str>) -> bool {
        let Some(kind) = self.kinds.iter_mut().find(|kind| kind.key == key) else {
            let (first, column) = (row.into(), column.map(str::to_owned));
            self.kinds.push(Kind { severity, key, first, column, more: 0, rows: Vec::new() });
            return true;
        };
        // Two columns of one row may have one mistake.
        if kind.rows.last().unwrap_or(&kind.first) != row && kind.rows.len() < NAMED {
            kind.rows.push(row.into());
        }
        kind.more += 1;
        false
    }

    /// Says how many there were, and where those are that were not told.
    pub(super) fn sum_up(&self) {
        self.name_the_rest();
        let mistakes =
            if self.count == 1 { "1 error".into() } else { format!("{} errors", self.count) };
        let more = if self.enough() { "; the rest of the roster was not looked at" } else { "" };
        voice::words(&format!("\n{mistakes}{more}; nothing is written"));
    }

    /// Names the rows of what was not told again.
    pub(super) fn name_the_rest(&self) {
        for Kind { first, column, more, rows, .. } in self.kinds.iter().filter(|kind| kind.more > 0)
        {
            let beyond = more.saturating_sub(rows.len());
            let beyond = if beyond > 0 { format!(" and {beyond} more") } else { String::new() };
            let column = column.as_ref().map(|name| format!(", column {name},"));
            let column = column.unwrap_or_default();
            let rows = rows.join(", ");
            voice::words(&format!(
                "\nthe mistake of row {first}{column} is also in {rows}{beyond}"
            ));
        }
    }
}

/// Where a mistake is: the source without the row, and the row.
fn place(one: &Diagnostic, tree: Option<&Node>) -> (String, String) {
    let span = match &one.place {
        Place::Span(span) => Some(span.clone()),
        place => place.span(tree),
    };
    let name = span.map(|span| span.source().name().to_owned()).unwrap_or_default();
    let row = name.split(", ").find_map(|part| {
        let number = part.strip_prefix("row ").or(part.strip_prefix("entry "))?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.to_owned())
    });
    match row {
        Some(row) => (name.replacen(&format!(" {row}"), "", 1), row),
        None => (name, String::new()),
    }
}

/// What mistakes have in common that are alike: everything but the row and what is in quotes. A
/// mistake that is in no row is like no other.
fn key(one: &Diagnostic, source: &str) -> String {
    let related = one.related.as_ref().map(|(span, _)| (span.source().name(), span.range()));
    let severity = if one.severity == Severity::Error { "error" } else { "warning" };
    let message = if source.contains(", row") || source.contains(", entry") {
        bare(&one.message)
    } else {
        format!("{} {:?}", one.message, one.place)
    };
    format!("{severity} {} {source} {message} {related:?}", one.id)
}

/// A message without what is in backticks, and without numbers.
fn bare(message: &str) -> String {
    let outside = message.split('`').step_by(2).collect::<Vec<_>>().join("`");
    outside.chars().filter(|c| !c.is_ascii_digit()).collect()
}
