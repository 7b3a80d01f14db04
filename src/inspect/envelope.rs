//! Envelopes that serve transport: each is taken off, and what was inside is looked at again.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::Value;

use crate::iso9660;

/// An envelope that was taken off.
pub(super) struct Opened {
    pub(super) envelope: String,
    pub(super) content: Vec<u8>,
    pub(super) warning: Option<String>,
}

/// The most that an archive may grow to, in bytes: no cloud hands out more.
const MOST: u64 = 64 << 20;

/// A way to open an envelope; `None` when the bytes are not in it.
type Opener = fn(&[u8]) -> Option<Opened>;

/// Ways to open an envelope, tried in this order.
const OPENERS: &[Opener] = &[seed_image, gzip, json, base64];

pub(super) fn open(bytes: &[u8]) -> Option<Opened> {
    OPENERS.iter().find_map(|open| open(bytes))
}

fn seed_image(bytes: &[u8]) -> Option<Opened> {
    let files = iso9660::read(bytes).ok()?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let envelope = format!("seed image ({})", names.join(", "));
    let user_data = files.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("user-data"));
    let warning = user_data.is_none().then(|| "the image has no file user-data".to_string());
    Some(Opened {
        envelope,
        content: user_data.map(|(_, bytes)| bytes).unwrap_or_default(),
        warning,
    })
}

fn gzip(bytes: &[u8]) -> Option<Opened> {
    if !bytes.starts_with(b"\x1f\x8b") {
        return None;
    }
    let mut content = Vec::new();
    let outcome = GzDecoder::new(bytes).take(MOST + 1).read_to_end(&mut content);
    let too_much = content.len() as u64 > MOST;
    let warning = match outcome {
        _ if too_much => Some("it grows beyond 64 MiB when it is unpacked".to_string()),
        Ok(_) => None,
        Err(error) => Some(format!("the gzip is damaged: {error}")),
    };
    if too_much {
        content.clear();
    }
    Some(Opened { envelope: "gzip".into(), content, warning })
}

/// Keys of requests and variables that hold user-data.
const KEYS: &[&str] = &[
    "UserData",
    "userData",
    "user_data",
    "user_data_base64",
    "userdata",
    "customData",
    "CustomData",
    "custom_data",
    "user-data",
];

/// A request of the AWS CLI, variables of Terraform and the like.
fn json(bytes: &[u8]) -> Option<Opened> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    let value: Value = (*first == b'{').then(|| serde_json::from_slice(bytes).ok()).flatten()?;
    let mut found = Vec::new();
    search(&value, &mut found);
    let (key, text) = found.first()?;
    let warning = (found.len() > 1)
        .then(|| format!("it holds the user-data of {} machines; this is the first", found.len()));
    Some(Opened { envelope: format!("JSON ({key})"), content: text.as_bytes().to_vec(), warning })
}

/// `serde_json` limits the depth of what it reads, so this ends.
fn search<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if KEYS.contains(&key.as_str()) => found.push((key, text)),
                    _ => search(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| search(item, found)),
        _ => {}
    }
}

fn base64(bytes: &[u8]) -> Option<Opened> {
    let text = std::str::from_utf8(bytes).ok()?;
    let packed: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let content = (packed.len() >= 8).then(|| STANDARD.decode(&packed).ok()).flatten()?;
    if !plausible(&content) {
        return None;
    }
    let warning = (packed.len() != text.len()).then(|| {
        "the base64 has line breaks: EC2 and Hetzner machines undo it only on one line without an \
         end"
        .to_string()
    });
    Some(Opened { envelope: "base64".into(), content, warning })
}

/// Is it something, or did a word happen to be base64?
fn plausible(content: &[u8]) -> bool {
    let text = std::str::from_utf8(content)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)));
    text || content.starts_with(b"\x1f\x8b")
}
