//! A `status.json`, as a machine answers it or posts it.
//!
//! In: bytes of whoever answers. Out: a [`Status`] whose texts can be shown, or in a [`NotStatus`]
//! why it is none. Nothing is trusted: version and types are looked at, texts are cleaned and
//! shortened, numbers are capped. What it has to look like: `src/status.schema.json`.

use serde::Deserialize;
use serde_json::Value;

use super::clean::clean;

/// What a machine says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// How far it is as a whole.
    pub progress: Progress,
    /// The last line of its console, cleaned.
    pub message: String,
    /// Seconds since its program began, where it says so.
    pub seconds: Option<u64>,
    /// Its steps, in their order.
    pub steps: Vec<Step>,
}

/// How far a machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// It is being set up.
    Running,
    /// It is as its owner wanted it.
    Ready,
    /// It has given up.
    Failed,
}

/// A step of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, such as `env:hello_cju`, cleaned.
    pub name: String,
    /// How far it is.
    pub phase: Phase,
    /// How often it was tried.
    pub tries: u64,
    /// Seconds since it began.
    pub seconds: u64,
    /// Why it is not done, or a warning; cleaned.
    pub reason: String,
    /// Bytes of its download that are there, and all of them; 0 if the server does not say.
    pub download: Option<(u64, u64)>,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It has not begun.
    Waiting,
    /// It is under way.
    Running,
    /// It failed, and will be tried again.
    Retrying,
    /// It succeeded.
    Done,
    /// It failed for good.
    Failed,
}

/// Why an answer is no status of a bootseed machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStatus {
    /// No JSON at all: the answer of another web server.
    #[error("answers with something else than JSON: is this another web server?")]
    NoJson,
    /// JSON of something else.
    #[error("answers with JSON that is no status of bootseed: {0}")]
    Foreign(String),
    /// A status of a later version.
    #[error("has a status of version {0}, which a later bootseed knows; this one knows version 1")]
    Later(u64),
}

/// The version of `status.json` that is understood.
const VERSION: u64 = 1;

/// Letters of a message and of a reason: those of the guest program have 400 at most.
const LONG: usize = 400;
/// Letters of the name of a step.
const SHORT: usize = 80;
/// Steps that are read; a machine with a hundred environments has fewer.
const STEPS: usize = 1000;
/// Numbers above are taken for this: no step takes thirty years, and no download has a petabyte.
const LARGEST_TIME: u64 = 1_000_000_000;
const LARGEST_DOWNLOAD: u64 = 1_000_000_000_000_000;

#[derive(Deserialize)]
struct Raw {
    state: Progress,
    message: String,
    #[serde(default)]
    seconds: Option<u64>,
    steps: Vec<RawStep>,
}

#[derive(Deserialize)]
struct RawStep {
    step: String,
    state: Phase,
    tries: u64,
    seconds: u64,
    reason: String,
    #[serde(default)]
    done: Option<u64>,
    #[serde(default)]
    total: Option<u64>,
}

impl Status {
    /// Reads what a machine answers.
    ///
    /// # Errors
    /// It is no status, or one of a later version.
    pub fn read(bytes: &[u8]) -> Result<Status, NotStatus> {
        let value: Value = serde_json::from_slice(bytes).map_err(|_| NotStatus::NoJson)?;
        match value.get("version").map(Value::as_u64) {
            Some(Some(VERSION)) => {}
            Some(Some(later)) if later > VERSION => return Err(NotStatus::Later(later)),
            Some(_) => return Err(NotStatus::Foreign("its `version` is no such number".into())),
            None => return Err(NotStatus::Foreign("it has no `version`".into())),
        }
        let foreign =
            |error: serde_json::Error| NotStatus::Foreign(clean(&error.to_string(), SHORT));
        let raw: Raw = serde_json::from_value(value).map_err(foreign)?;
        if raw.steps.len() > STEPS {
            return Err(NotStatus::Foreign(format!("it has {} steps", raw.steps.len())));
        }
        Ok(Status {
            progress: raw.state,
            message: clean(&raw.message, LONG),
            seconds: raw.seconds.map(|seconds| seconds.min(LARGEST_TIME)),
            steps: raw.steps.into_iter().map(Step::from).collect(),
        })
    }

