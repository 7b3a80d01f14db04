//! Packages of the distribution that the owner asks for.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const PACKAGES: Kind = Kind {
    name: "packages",
    lane: Lane::System,
    guest: &[super::PACKAGES, "steps/packages.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    if plan.packages.is_empty() {
        return Vec::new();
    }
    let sentence = format!("Debian packages: {}", plan.packages.join(", "));
    vec![Job::new(60, sentence, json!({ "packages": plan.packages }))]
}
