//! Anaconda's Terms of Service, where the owner accepts them.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const TERMS: Kind =
    Kind { name: "terms", lane: Lane::Conda, guest: &["steps/terms.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = plan.conda.as_ref().filter(|conda| !conda.terms.is_empty()) else {
        return Vec::new();
    };
    let sentence = "Anaconda's Terms of Service are accepted for everybody";
    let data = json!({ "prefix": conda.prefix, "channels": conda.terms });
    vec![Job::new(10, sentence, data).needs(["conda".into()])]
}
