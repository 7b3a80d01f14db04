//! The files that a cloud-config writes, decoded as the machine does it.
//!
//! <https://docs.cloud-init.io/en/latest/reference/modules.html#write-files>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::budget::Budget;
use super::envelope;
use crate::source::{Source, parse};

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
pub(super) fn of(content: &[u8], budget: &mut Budget) -> Vec<File> {
    if !budget.take_yaml(content.len()) {
        return Vec::new();
    }
    let source = Source::new("user-data", String::from_utf8_lossy(content));
    let tree = parse(&source).map(|tree| tree.to_json()).unwrap_or_default();
    let listed = tree["write_files"].as_array().cloned().unwrap_or_default();
    listed.iter().filter_map(|file| file_of(file, budget)).collect()
}

fn file_of(file: &Value, budget: &mut Budget) -> Option<File> {
    let path = file["path"].as_str()?.to_string();
    let encoding = file["encoding"].as_str().map(str::to_string);
    let text = file["content"].as_str().unwrap_or_default();
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
