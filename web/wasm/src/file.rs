//! A file in JSON: text where it is text, base64 otherwise.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// A file to hand over.
#[derive(Serialize)]
pub(crate) struct File {
    name: String,
    /// How many bytes it has.
    bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl File {
    pub(crate) fn new(name: impl Into<String>, bytes: &[u8]) -> File {
        let text = std::str::from_utf8(bytes).ok().map(str::to_owned);
        let base64 = text.is_none().then(|| STANDARD.encode(bytes));
        File { name: name.into(), bytes: bytes.len(), text, base64 }
    }
}
