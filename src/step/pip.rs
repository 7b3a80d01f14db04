//! Packages that pip adds to a conda environment.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const PIP: Kind = Kind {
    name: "pip",
    lane: Lane::Conda,
    guest: &["download.py", "pip_faults.py", "steps/pip.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = &plan.conda else { return Vec::new() };
    let job = |(name, packages): (&String, &Vec<String>)| {
        let install = ["python", "-m", "pip", "install", "--no-input"];
        let words = install.into_iter().chain(packages.iter().map(String::as_str));
        let data = json!({
            "home": format!("{}/envs/{name}", conda.prefix),
            "command": super::command_line(words),
        });
        let sentence = format!("pip adds {} to {name}", packages.join(", "));
        Job::new(conda.time_limit, sentence, data).of(name).needs([format!("env:{name}")])
    };
    conda.pip.iter().map(job).collect()
}
