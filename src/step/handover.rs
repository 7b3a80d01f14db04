//! conda is given to the account that is to install into it.

use serde_json::json;

use super::{Job, Kind, Lane, env, pip};
use crate::plan::Plan;

pub(super) const HANDOVER: Kind =
    Kind { name: "handover", lane: Lane::Conda, guest: &["steps/handover.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let Some(conda) = &plan.conda else { return Vec::new() };
    let Some(owner) = &conda.owner else { return Vec::new() };
    let sentence = format!("{} and its environments are given to {owner}", conda.prefix);
    let names: Vec<&str> = conda.environments.iter().map(|one| one.name.as_str()).collect();
    let data = json!({ "prefix": conda.prefix, "environments": names, "owner": owner });
    let environments =
        conda.environments.iter().map(|one| format!("{}:{}", env::ENV.name, one.name));
    let pip = conda.pip.keys().map(|name| format!("{}:{name}", pip::PIP.name));
    let needs = ["conda".to_string()].into_iter().chain(environments).chain(pip);
    vec![Job::new(30, sentence, data).needs(needs)]
}
