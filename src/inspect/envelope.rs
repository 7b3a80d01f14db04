//! Envelopes that serve transport: each is taken off, and what was inside is looked at again.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::read::GzDecoder;
use serde_json::Value;

use super::Kind;
use crate::iso9660;

/// An envelope that was taken off.
pub(super) struct Opened {
    pub(super) envelope: String,
    pub(super) content: Vec<u8>,
    pub(super) note: Option<String>,
    pub(super) warning: Option<String>,
}

/// The most that an archive may grow to, in bytes: no cloud hands out more.
const MOST: u64 = 64 << 20;

/// A way to open an envelope; `None` when the bytes are not in it.
type Opener = fn(&[u8]) -> Option<Opened>;

/// Ways to open an envelope, tried in this order.
const OPENERS: &[Opener] = &[seed_image, gzip, json, guestinfo, yaml, base64];

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
        note: None,
        warning,
    })
}

pub(super) fn gzip(bytes: &[u8]) -> Option<Opened> {
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
    Some(Opened { envelope: "gzip".into(), content, note: None, warning })
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
    "Fn::Base64",
    "cloud-init.user-data",
    "user.user-data",
];

/// A request of the AWS CLI, variables of Terraform and the like.
fn json(bytes: &[u8]) -> Option<Opened> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    let value: Value = (*first == b'{').then(|| serde_json::from_slice(bytes).ok()).flatten()?;
    value_of_key("JSON", &value)
}

/// A template of CloudFormation, a profile of LXD and the like. Tags such as `!Ref` are passed over.
fn yaml(bytes: &[u8]) -> Option<Opened> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !KEYS.iter().any(|key| text.contains(key)) || text.trim_start().starts_with(['#', '{']) {
        return None;
    }
    let value: serde_yaml::Value = serde_yaml::from_str(text).ok()?;
    value_of_key("YAML", &plain(value))
}

fn plain(value: serde_yaml::Value) -> Value {
    use serde_yaml::Value as Yaml;
    match value {
        Yaml::Tagged(tagged) => plain(tagged.value),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(map) => {
            let text = |key: Yaml| key.as_str().map(str::to_string);
            map.into_iter().filter_map(|(key, value)| Some((text(key)?, plain(value)))).collect()
        }
        Yaml::String(text) => Value::String(text),
        _ => Value::Null,
    }
}

/// The first value of a key that holds user-data.
fn value_of_key(format: &str, value: &Value) -> Option<Opened> {
    let mut found = Vec::new();
    search(value, &mut found);
    let (key, text) = found.first()?;
    let note = (found.len() > 1)
        .then(|| format!("it holds the user-data of {} machines; this is the first", found.len()));
    let envelope = format!("{format} ({key})");
    Some(Opened { envelope, content: text.as_bytes().to_vec(), note, warning: None })
}

/// Both readers limit the depth of what they read, so this ends.
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

/// Lines of a `.vmx` file.
fn guestinfo(bytes: &[u8]) -> Option<Opened> {
    const KEY: &str = "guestinfo.userdata";
    let text = std::str::from_utf8(bytes).ok()?;
    let value = |line: &str| {
        let rest = line.trim().strip_prefix(KEY)?.trim_start().strip_prefix('=')?;
        Some(rest.trim().trim_matches('"').as_bytes().to_vec())
    };
    let content = text.lines().find_map(value)?;
    Some(Opened { envelope: format!("vmx ({KEY})"), content, note: None, warning: None })
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
    Some(Opened { envelope: "base64".into(), content, note: None, warning })
}

/// Is it something, or did a word happen to be base64?
fn plausible(content: &[u8]) -> bool {
    let text = std::str::from_utf8(content)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)));
    text || content.starts_with(b"\x1f\x8b") || Kind::of(None, content).0 != Kind::Unknown
}
