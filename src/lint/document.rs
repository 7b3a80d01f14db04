//! A file, opened: its parts, its text, and what `inspect` says of it.

use std::sync::Arc;

use super::part::File;
use super::{Part, Target};
use crate::inspect::{self, Inspection};
use crate::source::{Source, Span};

/// User-data, opened and walked once.
pub struct Document {
    /// The file as text; what is no UTF-8 is replaced.
    pub outer: Arc<Source>,
    /// Its bytes, up to the 4,096 that headers are looked for in.
    pub head: Vec<u8>,
    /// Its size in bytes.
    pub bytes: usize,
    /// What a machine acts on, and what it passes over.
    pub parts: Vec<Part>,
    /// The envelopes, and what becomes of the parts.
    pub inspection: Inspection,
    /// What is known of the machine.
    pub target: Target,
}

/// Bytes that the head of a document has.
const HEAD: usize = 4096;

impl Document {
    /// Opens the bytes of a file.
    pub fn open(name: &str, bytes: &[u8], target: Target) -> Document {
        let outer = Source::new(name, String::from_utf8_lossy(bytes));
        let mut inspection = inspect::inspect(bytes);
        let mut parts = Vec::new();
        let (rows, version) = (None, target.version());
        take(&mut inspection, "", &mut File { outer: &outer, rows, version }, &mut parts);
        let head = bytes[..bytes.len().min(HEAD)].to_vec();
        Document { outer, head, bytes: bytes.len(), parts, inspection, target }
    }

    /// Is it nothing but one part, without an envelope?
    pub fn is_bare(&self) -> bool {
        self.inspection.layers.is_empty() && self.parts.len() == 1
    }

    /// The first line of the file.
    pub fn first_line(&self) -> Span {
        Span::new(&self.outer, self.outer.line_range(0))
    }

    /// The parts that are cloud-config.
    pub fn configs(&self) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.is_config())
    }
}

/// The parts of a payload, and of each machine in it.
fn take(inspection: &mut Inspection, above: &str, file: &mut File, parts: &mut Vec<Part>) {
    let bare = inspection.layers.is_empty() && above.is_empty();
    let envelopes: Vec<&str> = inspection.layers.iter().map(|one| one.envelope.as_str()).collect();
    let envelopes = format!("{above}{}", envelopes.join(", "));
    let count = inspection.parts.len();
    for (number, part) in inspection.parts.iter_mut().enumerate() {
        // They can be as large as the part, and no rule looks at them.
        part.files = Vec::new();
        let number = (count > 1).then_some(number + 1);
        parts.push(match bare && count == 1 {
            true => Part::bare(part, file),
            false => Part::within(part, &envelopes, number, file),
        });
    }
    for machine in &mut inspection.machines {
        let name = machine.machine.clone().unwrap_or_default();
        take(machine, &format!("{envelopes}, {name}, "), file, parts);
    }
}
