//! Somebody elsewhere is told how the machine is.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::{Plan, TOKEN};

pub(super) const REPORT: Kind =
    Kind { name: "report", lane: Lane::System, guest: &["steps/report.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(telling) = &plan.telling else { return Vec::new() };
    let url = &telling.url;
    let sentence =
        format!("{url} is told how this machine is: now, and when it is ready or failed");
    let data = json!({ "url": url, "token": telling.token.then_some(TOKEN) });
    vec![Job::new(5, sentence, data)]
}
