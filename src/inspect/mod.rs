//! What is in a payload, whoever made it, and what a machine will do with it.
//!
//! In: any bytes. Out: an [`Inspection`]: the envelopes from the outside in, the parts inside, what
//! a machine would pass over in silence, and the destinations that the payload fits. To know one
//! more envelope: a function in `envelope` and its line in `OPENERS`.

mod envelope;
mod kind;
mod multipart;

use serde::Serialize;

use crate::catalog::Listed;
use crate::destination::Destination;
use crate::payload::Payload;
pub use kind::Kind;
use multipart::Found;

/// What is known of a payload.
#[derive(Debug, Serialize)]
pub struct Inspection {
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
    /// compressed where it is.
    pub fits: Vec<&'static str>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// File name, where it has one.
    pub name: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// Size in bytes.
    pub bytes: usize,
    /// What the machine does with it.
    pub action: &'static str,
    /// The content, decoded.
    #[serde(skip)]
    pub content: Vec<u8>,
}

const GZIP: &str = "gzip";
const BASE64: &str = "base64";

/// Envelopes within envelopes that are opened; a machine opens far fewer.
const DEPTH: usize = 8;

/// Looks into `bytes`. Never fails: what is not known is said to be so.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut inspection = Inspection {
        bytes: bytes.len(),
        layers: Vec::new(),
        parts: Vec::new(),
        warnings: Vec::new(),
        notes: Vec::new(),
        fits: Vec::new(),
    };
    let content = inspection.unwrap(bytes.to_vec());
    inspection.find_parts(&content);
    inspection
}

impl Inspection {
    /// Takes the envelopes off, finds what the payload fits, and returns what is inside.
    fn unwrap(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..DEPTH {
            let Some(opened) = envelope::open(&bytes) else { break };
            if opened.envelope == GZIP && self.fits.is_empty() {
                self.fits = fits(&bytes);
            }
            self.warnings.extend(opened.warning);
            self.notes.extend(opened.note);
            if opened.envelope == BASE64 && self.layers.iter().any(|one| one.envelope == BASE64) {
                let message = "it is encoded in base64 twice: a machine undoes it once at most";
                self.warnings.push(message.into());
            }
            self.layers.push(Layer { envelope: opened.envelope, bytes: opened.content.len() });
            bytes = opened.content;
        }
        if self.layers.iter().all(|layer| layer.envelope != GZIP) {
            self.fits = fits(&bytes);
        }
        bytes
    }

    fn find_parts(&mut self, bytes: &[u8]) {
        if let Some(parts) = multipart::split(bytes) {
            self.layers.push(Layer { envelope: "MIME message".into(), bytes: bytes.len() });
            self.judge_message(bytes, &parts);
            parts.into_iter().for_each(|part| self.add(part));
        } else {
            self.add(Found::only(bytes));
        }
    }

    /// What becomes of a MIME message as a whole.
    fn judge_message(&mut self, bytes: &[u8], parts: &[Found]) {
        if std::str::from_utf8(bytes).is_err() {
            let message = "cloud-init gives up on a MIME message that is not UTF-8 text";
            self.warnings.push(message.into());
        }
        if parts.is_empty() {
            let message = "the MIME message has no part: its boundary does not occur in it";
            self.warnings.push(message.into());
        }
    }

    fn add(&mut self, part: Found) {
        if self.take(&part) == Kind::Archive {
            self.open_archive(&part);
        }
    }

    /// Notes a part down.
    fn take(&mut self, part: &Found) -> Kind {
        let Found { name, mime_type, content, damaged } = part;
        let (kind, warning) = Kind::of(mime_type.as_deref(), content);
        for warning in damaged.iter().chain(&warning) {
            self.warn(part, warning);
        }
        let (name, content, action) = (name.clone(), content.clone(), kind.action());
        let bytes = content.len();
        self.parts.push(Part { name, kind: kind.clone(), bytes, action, content });
        kind
    }

    /// The items take the place of the archive, which was noted down last.
    fn open_archive(&mut self, archive: &Found) {
        let Some(items) = multipart::archive(&archive.content) else {
            return self.warn(archive, "the archive is no list in YAML");
        };
        self.parts.pop();
        let bytes = archive.content.len();
        self.layers.push(Layer { envelope: "cloud-config archive".into(), bytes });
        for item in &items {
            if self.take(item) == Kind::Archive {
                self.warn(item, "an archive in an archive is passed over");
            }
        }
    }

    fn warn(&mut self, part: &Found, warning: &str) {
        let place = part.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        self.warnings.push(format!("{place}{warning}"));
    }
}

/// Names of the destinations that take these bytes.
fn fits(bytes: &[u8]) -> Vec<&'static str> {
    let payload = Payload::of(bytes);
    Destination::ALL.iter().filter(|one| one.takes(&payload)).map(|one| one.name()).collect()
}

#[cfg(test)]
mod tests;
