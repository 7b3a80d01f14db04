//! Is it user-data already, where parameters are wanted, or the other way round?

use crate::diagnostic::Diagnostic;
use crate::source::Node;

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

/// Could it be a parameter file? All its keys are parameters then.
pub fn is_parameter_file(tree: &Node) -> bool {
    let known = &super::shape::own()["properties"];
    let entries = tree.entries();
    !entries.is_empty() && entries.iter().all(|entry| known.get(&entry.key).is_some())
}
