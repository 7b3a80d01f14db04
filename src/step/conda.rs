//! conda itself.

use serde_json::{Map, Value, json};

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const CONDA: Kind = Kind {
    name: "conda",
    lane: Lane::Conda,
    guest: &["download.py", "conda_faults.py", "steps/conda.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = &plan.conda else { return Vec::new() };
    let installer: Map<String, Value> = conda
        .installers
        .iter()
        .map(|one| (one.arch.to_string(), json!({ "url": one.url, "sha256": one.sha256 })))
        .collect();
    let sentence = format!(
        "{} is downloaded (about {} MB), checked and installed into {}",
        conda.title, conda.distribution.0.download_mb, conda.prefix
    );
    let data = json!({
        "prefix": conda.prefix,
        "disk_mb": conda.disk_mb,
        "installer": installer,
        "condarc": conda.condarc.join("\n") + "\n",
    });
    vec![Job::new(120, sentence, data)]
}
