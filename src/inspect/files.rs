//! The files that a cloud-config writes, decoded as the machine does it.
//!
//! <https://docs.cloud-init.io/en/latest/reference/modules.html#write-files>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::budget::Budget;
use super::envelope;
use crate::source::yaml11::Tree;

/// A file that the machine writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Where it goes.
    pub path: String,
    /// Its size on the machine, in bytes.
    pub bytes: usize,
    /// How it is written in the document: `gz+b64`; nothing for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Its content, decoded.
    #[serde(skip)]
    pub content: Vec<u8>,
}

/// The files of a cloud-config.
pub(super) fn of(config: &Tree, budget: &mut Budget) -> Vec<File> {
    let listed = config.get("write_files").map(Tree::items).unwrap_or_default();
    listed.iter().filter_map(|file| file_of(file, budget)).collect()
}

fn file_of(file: &Tree, budget: &mut Budget) -> Option<File> {
    let text = |key: &str| file.get(key).and_then(Tree::as_str);
    let path = text("path")?.to_string();
    let encoding = text("encoding").map(str::to_string);
    let text = text("content").unwrap_or_default();
    let content = decoded(text, encoding.as_deref().unwrap_or_default(), budget);
    Some(File { path, bytes: content.len(), encoding, content })
}

/// `gz`, `gzip`, `b64`, `base64` and both in one: `canonicalize_extraction` in
/// `cloudinit/config/cc_write_files.py`. What is none of these stays as it is.
fn decoded(text: &str, encoding: &str, budget: &mut Budget) -> Vec<u8> {
    let encoding = encoding.trim().to_ascii_lowercase();
    let mut content = text.as_bytes().to_vec();
    if encoding.contains("b64") || encoding.contains("base64") {
        content.retain(|byte| !byte.is_ascii_whitespace());
        content = STANDARD.decode(&content).unwrap_or(content);
    }
    if encoding.contains("gz") {
        content = envelope::gunzip(&content, budget).map_or(content, |unpacked| unpacked.content);
    }
    content
}
