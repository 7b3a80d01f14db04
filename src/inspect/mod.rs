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
    /// Destinations that take the payload inside the envelopes that only serve transport.
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

/// Envelopes within envelopes that are opened; a machine opens far fewer.
const DEPTH: usize = 8;

/// Looks into `bytes`. Never fails: what is not known is said to be so.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut inspection = Inspection {
        bytes: bytes.len(),
        layers: Vec::new(),
        parts: Vec::new(),
        warnings: Vec::new(),
        fits: Vec::new(),
    };
    let sent = inspection.unwrap(bytes.to_vec());
    inspection.fits = fits(&sent);
    inspection.find_parts(&sent);
    inspection
}

impl Inspection {
    /// Takes the envelopes off that serve transport, and returns what a machine is handed.
    fn unwrap(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..DEPTH {
            let Some(opened) = envelope::open(&bytes) else { return bytes };
            self.warnings.extend(opened.warning);
            if opened.envelope == "base64"
                && self.layers.iter().any(|layer| layer.envelope == "base64")
            {
                let message = "it is encoded in base64 twice: a machine undoes it once at most";
                self.warnings.push(message.into());
            }
            self.layers.push(Layer { envelope: opened.envelope, bytes: opened.content.len() });
            bytes = opened.content;
        }
        bytes
    }

    fn find_parts(&mut self, bytes: &[u8]) {
        if let Some(parts) = multipart::split(bytes) {
            self.layers.push(Layer { envelope: "MIME message".into(), bytes: bytes.len() });
            for part in parts {
                self.add(part.name, part.mime_type.as_deref(), part.content, part.damaged);
            }
        } else if let Some(items) = multipart::archive(bytes) {
            self.layers.push(Layer { envelope: "cloud-config archive".into(), bytes: bytes.len() });
            for part in items {
                self.add(part.name, part.mime_type.as_deref(), part.content, part.damaged);
            }
        } else {
            self.add(None, None, bytes.to_vec(), None);
        }
    }

    fn add(
        &mut self,
        name: Option<String>,
        mime_type: Option<&str>,
        content: Vec<u8>,
        damaged: Option<String>,
    ) {
        let (kind, warning) = Kind::of(mime_type, &content);
        let place = name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        for warning in damaged.into_iter().chain(warning) {
            self.warnings.push(format!("{place}{warning}"));
        }
        let action = kind.action();
        self.parts.push(Part { name, kind, bytes: content.len(), action, content });
    }
}

/// Names of the destinations that take these bytes.
fn fits(bytes: &[u8]) -> Vec<&'static str> {
    let payload = Payload::of(bytes);
    Destination::ALL.iter().filter(|one| one.takes(&payload)).map(|one| one.name()).collect()
}

#[cfg(test)]
mod tests;
