//! What comes out for the machines of a roster: each one's own files, and one file for all of them
//! where the destination has such a thing.
//!
//! In: a machine's plan and packed payload, one machine at a time and in any order. Out: its files,
//! and its entry in the common file, which the caller puts together: head, entries, tail. So the
//! memory it takes does not grow with the roster.

use super::{Artifact, Delivery, Destination, DestinationError};
use crate::payload::Payload;
use crate::plan::Plan;
use crate::template::Templates;

/// Which machine of a roster.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its name, which no other machine of the roster has; a file name.
    pub name: &'a str,
    /// What the student is called, where that is known beside the name.
    pub full_name: Option<&'a str>,
    /// Name of the class. It tells machines apart that have the same name in two rosters.
    pub class: &'a str,
}

/// The text before the machines and the text behind them, for the class of this name.
type Around = fn(&str, &Templates) -> Result<(String, String), DestinationError>;

/// A file for all machines of a roster.
#[derive(Clone, Copy)]
pub(super) struct Together {
    /// Its name.
    pub(super) file: &'static str,
    /// Is it there to be run?
    pub(super) program: bool,
    /// Is it all that there is, without a file of each machine's own?
    pub(super) alone: bool,
    /// What stands before the machines, and what behind them.
    pub(super) around: Around,
    /// One machine.
    pub(super) entry: fn(&Delivery<'_>) -> Result<String, DestinationError>,
    /// What stands between two machines.
    pub(super) between: &'static str,
}

/// What comes out for one machine of a roster.
#[derive(Default)]
pub struct Share {
    /// Its own files, named from the top of the roster's folder: `machines/…`.
    pub artifacts: Vec<Artifact>,
    /// Its entry in the file of everyone.
    pub entry: Option<String>,
    /// What to tell the person who hands the files over.
    pub notes: Vec<String>,
}

/// The file of everyone: `head`, the entries in the order of the roster with `between` between
/// them, and `tail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    /// Its name.
    pub file: &'static str,
    /// Is it there to be run?
    pub program: bool,
    /// What stands before the first machine.
    pub head: String,
    /// What stands between two machines.
    pub between: &'static str,
    /// What stands behind the last machine.
    pub tail: String,
}

impl Destination {
    /// The file that this destination has for a whole class, if it has one.
    ///
    /// # Errors
    /// A mistake in a template.
    pub fn gather(
        &self,
        class: &str,
        templates: &Templates,
    ) -> Result<Option<Gather>, DestinationError> {
        let gather = |together: Together| {
            let (head, tail) = (together.around)(class, templates)?;
            let Together { file, program, between, .. } = together;
            Ok(Gather { file, program, head, between, tail })
        };
        self.together.map(gather).transpose()
    }

    /// What comes out for one machine of a roster. `packed` is what [`Destination::pack`] gave.
    ///
    /// # Errors
    /// A mistake in a template.
    pub fn share(
        &self,
        member: Member<'_>,
        plan: &Plan,
        packed: &Payload,
        templates: &Templates,
    ) -> Result<Share, DestinationError> {
        let delivery = Delivery { plan, payload: packed, templates, member: Some(member) };
        let entry = self.together.map(|together| (together.entry)(&delivery)).transpose()?;
        if self.together.is_some_and(|together| together.alone) {
            return Ok(Share { entry, ..Share::default() });
        }
        let emission = (self.emit)(&delivery)?;
        // The file of everyone finds a machine's files by its name.
        let flat = self.together.is_some() || emission.artifacts.len() == 1;
        let place =
            |file: Artifact| Artifact { name: place(member.name, &file.name, flat), ..file };
        let artifacts = emission.artifacts.into_iter().map(place).collect();
        Ok(Share { artifacts, entry, notes: emission.notes })
    }
}

/// Where a machine's file goes: `machines/NAME.EXT`, or `machines/NAME/FILE` where there are
/// several that know each other by their names. Every one has an extension without a dot in it, so
/// that the names of `a.gz` and of `a` with its compressed file are never the same.
fn place(machine: &str, file: &str, flat: bool) -> String {
    match (flat, file.rsplit_once('.')) {
        (true, extension) => {
            format!("machines/{machine}.{}", extension.map_or("txt", |(_, extension)| extension))
        }
        (false, _) => format!("machines/{machine}/{file}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_their_places() {
        let table = [
            ("user-data", true, "machines/a.b.txt"),
            ("user-data.gz", true, "machines/a.b.gz"),
            ("seed.iso", true, "machines/a.b.iso"),
            ("meta-data", false, "machines/a.b/meta-data"),
            ("main.tf", false, "machines/a.b/main.tf"),
        ];
        for (file, flat, expected) in table {
            assert_eq!(place("a.b", file, flat), expected);
        }
    }
}
