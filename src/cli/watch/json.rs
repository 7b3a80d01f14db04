//! A line of JSON for each change, for programs.

use std::io::{self, Write};
use std::time::Instant;

use bootseed::watch::{Board, Machine, State, Work};
use serde_json::{Value, json};

use super::Output;

pub(super) struct Json {
    start: Instant,
}

impl Json {
    /// Begins with a line for every machine.
    pub(super) fn new(board: &Board) -> io::Result<Json> {
        let json = Json { start: Instant::now() };
        board.machines().iter().try_for_each(|machine| json.write(machine))?;
        Ok(json)
    }

    fn write(&self, machine: &Machine) -> io::Result<()> {
        let seconds = self.start.elapsed().as_secs();
        let mut out = io::stdout().lock();
        writeln!(out, "{}", object(machine, seconds))?;
        out.flush()
    }
}

impl Output for Json {
    fn changed(&mut self, board: &Board, at: usize) -> io::Result<()> {
        board.machines().get(at).map_or(Ok(()), |machine| self.write(machine))
    }
}

/// What is known of a machine so many seconds after the start.
fn object(machine: &Machine, seconds: u64) -> Value {
    let mut object = json!({
        "after_seconds": seconds,
        "student": machine.student,
        "name": machine.name,
        "address": machine.address.as_ref().map(ToString::to_string),
        "state": machine.state.kind(),
        "details": machine.state.details(),
    });
    match &machine.state {
        State::Running(work) => object["step"] = step(work),
        State::Ready(seconds) => object["ready_after_seconds"] = json!(seconds),
        _ => {}
    }
    object
}

fn step(work: &Work) -> Value {
    let Work { step, number, total, tries, seconds, reason, download, .. } = work;
    let download = download.map(|(done, total)| json!({"done": done, "total": total}));
    json!({
        "step": step, "number": number, "of": total, "tries": tries, "seconds": seconds,
        "reason": reason, "download": download,
    })
}
