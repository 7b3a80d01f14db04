//! Is it user-data already, where parameters are wanted, or the other way round?

use crate::catalog::documents::{self, Look};
use crate::diagnostic::Diagnostic;
use crate::source::{self, Entry, Kind, Node, Source};

/// How user-data begins, and what it is called then.
/// <https://docs.cloud-init.io/en/latest/explanation/format.html>
const KINDS: &[(&[u8], &str)] = &[
    (b"#cloud-config", "a cloud-config"),
    (b"#cloud-boothook", "a boothook"),
    (b"#!", "a script"),
    (b"#include", "a list of URLs"),
    (b"#part-handler", "a part handler"),
    (b"## template: jinja", "a template"),
    (b"Content-Type:", "a MIME message"),
    (b"MIME-Version:", "a MIME message"),
    (b"\x1f\x8b", "compressed"),
];

/// The same in base64, as some clouds hand it on.
const ENCODED: &[&[u8]] =
    &[b"I2Nsb3VkL", b"H4sI", b"IyEvYmlu", b"Q29udGVudC1UeXBl", b"TUlNRS1WZXJzaW9u"];

/// What kind of user-data it is that begins like this; `None` if it is none.
pub fn user_data(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
}

/// The mistake, if this is user-data and no parameter file.
pub fn check_kind(name: &str, bytes: &[u8]) -> Option<Diagnostic> {
    let encoded = ENCODED.iter().any(|start| bytes.starts_with(start)).then_some("in base64");
    let kind = user_data(bytes).or(encoded)?;
    let message = format!("{name} is user-data already ({kind}), and no parameter file");
    let help = format!(
        "`bootseed inspect {name}` shows what is in it; in a parameter file its keys stand below \
         `cloud_config:`, and a script is one of `parts`"
    );
    Some(Diagnostic::error("user-data", message).help(help))
}

/// The mistake, if this is a document of another program and no parameter file.
pub(super) fn foreign(tree: &Node) -> Option<Diagnostic> {
    let map = tree.items().first().unwrap_or(tree);
    let named = map.entries().iter().map(|entry| (entry.key.as_str(), look(&entry.value)));
    let (found, key) = documents::of(&named.collect::<Vec<_>>())?;
    let known = &super::shape::own()["properties"];
    let is_parameter = |entry: &Entry| entry.key != key && known.get(&entry.key).is_some();
    if map.entries().iter().any(is_parameter) {
        return None;
    }
    let entry = map.entries().iter().find(|entry| entry.key == key)?;
    let message = format!("this is a document for {}, and no parameter file", found.whose);
    let found_at = entry.key_span.clone();
    Some(Diagnostic::error("foreign-document", message).at_span(found_at).help(found.help))
}

fn look(value: &Node) -> Look {
    let entries = value.entries();
    match &value.kind {
        Kind::List(_) => Look::List,
        _ if !entries.is_empty() && entries.iter().all(|one| one.value.is_map()) => Look::Maps,
        _ => Look::Any,
    }
}

/// The tree of what could be a parameter file: it is no user-data, and all its keys are parameters.
pub fn parameters(name: &str, bytes: &[u8]) -> Option<Node> {
    if user_data(bytes).is_some() || names_header(bytes) {
        return None;
    }
    let source = Source::from_bytes(name, bytes).ok()?;
    let tree = source::parse(&source).ok()?;
    let known = &super::shape::own()["properties"];
    let entries = tree.entries();
    let own = !entries.is_empty()
        && foreign(&tree).is_none()
        && entries.iter().all(|one| known.get(&one.key).is_some());
    own.then_some(tree)
}

/// Is the header of a cloud-config in its first lines, even if it is misspelt?
fn names_header(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(2_000)]).to_lowercase();
    let word = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    head.lines().any(|line| line.contains('#') && word(line).starts_with("cloudconfig"))
}
