//! The mistakes of a roster, told one after the other, and their number.

use bootseed::diagnostic::Report;
use bootseed::roster::Trouble;
use bootseed::source::Node;

use super::outcome::Complaint;
use crate::cli::voice;

/// Counts mistakes, and tells them.
pub(super) struct Mistakes {
    count: usize,
    most: usize,
    /// Is one of them in the parameter file, so that every student has it?
    common: bool,
}

impl Mistakes {
    pub(super) fn new(most: usize) -> Mistakes {
        Mistakes { count: 0, most: most.max(1), common: false }
    }

    pub(super) fn none(&self) -> bool {
        self.count == 0
    }

    /// Is there no use in looking for more?
    pub(super) fn enough(&self) -> bool {
        self.common || self.count >= self.most
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
                voice::words("");
                voice::wrong(error.id(), &format!("{name} (row {row}): {error}"));
            }
        }
        Ok(())
    }

    fn report(&mut self, report: &Report, tree: Option<&Node>) {
        self.count += report.error_count();
        if !report.is_empty() {
            voice::part(report, tree);
        }
    }

    /// Says how many there were.
    pub(super) fn sum_up(&self) {
        let mistakes =
            if self.count == 1 { "1 error".into() } else { format!("{} errors", self.count) };
        let more = if self.enough() { "; the rest of the roster was not looked at" } else { "" };
        voice::words(&format!("\n{mistakes}{more}; nothing is written"));
    }
}
