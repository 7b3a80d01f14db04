//! What the id of a finding means.
//!
//! In: the id. Out: what `bootseed explain` says of it.

use bootseed::lint::{self, Explained};
use serde::Deserialize;
use serde_json::{Value, json};

/// The id of a finding or of a mistake.
#[derive(Deserialize)]
pub struct Ask {
    /// As it stands in the message.
    id: String,
}

/// What it means; `failure` if it is none.
pub(crate) fn answer(ask: &Ask) -> Value {
    match lint::explain(&ask.id) {
        Some(Explained::Rule(rule)) => json!({
            "summary": rule.summary,
            "boot": rule.boot,
            "advice": rule.advice,
            "bad": rule.examples.bad,
            "good": rule.examples.good,
            "evidence": rule.evidence,
        }),
        Some(Explained::Other(_, summary)) => json!({ "summary": summary }),
        None => json!({ "failure": format!("there is no id {}", ask.id) }),
    }
}
