//! Files whose owners cloud-init has not made yet when it writes files.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::{Placed, Plan};

pub(super) const FILES: Kind =
    Kind { name: "files", lane: Lane::Files, guest: &["steps/files.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    if plan.placed.is_empty() {
        return Vec::new();
    }
    let file = |file: &Placed| {
        json!({
            "from": file.staged, "to": file.path, "owner": file.owner, "mode": file.mode,
        })
    };
    let files: Vec<_> = plan.placed.iter().map(file).collect();
    let what = if files.len() == 1 { "1 file".into() } else { format!("{} files", files.len()) };
    let sentence = format!("{what} given to their owners");
    vec![Job::new(10, sentence, json!({ "files": files }))]
}
