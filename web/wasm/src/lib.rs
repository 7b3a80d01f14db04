//! bootseed for a page in the browser: JSON in, JSON out, and nothing from elsewhere but what the
//! browser has.
//!
//! ```text
//!  bytes of JSON ─> abi ─> Request ─┬─> about      what there is to choose from
//!                                   ├─> machine    parameters: what comes out, or what is wrong
//!                                   ├─> payload    any user-data, opened and linted
//!                                   ├─> explain    what the id of a finding means
//!                                   ├─> class      a roster: the files of everybody
//!                                   └─> secret     what must not be in a link
//! ```
//!
//! Every answer is made by the public functions of the library that the command calls, too; here is
//! only what they are called with. To add an answer: a module, its variant of [`Request`] and its
//! line in [`answer`].

#[allow(unsafe_code, reason = "the memory that a browser writes into and reads from")]
pub mod abi;
mod about;
#[allow(unsafe_code, reason = "the memory that a browser writes into")]
mod browser;
mod class;
mod explain;
mod file;
mod folder;
mod machine;
mod payload;
mod secret;

use serde::Deserialize;
use serde_json::{Value, json};

/// What a page asks for.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Request {
    /// What there is to choose from.
    About,
    /// The machine of a parameter file.
    Machine(machine::Ask),
    /// What is in user-data, and what will go wrong with it.
    Payload(payload::Ask),
    /// User-data with all safe repairs.
    Repair(payload::Ask),
    /// What the id of a finding means.
    Explain(explain::Ask),
    /// The machines of a roster.
    Class(class::Ask),
    /// What in a parameter file must not be in a link.
    Secret(secret::Ask),
}

/// Answers a request; one that cannot be read is answered with `failure`.
pub fn answer(request: &[u8]) -> Value {
    browser::provide();
    match serde_json::from_slice(request) {
        Ok(Request::About) => about::answer(),
        Ok(Request::Machine(ask)) => machine::answer(&ask),
        Ok(Request::Payload(ask)) => payload::answer(&ask),
        Ok(Request::Repair(ask)) => payload::repair(&ask),
        Ok(Request::Explain(ask)) => explain::answer(&ask),
        Ok(Request::Class(ask)) => class::answer(&ask),
        Ok(Request::Secret(ask)) => secret::answer(&ask),
        Err(error) => json!({ "failure": error.to_string() }),
    }
}
