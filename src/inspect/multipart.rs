//! Several parts in one payload: a MIME message, or a cloud-config archive.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mailparse::{MailHeaderMap, ParsedMail};
use serde_json::Value;

use crate::source::{Source, parse};

/// A part, decoded.
pub(super) struct Found {
    pub(super) name: Option<String>,
    pub(super) mime_type: Option<String>,
    pub(super) content: Vec<u8>,
    pub(super) damaged: Option<String>,
}

/// Where cloud-init looks for the header that makes a text a MIME message, in bytes.
/// `cloudinit/user_data.py`, `convert_string`
const HEAD: usize = 4096;

/// The parts of a MIME message.
pub(super) fn split(bytes: &[u8]) -> Option<Vec<Found>> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).to_ascii_lowercase();
    if !head.contains("mime-version:") {
        return None;
    }
    let message = mailparse::parse_mail(bytes).ok()?;
    let mut found = Vec::new();
    collect(&message, &mut found);
    Some(found)
}

fn collect(mail: &ParsedMail<'_>, found: &mut Vec<Found>) {
    if mail.ctype.mimetype.starts_with("multipart/") {
        mail.subparts.iter().for_each(|part| collect(part, found));
        return;
    }
    let disposition = mail.get_content_disposition();
    let content = mail.get_body_raw().unwrap_or_default();
    found.push(Found {
        name: disposition.params.get("filename").cloned(),
        mime_type: Some(mail.ctype.mimetype.clone()),
        damaged: damaged(mail, &content),
        content,
    });
}

/// cloud-init damages characters that are not ASCII in a part that is not encoded.
fn damaged(mail: &ParsedMail<'_>, content: &[u8]) -> Option<String> {
    let encoding = mail.get_headers().get_first_value("Content-Transfer-Encoding");
    let encoding = encoding.unwrap_or_else(|| "7bit".into()).to_ascii_lowercase();
    let encoded = ["base64", "quoted-printable"].contains(&encoding.trim());
    (!encoded && !content.is_ascii()).then(|| {
        format!("characters that are not ASCII are damaged in a part with the encoding {encoding}")
    })
}

/// The items of a cloud-config archive.
pub(super) fn archive(bytes: &[u8]) -> Option<Vec<Found>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !text.trim_start().to_ascii_lowercase().starts_with("#cloud-config-archive") {
        return None;
    }
    let tree = parse(&Source::new("archive", text)).ok()?.to_json();
    let items = tree.as_array().cloned().unwrap_or_default();
    Some(items.iter().map(item).collect())
}

fn item(item: &Value) -> Found {
    let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_string);
    let content = item.as_str().map(str::to_string).or_else(|| text("content")).unwrap_or_default();
    let encoded = text("encoding").is_some_and(|encoding| encoding.contains("b64"));
    let decoded = encoded.then(|| STANDARD.decode(content.trim()).ok()).flatten();
    Found {
        name: text("filename"),
        mime_type: text("type"),
        content: decoded.unwrap_or_else(|| content.into_bytes()),
        damaged: None,
    }
}
