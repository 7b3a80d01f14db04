//! Several parts in one payload: a MIME message, or a cloud-config archive.

use mailparse::{MailHeaderMap, ParsedMail};
use serde_json::Value;

use super::{Kind, envelope};
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

/// The parts of a MIME message. With `mime-version:` in the text above, cloud-init takes anything
/// for one.
pub(super) fn split(bytes: &[u8]) -> Option<Vec<Found>> {
    let head = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    if !head.windows(MARK.len()).any(|window| window == MARK) {
        return None;
    }
    if !begins_with_header(bytes) {
        return Some(vec![without_headers(bytes)]);
    }
    let message = mailparse::parse_mail(bytes).ok()?;
    let mut found = Vec::new();
    collect(&message, &mut found);
    Some(found)
}

const MARK: &[u8] = b"mime-version:";

/// Does Python's `email` see a header in the first line? `email/feedparser.py`, `headerRE`
fn begins_with_header(bytes: &[u8]) -> bool {
    let name = bytes.iter().take_while(|byte| (33..=126).contains(*byte) && **byte != b':').count();
    bytes.get(name) == Some(&b':') || bytes.starts_with(b"From ") || bytes.starts_with(b" ")
}

/// A message that is all body.
fn without_headers(bytes: &[u8]) -> Found {
    let damaged = (!bytes.is_ascii()).then(|| {
        "cloud-init takes it for a MIME message, because of the text `MIME-Version:` near its \
         start, and damages characters that are not ASCII"
            .to_string()
    });
    Found { name: None, mime_type: None, content: bytes.to_vec(), damaged }
}

fn collect(mail: &ParsedMail<'_>, found: &mut Vec<Found>) {
    if mail.ctype.mimetype.starts_with("multipart/") {
        mail.subparts.iter().for_each(|part| collect(part, found));
        return;
    }
    let disposition = mail.get_content_disposition();
    let (content, broken) = match mail.get_body_raw() {
        Ok(content) => (content, None),
        Err(error) => (Vec::new(), Some(format!("it cannot be decoded: {error}"))),
    };
    let damaged = broken.or_else(|| damaged(mail, &content));
    let (content, mime_type) = decompressed(content, &mail.ctype.mimetype);
    found.push(Found {
        name: disposition.params.get("filename").cloned(),
        mime_type,
        content,
        damaged,
    });
}

/// Types of parts that cloud-init decompresses, to look at what is inside: `cloudinit/user_data.py`
const COMPRESSED: &[&str] = &[
    "application/gzip",
    "application/gzip-compressed",
    "application/gzipped",
    "application/x-compress",
    "application/x-compressed",
    "application/x-gunzip",
    "application/x-gzip",
    "application/x-gzip-compressed",
];

fn decompressed(content: Vec<u8>, mime_type: &str) -> (Vec<u8>, Option<String>) {
    let opened = COMPRESSED.contains(&mime_type).then(|| envelope::gzip(&content)).flatten();
    match opened {
        Some(opened) => (opened.content, None),
        None => (content, Some(mime_type.to_string())),
    }
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

/// The items of a cloud-config archive; what is neither a text nor a map is passed over:
/// `_explode_archive` in `cloudinit/user_data.py`.
pub(super) fn archive(bytes: &[u8]) -> Option<Vec<Found>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let tree = parse(&Source::new("archive", text)).ok()?.to_json();
    let items = tree.as_array()?.iter();
    Some(items.filter(|item| item.is_string() || item.is_object()).map(item).collect())
}

impl Found {
    /// Bytes without an envelope.
    pub(super) fn only(bytes: &[u8]) -> Found {
        Found { name: None, mime_type: None, content: bytes.to_vec(), damaged: None }
    }
}

fn item(item: &Value) -> Found {
    let text = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_string);
    let content = item.as_str().map(str::to_string).or_else(|| text("content")).unwrap_or_default();
    let typed = text("type").or_else(|| {
        let known = Kind::of(None, content.as_bytes()).0 != Kind::Unknown;
        (!known).then(|| "text/cloud-config".to_string())
    });
    let damaged = item.get("encoding").map(|_| {
        "cloud-init knows no `encoding` in an archive: the text is taken as it stands".to_string()
    });
    Found { name: text("filename"), mime_type: typed, content: content.into_bytes(), damaged }
}
