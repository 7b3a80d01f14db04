//! Content as a person would read it: out of gzip, base64, JSON and seed images.
//!
//! In: the bytes of any file. Out: text, with what was encoded in it in its place; `None` for what
//! is no text. Nothing is ever read back from this: it is for the eye.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::iso9660;

/// The most that a file may grow to, in bytes.
const MOST: u64 = 64 << 20;
/// Envelopes within envelopes.
const DEPTH: usize = 4;
/// Shorter words are not taken for base64.
const SHORTEST: usize = 24;

/// The text of a file.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    open(bytes, DEPTH)
}

fn open(bytes: &[u8], depth: usize) -> Option<String> {
    let depth = depth.checked_sub(1)?;
    if bytes.starts_with(b"\x1f\x8b") {
        let mut content = Vec::new();
        let gzip = flate2::read::GzDecoder::new(bytes);
        gzip.take(MOST).read_to_end(&mut content).ok()?;
        return open(&content, depth);
    }
    if let Ok(files) = iso9660::read(bytes) {
        let file =
            |(name, bytes): (String, Vec<u8>)| Some(format!("{name}:\n{}", open(&bytes, depth)?));
        return files.into_iter().map(file).collect();
    }
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains(is_binary))?;
    let json = text.trim_start().starts_with('{').then(|| serde_json::from_str(text).ok());
    Some(match json.flatten() {
        Some(value) => {
            let mut lines = String::new();
            outline(&value, 0, depth, &mut lines);
            lines
        }
        None => decode(text, depth),
    })
}

fn is_binary(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{1b}')
}

/// A value as an indented list, each text of several lines below its key.
fn outline(value: &Value, indent: usize, depth: usize, lines: &mut String) {
    let pairs: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (format!("{key}:"), value)).collect(),
        Value::Array(list) => list.iter().map(|value| ("-".to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in pairs {
        *lines += &format!("{:indent$}{key}", "");
        match value {
            Value::Object(_) | Value::Array(_) => {
                *lines += "\n";
                outline(value, indent + 2, depth, lines);
            }
            Value::String(text) => *lines += &block(&decode(text, depth), indent + 2),
            scalar => *lines += &format!(" {scalar}\n"),
        }
    }
}

/// A text behind its key: on the same line, or below it.
fn block(text: &str, indent: usize) -> String {
    if !text.trim_end_matches('\n').contains('\n') {
        return format!(" {}\n", text.trim_end_matches('\n'));
    }
    let indent = |line: &str| if line.is_empty() { 0 } else { indent };
    let lines = text.lines().map(|line| format!("\n{:1$}{line}", "", indent(line)));
    format!("{}\n", lines.collect::<String>())
}

/// A text with the words in base64 decoded, where they hold text.
fn decode(text: &str, depth: usize) -> String {
    let (mut decoded, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(is_base64) {
        let end = end_of_word(&rest[start..]) + start;
        let word: String = rest[start..end].split_whitespace().collect();
        let content = (word.len() >= SHORTEST).then(|| STANDARD.decode(&word).ok()).flatten();
        let content = content.and_then(|content| open(&content, depth));
        decoded += &rest[..start];
        decoded += content.as_deref().unwrap_or(&rest[start..end]);
        rest = &rest[end..];
    }
    decoded + rest
}

/// Where a word in base64 ends, which goes on in the next line if that begins at once.
fn end_of_word(text: &str) -> usize {
    let mut end = 0;
    loop {
        end += text[end..].find(|c| !is_base64(c)).unwrap_or(text.len() - end);
        let next = text[end..].strip_prefix('\n').and_then(|next| next.lines().next());
        match next {
            Some(next) if !next.is_empty() && next.chars().all(is_base64) => end += 1,
            _ => return end,
        }
    }
}

fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &str = "#cloud-config\nhostname: kim\n";

    fn gzip(text: &str) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn envelopes_are_taken_off() {
        let (plain, packed) = (STANDARD.encode(TEXT), STANDARD.encode(gzip(TEXT)));
        let wrapped: Vec<&str> =
            packed.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let mime = format!("Content-Type: a\n\n{}\n--b\n", wrapped.join("\n"));
        for (bytes, expected) in [
            (TEXT.as_bytes().to_vec(), TEXT.to_string()),
            (gzip(TEXT), TEXT.into()),
            (packed.clone().into(), TEXT.into()),
            (gzip(&plain), TEXT.into()),
            (format!("a = \"{plain}\"\n").into(), format!("a = \"{TEXT}\"\n")),
            (mime.into(), format!("Content-Type: a\n\n{TEXT}\n--b\n")),
            (
                format!("{{\"n\": 1, \"l\": [true], \"t\": {TEXT:?}, \"u\": \"{packed}\"}}").into(),
                "n: 1\nl:\n  - true\nt:\n  #cloud-config\n  hostname: kim\nu:\n  #cloud-config\n  \
                 hostname: kim\n"
                    .into(),
            ),
        ] {
            assert_eq!(text(&bytes), Some(expected));
        }
    }

    #[test]
    fn a_seed_image_is_its_files() {
        let image =
            iso9660::image("CIDATA", &[("meta-data", b"m\n"), ("user-data", b"u\n")]).unwrap();
        assert_eq!(text(&image).unwrap(), "meta-data:\nm\nuser-data:\nu\n");
        let image = iso9660::image("CIDATA", &[("user-data", b"\0")]).unwrap();
        assert_eq!(text(&image), None);
    }

    #[test]
    fn what_is_no_text_inside_stays_as_it_is() {
        let key = format!(
            "ssh-ed25519 {} kim\n",
            STANDARD.encode([0, 0, 0, 11, 200, 201, 202, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        );
        let sum = format!("{}\n", crate::payload::sha256(b"x"));
        for same in [&key, &sum, "Hello, World\n", "aGVsbG8gd29ybGQ=\n", "{not json", "", "한글\n"]
        {
            assert_eq!(text(same.as_bytes()).as_deref(), Some(same));
        }
        assert_eq!(text(b"\x1f\x8bdamaged"), None);
        assert_eq!(text(&[0xff, 0xfe, 0]), None);
        assert_eq!(text(b"a\0b"), None);
    }
}
