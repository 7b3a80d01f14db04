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
    let homes = conda.environments.iter().map(|one| format!("{}/envs/{}", conda.prefix, one.name));
    let made: Vec<String> = [conda.prefix.clone()].into_iter().chain(homes).collect();
    let data = json!({
        "prefix": conda.prefix, "above": above(&conda.prefix), "made": made, "owner": owner,
    });
    let environments =
        conda.environments.iter().map(|one| format!("{}:{}", env::ENV.name, one.name));
    let pip = conda.pip.keys().map(|name| format!("{}:{name}", pip::PIP.name));
    let needs = ["conda".to_string()].into_iter().chain(environments).chain(pip);
    vec![Job::new(30, sentence, data).needs(needs)]
}

/// In a home, the folders above the prefix, which are made with it.
fn above(prefix: &str) -> Vec<&str> {
    let home = prefix.strip_prefix("/home/").and_then(|rest| rest.find('/'));
    let Some(home) = home.map(|end| "/home/".len() + end) else { return Vec::new() };
    let slashes = prefix.match_indices('/').map(|(at, _)| at).filter(|at| *at > home);
    slashes.map(|at| &prefix[..at]).collect()
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn what_is_above_a_prefix_in_a_home_is_given_too() {
        for (prefix, folders) in [
            ("/opt/conda", &[][..]),
            ("/home/kim/conda", &[]),
            ("/home/kim/a/b/conda", &["/home/kim/a", "/home/kim/a/b"]),
        ] {
            assert_eq!(above(prefix), folders, "{prefix}");
        }
    }
}
