//! The program, and what it prints.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// `bootseed watch` with these arguments.
pub(crate) fn watch(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bootseed"));
    command.arg("watch").args(arguments).stdin(Stdio::null());
    command
}

/// What came of a run.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) took: Duration,
}

pub(crate) fn run(command: &mut Command) -> Run {
    let start = Instant::now();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Run { code: status.code(), out: text(stdout), err: text(stderr), took: start.elapsed() }
}

impl Run {
    /// The lines of JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The last line about a machine.
    pub(crate) fn last(&self, student: &str) -> Value {
        let lines = self.lines().into_iter().rev();
        let mut own = lines.filter(|line| line["student"] == student);
        own.next().unwrap_or_else(|| panic!("nothing of {student}\n{}{}", self.out, self.err))
    }
}

/// A `status.json`.
pub(crate) fn status(state: &str, message: &str) -> String {
    let step = match state {
        "ready" => "done",
        state => state,
    };
    let steps = json!([{"step": "web", "state": step, "tries": 1, "seconds": 4, "reason": ""}]);
    json!({"version": 1, "state": state, "message": message, "steps": steps}).to_string()
}

/// A file in a folder, as an argument.
pub(crate) fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
