//! The packages of the image are brought up to date.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const UPGRADE: Kind = Kind {
    name: "upgrade",
    lane: Lane::System,
    guest: &[super::PACKAGES, super::PACKAGES_UPGRADE, "steps/upgrade.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    if !plan.package_upgrade {
        return Vec::new();
    }
    vec![Job::new(120, "the packages of the image are brought up to date", json!({}))]
}
