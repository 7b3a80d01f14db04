//! A command: of the owner, or one that gives a file to an account that a package brought.

use serde_json::json;

use super::{Job, Kind, Lane};
use crate::plan::Plan;

pub(super) const RUN: Kind =
    Kind { name: "run", lane: Lane::Owner, guest: &["steps/run.py"], jobs };

fn jobs(plan: &Plan) -> Vec<Job> {
    let job = |(i, command): (usize, &Vec<String>)| {
        let sentence = match plan.late.get(i) {
            Some(file) => format!("{} is given to {}", file.path, file.owner.trim_end_matches(':')),
            None => format!("your command: {}", shown(command)),
        };
        Job::new(60, sentence, json!({ "command": command })).of((i + 1).to_string())
    };
    plan.run.iter().enumerate().map(job).collect()
}

/// A command as its author wrote it, on one line.
fn shown(words: &[String]) -> String {
    let text = match words {
        [bash, _, _, option, line] if bash == "bash" && option == "-c" => line.clone(),
        words => words.join(" "),
    };
    text.trim_end().replace('\n', "; ")
}
