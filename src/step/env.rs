//! One conda environment.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::{Conda, Environment, Plan};

pub(super) const ENV: Kind = Kind {
    name: "env",
    lane: Lane::Conda,
    guest: &["download.py", "conda_faults.py", "steps/env.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = &plan.conda else { return Vec::new() };
    conda.environments.iter().map(|environment| job(conda, environment)).collect()
}

fn job(conda: &Conda, environment: &Environment) -> Job {
    let Environment { name, channels, packages } = environment;
    let sentence = format!("{} from {}", packages.join(", "), channels.join(", "));
    let create = ["conda", "create", "-qyn", name, "--override-channels"];
    let channels = channels.iter().flat_map(|channel| ["-c", channel]);
    let words = create.into_iter().chain(channels).chain(packages.iter().map(String::as_str));
    let data = json!({
        "prefix": conda.prefix,
        "home": format!("{}/envs/{name}", conda.prefix),
        "command": super::command_line(words),
    });
    let terms = (!conda.terms.is_empty()).then(|| "terms".to_string());
    let needs = ["conda".to_string()].into_iter().chain(terms);
    Job::new(conda.time_limit, sentence, data).of(name).needs(needs)
}
