//! Was a file made by bootseed, so that a new run may overwrite it?

use std::fs::Metadata;
use std::path::Path;

use bootseed::destination::Artifact;
use bootseed::inspect::{self, Inspection};

/// Larger than any file that bootseed makes, in bytes.
const MOST: u64 = 64 << 20;

/// What is in every user-data that bootseed makes, whatever it is wrapped in.
const MARK: &str = "bootseed-provision";

/// What is in the files that have no user-data in them.
const BESIDE: &[(&str, &[&str])] = &[
    (
        "main.tf",
        &["resource \"aws_instance\" \"machine\" {", "filebase64(\"${path.module}/user-data."],
    ),
    ("meta-data", &["instance-id: bootseed-"]),
    ("network-config", &["version: 2\nethernets:\n  all:\n    match:\n      name: \"e*\"\n"]),
];

/// Is the file empty, made by bootseed, or the same as `new`?
pub(super) fn is_own(path: &Path, there: &Metadata, new: &Artifact) -> bool {
    if there.len() > MOST {
        return false;
    }
    let Ok(old) = std::fs::read(path) else { return false };
    old.is_empty() || old[..] == new.bytes[..] || has_mark(&old, &new.name)
}

fn has_mark(bytes: &[u8], name: &str) -> bool {
    match BESIDE.iter().find(|(known, _)| *known == name) {
        Some((_, texts)) => texts.iter().all(|text| holds(bytes, text.as_bytes())),
        None => holds_user_data(&inspect::inspect(bytes)) || calls_for_it(bytes),
    }
}

fn holds(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn holds_user_data(found: &Inspection) -> bool {
    found.parts.iter().any(|part| holds(&part.content, MARK.as_bytes()))
        || found.machines.iter().any(holds_user_data)
}

/// The JSON for the AWS CLI beside compressed user-data, which it leaves to another file.
fn calls_for_it(bytes: &[u8]) -> bool {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(bytes) else { return false };
    let keys = ["ImageId", "InstanceType", "BlockDeviceMappings", "MetadataOptions"];
    keys.iter().all(|key| json.get(key).is_some())
}
