//! A MIME message, read line by line as Python's `email` reads it.
//!
//! Only Python's own reading tells what a machine gets: which line is a header, which a boundary,
//! what of the last line end belongs to a part.
//! <https://github.com/python/cpython/blob/3.11/Lib/email/feedparser.py>

use mailparse::{ParsedContentType, parse_content_disposition, parse_content_type};

use super::found::{Found, Label};
use super::transfer;

/// Where cloud-init looks for the header that makes a text a MIME message, in bytes.
/// `cloudinit/user_data.py`, `convert_string`
const HEAD: usize = 4096;

const MARK: &[u8] = b"mime-version:";

/// Messages within messages that are looked into.
const DEPTH: usize = 16;

/// Parts that are looked at.
const PARTS: usize = 10_000;

/// Does cloud-init take this for a MIME message? It takes anything that has the words.
pub(super) fn is_message(bytes: &[u8]) -> bool {
    let head = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    head.windows(MARK.len()).any(|window| window == MARK)
}

/// The parts, from the outside in and from the first to the last.
pub(super) fn parts(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    Entity::read(text, TEXT).collect(false, 0, &mut found);
    found.truncate(PARTS);
    found
}

/// What a part is that does not say it.
const TEXT: &str = "text/plain";

/// Headers, and what follows.
struct Entity<'a> {
    headers: Vec<(&'a str, String)>,
    body: &'a str,
    default: &'static str,
}

impl<'a> Entity<'a> {
    fn read(text: &'a str, default: &'static str) -> Entity<'a> {
        let mut headers: Vec<(&str, String)> = Vec::new();
        let (mut body, mut open) = (text, false);
        while let Some(line) = Lines(body).next() {
            let value = header(line);
            if value.is_none() {
                body = if content(line).is_empty() { &body[line.len()..] } else { body };
                break;
            }
            body = &body[line.len()..];
            match (value, headers.last_mut()) {
                (Some((name, value)), _) if !name.is_empty() => {
                    headers.push((name, content(value).trim_start_matches([' ', '\t']).into()));
                    open = true;
                }
                (Some(("", more)), Some((_, value))) if open => value.push_str(content(more)),
                _ => {}
            }
        }
        Entity { headers, body, default }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The type, as `get_content_type` has it.
    fn mime_type(&self) -> ParsedContentType {
        let mut parsed = parse_content_type(self.header("Content-Type").unwrap_or(self.default));
        parsed.mimetype = parsed.mimetype.trim().to_string();
        if parsed.mimetype.matches('/').count() != 1 {
            parsed.mimetype = TEXT.into();
        }
        parsed
    }

    fn collect(&self, within: bool, depth: usize, found: &mut Vec<Found>) {
        let mime_type = self.mime_type();
        let kind = mime_type.mimetype.split('/').next().unwrap_or_default();
        if depth >= DEPTH || found.len() > PARTS {
            found.push(Found::beyond());
        } else if kind == "multipart" {
            let digest = mime_type.mimetype == "multipart/digest";
            let default = if digest { "message/rfc822" } else { TEXT };
            let Some(boundary) = mime_type.params.get("boundary") else { return };
            for part in split(self.body, boundary.trim_end()) {
                Entity::read(part, default).collect(true, depth + 1, found);
            }
        } else if kind == "message" {
            Entity::read(self.body, TEXT).collect(within, depth + 1, found);
        } else {
            found.push(self.part(mime_type, within));
        }
    }

    fn part(&self, mime_type: ParsedContentType, within: bool) -> Found {
        let disposition = self.header("Content-Disposition").map(parse_content_disposition);
        let name = disposition.and_then(|found| found.params.get("filename").cloned());
        let name = name.or_else(|| mime_type.params.get("name").cloned());
        // The last line end belongs to the boundary: RFC 2046, 5.1.1.
        let body = if within { without_last_end(self.body) } else { self.body };
        let encoding = self.header("Content-Transfer-Encoding").unwrap_or("7bit").trim();
        let decoded = transfer::decode(encoding, body.as_bytes());
        let mut found = Found::new(Label::Mime(mime_type.mimetype), body);
        match decoded {
            Some(content) => found.content = content,
            None if body.is_ascii() => {}
            None if self.headers.is_empty() && !within => found.is_damaged(MISTAKEN.into()),
            None => found.is_damaged(format!(
                "characters that are not ASCII are damaged in a part with the encoding {encoding}"
            )),
        }
        found.launch_index = self.header("Launch-Index").map(str::to_string);
        Found { name, ..found }
    }
}

const MISTAKEN: &str = "cloud-init takes it for a MIME message, because of the text \
     `MIME-Version:` near its start, and damages characters that are not ASCII";

/// Name and value of a header; no name for the line that goes on with the header above it, and no
/// value for a line that begins a letter box. `None` for a line that is no header.
fn header(line: &str) -> Option<(&str, &str)> {
    if line.starts_with([' ', '\t']) {
        return Some(("", line));
    }
    if line.starts_with("From ") {
        return Some(("", ""));
    }
    let end = line.bytes().position(|byte| !(33..=126).contains(&byte) || byte == b':')?;
    let value = line[end..].strip_prefix(':')?;
    Some((&line[..end], if end == 0 { "" } else { value }))
}

/// Lines with their ends: `\n`, `\r\n` or `\r`.
struct Lines<'a>(&'a str);

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let end = match self.0.bytes().position(|byte| byte == b'\n' || byte == b'\r') {
            Some(at) if self.0[at..].starts_with("\r\n") => at + 2,
            Some(at) => at + 1,
            None => self.0.len(),
        };
        let (line, rest) = self.0.split_at(end);
        self.0 = rest;
        (!line.is_empty()).then_some(line)
    }
}

/// A line without its end.
fn content(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn without_last_end(text: &str) -> &str {
    let bare = text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    bare.or_else(|| text.strip_suffix('\r')).unwrap_or(text)
}

/// What stands between the boundaries; the last one may be missing.
fn split<'a>(body: &'a str, boundary: &str) -> Vec<&'a str> {
    let (mut parts, mut start, mut at) = (Vec::new(), None, 0);
    for line in Lines(body) {
        let mark = line.strip_prefix("--").and_then(|line| line.strip_prefix(boundary));
        let mark = mark.map(|rest| content(rest).trim_end_matches([' ', '\t']));
        if let Some(mark @ ("" | "--")) = mark {
            // Two boundaries in a row have no part between them.
            parts.extend(start.filter(|start| *start < at).map(|start| &body[start..at]));
            start = (mark.is_empty()).then_some(at + line.len());
            if start.is_none() || parts.len() > PARTS {
                return parts;
            }
        }
        at += line.len();
    }
    parts.extend(start.filter(|start| *start < at).map(|start| &body[start..at]));
    parts
}
