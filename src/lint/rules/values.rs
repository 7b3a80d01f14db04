//! Values that a key does not take.

use super::keys::faults;
use crate::diagnostic::Severity;
use crate::lint::Rule;
use crate::lint::rule::examples;
use crate::lint::schema::FaultKind;

const SCHEMA: &str = "https://github.com/canonical/cloud-init/blob/main/cloudinit/config/schemas/schema-cloud-config-v1.json";

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: "no-map",
        severity: Severity::Error,
        summary: "The document is a list or a text, not keys with values",
        boot: "cloud-init passes over the whole part.",
        advice: "Write keys with values, such as `runcmd:` with the list below it.",
        examples: examples!("no-map"),
        evidence: &["tests/oracles/evidence.py", SCHEMA],
        check: |document, findings| faults(document, findings, FaultKind::NoMap, ""),
    },
    Rule {
        id: "wrong-type",
        severity: Severity::Error,
        summary: "A value of another type than the key takes",
        boot: "cloud-init warns, and gives the module what stands there. Some copes with it, some \
               fails: the message says what is known.",
        advice: "YAML 1.1 makes numbers, dates and true or false of many words without quotes.",
        examples: examples!("wrong-type"),
        evidence: &["tests/oracles/evidence.py", SCHEMA],
        check: |document, findings| {
            faults(document, findings, FaultKind::WrongType, "write it as the type that is wanted")
        },
    },
    Rule {
        id: "scalar-for-list",
        severity: Severity::Error,
        summary: "A text where a list is wanted",
        boot: "`runcmd: \"…\"` and `runcmd: |` run nothing, `packages: nginx` installs nothing; \
               `ssh_authorized_keys` and `ssh_import_id` are taken as one item, with a warning.",
        advice: "Write each item on a line of its own behind `- `.",
        examples: examples!("scalar-for-list"),
        evidence: &[
            "tests/oracles/evidence.py",
            SCHEMA,
            "https://github.com/canonical/multipass/issues/4199",
        ],
        check: |document, findings| {
            faults(document, findings, FaultKind::ScalarForList, "make a list of it")
        },
    },
    Rule {
        id: "empty-key",
        severity: Severity::Error,
        summary: "A key without a value, or with an empty list",
        boot: "An empty `runcmd:` makes its module fail, and cloud-init reports an error; most others \
               count as not there, with a warning.",
        advice: "Write what belongs below it, indented, or leave the key out.",
        examples: examples!("empty-key"),
        evidence: &["tests/oracles/evidence.py", SCHEMA],
        check: |document, findings| faults(document, findings, FaultKind::EmptyKey, ""),
    },
    Rule {
        id: "bad-value",
        severity: Severity::Error,
        summary: "A value that is none of those that the key takes",
        boot: "cloud-init warns, and the module does nothing, fails, or falls back to its default.",
        advice: "Write one of those that the message names.",
        examples: examples!("bad-value"),
        evidence: &["tests/oracles/evidence.py", SCHEMA],
        check: |document, findings| {
            faults(document, findings, FaultKind::BadValue, "write the value that is meant")
        },
    },
];
