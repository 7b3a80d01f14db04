//! What the machine does on its first boot, step by step.
//!
//! In: a [`Plan`]. Out: its [`Step`]s in their order, each with what the program on the machine is
//! told about it. The order, `bootseed plan`, `/etc/bootseed/machine.yaml` and the program itself
//! follow from this list. To add a kind: a file here with its `Kind`, a `mod` line and an entry in
//! `KINDS`; and its program in `templates/guest/steps/`.

mod app;
mod certbot;
mod conda;
mod env;
mod files;
mod handover;
mod https;
mod packages;
mod pip;
mod report;
mod run;
mod services;
mod terms;
mod upgrade;
mod verify;
mod web;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::plan::Plan;

/// Every kind, in the order in which their steps are counted and told of.
const KINDS: &[&Kind] = &[
    &files::FILES,
    &report::REPORT,
    &web::WEB,
    &certbot::CERTBOT,
    &https::HTTPS,
    &upgrade::UPGRADE,
    &packages::PACKAGES,
    &conda::CONDA,
    &terms::TERMS,
    &env::ENV,
    &pip::PIP,
    &handover::HANDOVER,
    &services::SERVICES,
    &app::APP,
    &run::RUN,
    &verify::VERIFY,
];

/// A kind of step.
struct Kind {
    /// The name of its steps, or what their names begin with: `env` of `env:hello`.
    name: &'static str,
    lane: Lane,
    /// Files of the program that it needs, below `templates/guest/`.
    guest: &'static [&'static str],
    jobs: fn(&Plan) -> Vec<Job>,
}

/// Steps of one lane follow one another. The machine runs `System` and `Conda` side by side, after
/// `Files` and before `Owner`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Lane {
    /// Files that others may need.
    Files,
    /// What the package manager does, one at a time.
    System,
    /// conda, one at a time.
    Conda,
    /// What the owner wants done when the rest is there; only if nothing failed, and up to the
    /// first failure.
    Owner,
}

/// What a kind makes of the plan: one step.
struct Job {
    /// What tells it from others of its kind, if there may be several.
    of: Option<String>,
    /// Longest time for one try, in minutes.
    limit: u32,
    /// Steps of its own lane that must be done.
    needs: Vec<String>,
    /// What the program is told, by the names that it uses.
    data: Map<String, Value>,
    /// What it does, for people.
    sentence: String,
}

impl Job {
    /// One try takes at most these minutes.
    fn new(limit: u32, sentence: impl Into<String>, data: Value) -> Job {
        let data = match data {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        Job { of: None, limit, needs: Vec::new(), data, sentence: sentence.into() }
    }

    /// One of several of its kind.
    fn of(self, name: impl Into<String>) -> Job {
        Job { of: Some(name.into()), ..self }
    }

    fn needs(self, steps: impl IntoIterator<Item = String>) -> Job {
        Job { needs: steps.into_iter().collect(), ..self }
    }
}

/// A step of a machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// Its name, as the console and `status.json` have it.
    pub name: String,
    lane: Lane,
    needs: Vec<String>,
    /// Longest time for one try, in minutes.
    limit: u32,
    data: Map<String, Value>,
    /// What it does, in words.
    pub sentence: String,
    #[serde(skip)]
    guest: &'static [&'static str],
}

/// The steps of a machine, in their order.
pub fn steps(plan: &Plan) -> Vec<Step> {
    KINDS.iter().flat_map(|kind| (kind.jobs)(plan).into_iter().map(|job| kind.step(job))).collect()
}

/// Stands for the file of the package manager in [`guest_files`].
pub const PACKAGES: &str = "packages";

/// Stands for its file that brings all packages up to date.
pub const PACKAGES_UPGRADE: &str = "packages-upgrade";

/// The files of the program that these steps need, each once, below `templates/guest/`.
pub fn guest_files(steps: &[Step]) -> Vec<&'static str> {
    let mut files = Vec::new();
    for file in steps.iter().flat_map(|step| step.guest) {
        if !files.contains(file) {
            files.push(*file);
        }
    }
    files
}

/// Words as a person would type them.
fn command_line<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted = words.map(|word| shlex::try_quote(word).unwrap_or(word.into()));
    quoted.collect::<Vec<_>>().join(" ")
}

impl Kind {
    fn step(&self, job: Job) -> Step {
        let name = match job.of {
            Some(of) => format!("{}:{of}", self.name),
            None => self.name.to_string(),
        };
        let Job { limit, needs, data, sentence, .. } = job;
        Step { name, lane: self.lane, needs, limit, data, sentence, guest: self.guest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_kind_and_has_its_program() {
        let stems = |folder: &str, ending: &str| {
            let files = std::fs::read_dir(folder).unwrap();
            let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
            let stems = names.filter_map(|name| Some(name.strip_suffix(ending)?.to_string()));
            let mut stems: Vec<String> =
                stems.filter(|stem| stem != "mod" && stem != "__init__").collect();
            stems.sort();
            stems
        };
        let mut kinds: Vec<String> = KINDS.iter().map(|kind| kind.name.to_string()).collect();
        kinds.sort();
        assert_eq!(stems("src/step", ".rs"), kinds);
        assert_eq!(stems("templates/guest/steps", ".py"), kinds);
        for kind in KINDS {
            let own = format!("steps/{}.py", kind.name);
            assert_eq!(kind.guest.last(), Some(&&own[..]));
        }
    }
}
