//! A line for each change, for logs and pipes.

use std::io::{self, Write};
use std::time::Instant;

use bootseed::watch::{Board, Machine, State};

use super::Output;

pub(super) struct Lines {
    start: Instant,
}

impl Lines {
    /// Begins with who has no machine, or none that can be asked.
    pub(super) fn new(board: &Board) -> io::Result<Lines> {
        let lines = Lines { start: Instant::now() };
        let known = |machine: &&Machine| machine.state != State::Unasked;
        board.machines().iter().filter(known).try_for_each(|machine| lines.write(machine))?;
        Ok(lines)
    }

    fn write(&self, machine: &Machine) -> io::Result<()> {
        let seconds = self.start.elapsed().as_secs();
        let mut out = io::stdout().lock();
        writeln!(out, "{:3}:{:02}  {}", seconds / 60, seconds % 60, line(machine))?;
        out.flush()
    }
}

impl Output for Lines {
    fn changed(&mut self, board: &Board, at: usize) -> io::Result<()> {
        board.machines().get(at).map_or(Ok(()), |machine| self.write(machine))
    }
}

/// `kim 김철수 (203.0.113.5): failed, conda: disk: 900 MB free`
pub(super) fn line(machine: &Machine) -> String {
    let (who, kind) = (machine.who(), machine.state.kind().word());
    let address = machine.address.as_ref().map(ToString::to_string);
    let address = address.filter(|address| *address != who);
    let address = address.map(|address| format!(" ({address})")).unwrap_or_default();
    let details = machine.state.details();
    let details = if details.is_empty() { details } else { format!(", {details}") };
    format!("{who}{address}: {kind}{details}")
}
