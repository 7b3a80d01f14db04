//! Packages that pip adds to a conda environment.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::{Pip, Plan};

pub(super) const PIP: Kind = Kind {
    name: "pip",
    lane: Lane::Conda,
    guest: &["download.py", "pip_faults.py", "steps/pip.py"],
    jobs,
};

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = &plan.conda else { return Vec::new() };
    let job = |(name, pip): (&String, &Pip)| {
        let install = ["python", "-m", "pip", "install", "--no-input"];
        let words = install.into_iter().chain(places(pip));
        let words = words.chain(pip.packages.iter().map(String::as_str));
        let data = json!({
            "home": format!("{}/envs/{name}", conda.prefix),
            "command": super::command_line(words),
        });
        let from = pip.index_url.as_ref().map(|url| format!(" from {url}")).unwrap_or_default();
        let sentence = format!("pip adds {} to {name}{from}", pip.packages.join(", "));
        Job::new(conda.time_limit, sentence, data).of(name).needs([format!("env:{name}")])
    };
    conda.pip.iter().map(job).collect()
}

/// Where pip looks for packages.
fn places(pip: &Pip) -> impl Iterator<Item = &str> {
    let index = pip.index_url.iter().flat_map(|url| ["--index-url", url]);
    let extra = pip.extra_index_urls.iter().flat_map(|url| ["--extra-index-url", url]);
    index.chain(extra).chain(pip.find_links.iter().flat_map(|url| ["--find-links", url]))
}
