//! A first boot on this computer, before anyone pays for a machine.
//!
//! In: user-data, and a machine: a cloud image in QEMU ([`vm`]) or a root file system under
//! systemd-nspawn ([`container`]). Out: what the machine said of each step, live and as a
//! [`Verdict`]. The machine's disk is never written to: an overlay takes the changes, and nothing
//! is left when the [`Guest`] is dropped. To add a kind of machine: a file whose `start` gives a
//! [`Guest`].

pub mod console;
pub mod container;
pub mod host;
mod seed;
pub mod vm;

use std::io::{self, BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use console::Event;
pub use host::Lacking;

/// How often a machine that says nothing is looked at.
const GLANCE: Duration = Duration::from_millis(100);

/// Lines that may wait to be looked at; a machine that talks faster waits, as on a real console.
const WAITING_LINES: usize = 256;

/// A machine that is switched on. Dropping it switches it off and clears everything away.
pub struct Guest {
    child: Child,
    lines: Receiver<String>,
    /// What has to end with the machine, in this order.
    _cleared_away: Vec<Box<dyn Send>>,
}

/// Why there is no guest.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A program, a right or a file that this computer does not have.
    #[error(transparent)]
    Lacking(#[from] Lacking),
    /// A program of this computer failed.
    #[error("{program} failed: {said}")]
    Program {
        /// The program.
        program: String,
        /// What it said.
        said: String,
    },
    /// Input and output.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What the system said.
        source: io::Error,
    },
}

/// A step, as the machine last told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its number, from 1.
    pub number: usize,
    /// Its name.
    pub step: String,
    /// `running`, `retrying`, `done` or `failed`.
    pub state: String,
    /// How many times it was tried.
    pub tries: u32,
    /// Seconds since it began.
    pub seconds: u64,
    /// Why it is not done.
    pub reason: String,
}

/// How a rehearsal ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Outcome {
    /// The machine is ready.
    Ready {
        /// The address it gave.
        address: String,
    },
    /// The machine says that it failed.
    Failed {
        /// At which step, and why.
        reason: String,
    },
    /// cloud-init ended, and the machine gave no verdict: this is no user-data of bootseed's.
    Silent,
    /// KVM cannot run this machine on this computer; QEMU without it can.
    #[serde(rename = "kvm-failed")]
    KvmFailed,
    /// The machine went off.
    Off,
    /// The time was up.
    Timeout,
    /// The person at the keyboard ended it.
    Interrupted,
}

/// What is known when a rehearsal has ended.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The steps that the machine told of.
    pub steps: Vec<Step>,
    /// From switching on to the verdict.
    pub seconds: u64,
    /// The last lines of the console, for the case that the verdict is not enough.
    pub console: Vec<String>,
}

/// What a rehearsal tells while it goes on.
pub trait Audience {
    /// The machine told of a step.
    fn step(&mut self, step: &Step, total: usize);
    /// A line of the console.
    fn line(&mut self, line: &str);
    /// Called several times a second; `true` ends the rehearsal.
    fn enough(&mut self) -> bool;
}

/// Lines of the console that a verdict keeps.
const KEPT_LINES: usize = 40;

impl Guest {
    fn new(mut child: Child, cleared_away: Vec<Box<dyn Send>>) -> Guest {
        let (sender, lines) = sync_channel(WAITING_LINES);
        let outputs: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|out| Box::new(out) as Box<dyn Read + Send>),
            child.stderr.take().map(|err| Box::new(err) as Box<dyn Read + Send>),
        ];
        for output in outputs.into_iter().flatten() {
            let sender = sender.clone();
            thread::spawn(move || send_lines(output, &sender));
        }
        Guest { child, lines, _cleared_away: cleared_away }
    }

    /// Follows the machine until it gives its verdict, goes off, or `limit` is over.
    pub fn follow(&mut self, limit: Duration, audience: &mut dyn Audience) -> Verdict {
        let start = Instant::now();
        let mut verdict = Verdict {
            outcome: Outcome::Timeout,
            steps: Vec::new(),
            seconds: 0,
            console: Vec::new(),
        };
        verdict.outcome = loop {
            if audience.enough() {
                break Outcome::Interrupted;
            }
            if start.elapsed() > limit {
                break Outcome::Timeout;
            }
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => {
                    if let Some(outcome) = verdict.hear(&line, audience) {
                        break outcome;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break Outcome::Off,
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        verdict.seconds = start.elapsed().as_secs();
        verdict
    }

    /// Leaves the machine on until it goes off or the audience has had enough.
    pub fn keep(&mut self, audience: &mut dyn Audience) {
        while !audience.enough() {
            match self.lines.recv_timeout(GLANCE) {
                Ok(line) => audience.line(&line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Verdict {
    fn hear(&mut self, line: &str, audience: &mut dyn Audience) -> Option<Outcome> {
        self.console.push(line.to_string());
        if self.console.len() > KEPT_LINES {
            self.console.remove(0);
        }
        audience.line(line);
        match console::event(line)? {
            Event::Step { step, total } => {
                audience.step(&step, total);
                self.note(step);
                None
            }
            Event::Ready(address) => Some(Outcome::Ready { address }),
            Event::Failed(reason) => Some(Outcome::Failed { reason }),
            Event::CloudInitEnded => Some(Outcome::Silent),
            Event::KvmFailed => Some(Outcome::KvmFailed),
        }
    }

    fn note(&mut self, step: Step) {
        match self.steps.iter_mut().find(|known| known.number == step.number) {
            Some(known) => *known = step,
            None => self.steps.push(step),
        }
        self.steps.sort_by_key(|step| step.number);
    }
}

/// Sends the lines of a console, without carriage returns and colours.
fn send_lines(output: impl Read, lines: &SyncSender<String>) {
    let mut reader = BufReader::new(output);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes), Ok(read) if read > 0) {
        if lines.send(console::plain(&bytes)).is_err() {
            break;
        }
        bytes.clear();
    }
}
