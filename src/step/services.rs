//! systemd services of the owner.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const SERVICES: Kind =
    Kind { name: "services", lane: Lane::Owner, guest: &["steps/services.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    if plan.services.is_empty() {
        return Vec::new();
    }
    let sentence = format!("enabled and started: {}", plan.services.join(", "));
    vec![Job::new(10, sentence, json!({ "services": plan.services }))]
}
