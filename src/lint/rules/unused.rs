//! Allowances for what is not there; they are found in `allow`.

use crate::diagnostic::Severity;
use crate::lint::Rule;
use crate::lint::allow::UNUSED;
use crate::lint::rule::examples;

pub(in crate::lint) static RULES: &[Rule] = &[RULE];

pub(in crate::lint) const RULE: Rule = Rule {
    id: UNUSED,
    severity: Severity::Warning,
    summary: "A comment allows what is not found there",
    boot: "Nothing: cloud-init does not read comments.",
    advice: "Take the comment out, or correct the name of the rule. An allowance that is left over \
             hides the mistake that somebody makes there later.",
    examples: examples!("unused-allow"),
    evidence: &["src/lint/tests.rs: what is allowed is not found"],
    check: |_, _| {},
};
