//! Keys: unknown ones, deprecated ones, those that are missing or too new.

use crate::diagnostic::Severity;
use crate::lint::rule::examples;
use crate::lint::schema::FaultKind;
use crate::lint::{Document, Findings, Fix, Rule};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "unknown-key",
        severity: Severity::Error,
        summary: "A key that cloud-init does not know there",
        boot: "It is passed over. Since 23.4 cloud-init warns, and `cloud-init status` ends with 2; \
               before, nobody said a word.",
        advice: "Mostly it is a slip (`package:` for `packages:`), or a key of an account or of a file \
                 one level too high. Keys of other systems (CoreOS, the network, the installer) do \
                 nothing here.",
        examples: examples!("unknown-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/config/schemas/schema-cloud-config-v1.json",
            "https://github.com/canonical/cloud-init/issues/4562",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::UnknownKey, "rename the key")
        },
    },
    Rule {
        id: "missing-key",
        severity: Severity::Error,
        summary: "A key is missing that has to be there",
        boot: "cloud-init warns; the item without it is skipped, or its module fails.",
        advice: "Write it. A `- ` too much is a frequent cause: it makes two items of one.",
        examples: examples!("missing-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://github.com/canonical/cloud-init/blob/main/cloudinit/config/schemas/schema-cloud-config-v1.json",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::MissingKey, "write the key")
        },
    },
    Rule {
        id: "deprecated-key",
        severity: Severity::Warning,
        summary: "A key or a value that newer releases of cloud-init warn of",
        boot: "It works as it did. New images log DEPRECATED, for which `cloud-init status` ends \
               with 2, and scripts that wait for 0 stop.",
        advice: "Write the new spelling, if no image before the release that is named will read it.",
        examples: examples!("deprecated-key"),
        evidence: &[
            "tests/oracles/evidence.py",
            "https://docs.cloud-init.io/en/latest/explanation/return_codes.html",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::Deprecated, "write the new spelling")
        },
    },
    Rule {
        id: "key-too-new",
        severity: Severity::Warning,
        summary: "A key that the image's cloud-init does not know yet (needs --image or --cloud-init)",
        boot: "The older cloud-init passes over the key.",
        advice: "Use an image with a newer cloud-init, or do it in another way.",
        examples: examples!("key-too-new"),
        evidence: &["https://github.com/canonical/cloud-init/issues/5791"],
        check: too_new,
    },
];

pub(super) fn faults(document: &Document, findings: &mut Findings, kind: FaultKind, title: &str) {
    for part in document.configs() {
        for fault in part.faults.iter().filter(|fault| fault.kind == kind) {
            let mut range = fault.range.clone();
            if range.is_empty() {
                range = part.line(range.start);
                let text = &part.text[range.clone()];
                range.start += text.len() - text.trim_start().len();
            }
            let diagnostic = findings.diagnostic(fault.message.clone()).help(fault.help.clone());
            let diagnostic = diagnostic.at_span(part.span(range));
            let text = fault.replacement.as_ref();
            let fix = text.and_then(|text| Fix::replace(part, fault.range.clone(), text, title));
            findings.push_with(diagnostic, fix);
        }
    }
}

fn too_new(document: &Document, findings: &mut Findings) {
    let Some(version) = document.target.version() else { return };
    for part in document.configs() {
        let Some(tree) = &part.tree else { continue };
        for (pair, since) in crate::lint::schema::later_keys(tree, version) {
            let name = pair.key.as_str().unwrap_or_default();
            let message = format!(
                "`{name}` came with cloud-init {}.{}, and the machine has {}.{}",
                since.0, since.1, version.0, version.1
            );
            let help = "the machine passes over it: take a newer image, or do it in another way";
            findings.at(part, pair.key.range.clone(), message, help);
        }
    }
}
