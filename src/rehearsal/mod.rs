//! A first boot on this computer, before anyone pays for a machine.
//!
//! In: user-data, and a machine: a cloud image in QEMU ([`vm`]) or a root file system under
//! systemd-nspawn ([`container`]). Out: what the machine said of each step, live and as a
//! [`Verdict`]. The machine's disk is never written to: an overlay takes the changes, and nothing
//! is left when the [`Guest`] is dropped. To add a kind of machine: a file whose `start` gives an
//! engine to a [`Guest`].

pub mod console;
pub mod container;
mod guest;
pub mod host;
mod platform;
mod seed;
pub mod vm;
mod watch;

use std::io;

use serde::Serialize;

pub use guest::Guest;
pub use host::Lacking;
pub use watch::Terms;

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
    KvmFailed {
        /// What is known of it.
        reason: String,
    },
    /// The machine switched itself off.
    Off,
    /// The machine's kernel gave up, or what runs the machine failed.
    Broken {
        /// How.
        reason: String,
    },
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
    /// How often the machine restarted.
    pub restarts: usize,
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
    /// The machine restarts.
    fn restart(&mut self);
    /// Called several times a second; `true` ends the rehearsal.
    fn enough(&mut self) -> bool;
}
