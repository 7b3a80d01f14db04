//! What is in a payload, whoever made it, and what a machine will do with it.
//!
//! In: any bytes. Out: an [`Inspection`]: the envelopes from the outside in, the parts inside, what
//! a machine would pass over in silence, and the destinations that the payload fits. Time and
//! memory are bounded, whatever comes in. To know one more envelope: a function in `envelope` and
//! its line in `OPENERS`; one more kind of part: its line in `kind`, and in `fate` what becomes of
//! it.

mod archive;
mod budget;
mod envelope;
mod fate;
mod files;
mod found;
mod judge;
mod kind;
mod merging;
mod message;
mod request;
mod seed;
mod tagged;
mod template;
mod transfer;
mod vmx;
mod yaml;

use serde::Serialize;

use budget::Budget;
pub use files::File;
pub use kind::Kind;

use crate::source::yaml11::{LoadError, Tree};

/// What is known of a payload.
#[derive(Debug, Default, Serialize)]
pub struct Inspection {
    /// Whose it is, in a file that has the user-data of several machines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Size of what was given, in bytes.
    pub bytes: usize,
    /// The envelopes, the outermost first.
    pub layers: Vec<Layer>,
    /// What is inside.
    pub parts: Vec<Part>,
    /// What a machine would pass over in silence.
    pub warnings: Vec<String>,
    /// What else is to be known.
    pub notes: Vec<String>,
    /// Destinations that take the payload as it is inside the envelopes that only serve transport:
    /// compressed where it is. None where a machine would do nothing with it.
    pub fits: Vec<&'static str>,
    /// The machines, where the outer envelope is for several with different user-data. All parts
    /// are theirs then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<Inspection>,
}

/// An envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// What it is: `base64`, `gzip`, `JSON (UserData)`, …
    pub envelope: String,
    /// Size of what it holds, in bytes.
    pub bytes: usize,
}

/// A part that cloud-init acts on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// File name, where it has one.
    pub name: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Size in bytes.
    pub bytes: usize,
    /// What the machine does with it.
    pub action: &'static str,
    /// Does the machine do anything with it at all?
    pub used: bool,
    /// The files that it writes, if it is a cloud-config.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<File>,
    /// The content, decoded.
    #[serde(skip)]
    pub content: Vec<u8>,
    /// Its keys and values, if it is YAML: a cloud-config, a template of one, or one without its
    /// header; or why it cannot be read.
    #[serde(skip)]
    pub tree: Result<Option<Tree>, LoadError>,
}

/// Looks into `bytes`. Never fails: what is not known is said to be so.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut inspection = Inspection { bytes: bytes.len(), ..Inspection::default() };
    inspection.open(bytes, judge::Way::default(), &mut Budget::default());
    inspection
}

impl Inspection {
    /// Is anything passed over or damaged, on any of the machines?
    pub fn has_warnings(&self) -> bool {
        !self.warnings.is_empty() || self.machines.iter().any(Inspection::has_warnings)
    }
}

#[cfg(test)]
mod tests;
