//! How many machines are new, changed, unchanged and gone.

use std::fmt;

/// What becomes of a file, or of all files of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// There was none.
    New,
    /// There was another.
    Changed,
    /// It is the same, content and mode.
    Unchanged,
}

/// How many there are of each, for the line at the end of a run: `3 changed, 37 unchanged, 1 gone`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Machines that were not there.
    pub new: usize,
    /// Machines that are others.
    pub changed: usize,
    /// Machines that are the same.
    pub unchanged: usize,
    /// Machines that were there and are on the roster no more.
    pub gone: usize,
}

impl Change {
    /// What becomes of a machine with this file and another.
    #[must_use]
    pub fn and(self, other: Change) -> Change {
        if self == other { self } else { Change::Changed }
    }
}

impl Changes {
    /// Counts one machine.
    pub fn add(&mut self, change: Change) {
        match change {
            Change::New => self.new += 1,
            Change::Changed => self.changed += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Changes { new, changed, unchanged, gone } = *self;
        let counts = [(new, "new"), (changed, "changed"), (unchanged, "unchanged"), (gone, "gone")];
        let mut counts = counts.iter().filter(|(count, _)| *count > 0);
        match counts.next() {
            Some((count, what)) => write!(f, "{count} {what}")?,
            None => f.write_str("no machine")?,
        }
        counts.try_for_each(|(count, what)| write!(f, ", {count} {what}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_there_is_is_said() {
        let mut changes = Changes::default();
        assert_eq!(changes.to_string(), "no machine");
        (0..3).for_each(|_| changes.add(Change::Changed));
        (0..37).for_each(|_| changes.add(Change::Unchanged));
        changes.gone = 1;
        assert_eq!(changes.to_string(), "3 changed, 37 unchanged, 1 gone");
        assert_eq!(Changes { new: 40, ..Changes::default() }.to_string(), "40 new");
    }

    #[test]
    fn a_machine_is_what_all_its_files_are() {
        use Change::{Changed, New, Unchanged};
        for (one, other, both) in [
            (New, New, New),
            (Unchanged, Unchanged, Unchanged),
            (New, Unchanged, Changed),
            (Changed, Unchanged, Changed),
        ] {
            assert_eq!((one.and(other), other.and(one)), (both, both));
        }
    }
}
