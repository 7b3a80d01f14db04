//! The last look, at everything.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const VERIFY: Kind =
    Kind { name: "verify", lane: Lane::Owner, guest: &["steps/verify.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let data = json!({ "cloud_init": plan.may_fail() });
    vec![Job::new(10, "the result is looked at", data)]
}