    /// The step that matters most now: one that failed, else one that is tried again, else the
    /// last one under way. With its number, from 1.
    pub fn current(&self) -> Option<(usize, &Step)> {
        let find = |phase| {
            let mut steps = self.steps.iter().enumerate().rev();
            steps.find(|(_, step)| step.phase == phase).map(|(at, step)| (at + 1, step))
        };
        find(Phase::Failed).or_else(|| find(Phase::Retrying)).or_else(|| find(Phase::Running))
    }
}

impl From<RawStep> for Step {
    fn from(raw: RawStep) -> Step {
        let bytes = |bytes: u64| bytes.min(LARGEST_DOWNLOAD);
        let total = bytes(raw.total.unwrap_or_default());
        Step {
            name: clean(&raw.step, SHORT),
            phase: raw.state,
            tries: raw.tries.min(LARGEST_TIME),
            seconds: raw.seconds.min(LARGEST_TIME),
            reason: clean(&raw.reason, LONG),
            download: raw.done.map(|done| (bytes(done), total)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn status() -> Value {
        json!({"version": 1, "state": "running", "message": "STEP 2/3 conda: running", "steps": [
            {"step": "web", "state": "done", "tries": 1, "seconds": 4, "reason": ""},
            {"step": "conda", "state": "running", "tries": 2, "seconds": 35, "reason": "a\u{1b}[2J",
             "done": 5, "total": 10},
            {"step": "verify", "state": "waiting", "tries": 0, "seconds": 0, "reason": ""},
        ]})
    }

    fn read(value: &Value) -> Result<Status, NotStatus> {
        Status::read(value.to_string().as_bytes())
    }

    #[test]
    fn a_machine_is_understood_and_cleaned() {
        let read = read(&status()).unwrap();
        let (number, step) = read.current().unwrap();
        assert_eq!((number, step.name.as_str(), step.tries), (2, "conda", 2));
        assert_eq!((step.reason.as_str(), step.download), ("a [2J", Some((5, 10))));
    }

    #[test]
    fn the_schema_and_this_reader_take_the_same() {
        let schema: Value = serde_json::from_str(include_str!("../status.schema.json")).unwrap();
        let required = |of: &Value| -> Vec<String> {
            of["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|key| key.as_str().unwrap().into())
                .collect()
        };
        for key in required(&schema) {
            let mut without = status();
            without.as_object_mut().unwrap().remove(&key);
            assert!(read(&without).is_err(), "{key}");
        }
        for key in required(&schema["properties"]["steps"]["items"]) {
            let mut without = status();
            without["steps"][0].as_object_mut().unwrap().remove(&key);
            assert!(read(&without).is_err(), "{key}");
        }
        for state in schema["properties"]["state"]["enum"].as_array().unwrap() {
            let mut with = status();
            with["state"] = state.clone();
            assert!(read(&with).is_ok(), "{state}");
        }
    }

    #[test]
    fn what_is_no_status_is_told_why() {
        let with = |key: &str, value: Value| {
            let mut changed = status();
            changed[key] = value;
            read(&changed).unwrap_err().to_string()
        };
        assert!(with("version", json!(2)).contains("a status of version 2"));
        assert!(with("version", json!("1")).contains("no such number"));
        assert!(with("version", json!(-1)).contains("no such number"));
        assert!(with("state", json!("fine\u{7}")).contains("unknown variant"));
        assert!(with("steps", json!({})).contains("no status of bootseed"));
        assert!(with("message", json!(7)).contains("no status of bootseed"));
        for text in ["", "<html>", "\u{0}\u{1}", "{", "[1] x"] {
            assert_eq!(Status::read(text.as_bytes()), Err(NotStatus::NoJson), "{text}");
        }
        for text in ["[]", "1", "null", "{}", "{\"version\": null}"] {
            assert!(matches!(Status::read(text.as_bytes()), Err(NotStatus::Foreign(_))), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Status::read(deep.as_bytes()), Err(NotStatus::NoJson));
    }

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(bytes in any::<Vec<u8>>()) {
            let _ = Status::read(&bytes);
        }

        #[test]
        fn numbers_are_capped(number in any::<u64>()) {
            let mut odd = status();
            odd["steps"][1]["done"] = json!(number);
            odd["steps"][1]["seconds"] = json!(number);
            let read = read(&odd).unwrap();
            prop_assert!(read.steps[1].seconds <= LARGEST_TIME);
            prop_assert!(read.steps[1].download.unwrap().0 <= LARGEST_DOWNLOAD);
        }
    }
}
