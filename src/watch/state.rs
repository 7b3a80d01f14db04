//! How a machine is, as far as it can be told from here.
//!
//! In: where it is, and what came of asking it. Out: a [`State`] with a word, the details and what
//! to look at; its [`Kind`] decides the order, trouble first.

use serde::Serialize;

use super::status::{Phase, Progress, Status};
use super::target::Place;

/// What came of asking a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It said how it is.
    Status(Status),
    /// Nothing came: why not, and what to look at.
    Silence(String),
    /// Something else came than a machine of bootseed says.
    Odd(String),
}

/// How a machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It has given up: at which step, and why.
    Failed(String),
    /// Something answers that is no machine of bootseed.
    Odd(String),
    /// The student has no machine.
    NoMachine,
    /// It does not answer.
    Unreachable(String),
    /// The cloud has not given it an address: what it says of it.
    NoAddress(String),
    /// It is being set up.
    Running(Work),
    /// It has not been asked yet.
    Unasked,
    /// It is as its owner wanted it; seconds since its program began, where it says so.
    Ready(Option<u64>),
}

/// What a machine is at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Work {
    /// The step, and where there is none the last line of the console.
    pub step: String,
    /// Its number, from 1, and how many there are.
    pub number: usize,
    /// How many steps there are.
    pub total: usize,
    /// How often it was tried.
    pub tries: u64,
    /// Seconds since it began.
    pub seconds: u64,
    /// Why it is tried again; else what it says of itself.
    pub reason: String,
    /// Is it waiting for its next try?
    pub retrying: bool,
    /// Bytes of its download, and all of them; 0 if that is not known.
    pub download: Option<(u64, u64)>,
}

/// What kind of state it is, trouble first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// See [`State::Failed`].
    Failed,
    /// See [`State::Odd`].
    Odd,
    /// See [`State::NoMachine`].
    NoMachine,
    /// See [`State::Unreachable`].
    Unreachable,
    /// See [`State::NoAddress`].
    NoAddress,
    /// [`State::Running`], after a try that failed.
    Retrying,
    /// [`State::Running`].
    Running,
    /// See [`State::Unasked`].
    Unasked,
    /// See [`State::Ready`].
    Ready,
}

impl Kind {
    /// All of them, trouble first.
    pub const ALL: [Kind; 9] = [
        Kind::Failed,
        Kind::Odd,
        Kind::NoMachine,
        Kind::Unreachable,
        Kind::NoAddress,
        Kind::Retrying,
        Kind::Running,
        Kind::Unasked,
        Kind::Ready,
    ];

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Odd => "not bootseed",
            Kind::NoMachine => "no machine",
            Kind::Unreachable => "unreachable",
            Kind::NoAddress => "no address yet",
            Kind::Retrying => "trying again",
            Kind::Running => "setting up",
            Kind::Unasked => "not asked yet",
            Kind::Ready => "ready",
        }
    }

    /// A sign that tells it from others without color.
    pub fn sign(self) -> &'static str {
        match self {
            Kind::Failed => "✗",
            Kind::Odd => "?",
            Kind::NoMachine | Kind::NoAddress => "–",
            Kind::Unreachable => "!",
            Kind::Retrying => "↻",
            Kind::Running => "…",
            Kind::Unasked => "·",
            Kind::Ready => "✓",
        }
    }

    /// Does somebody have to look?
    pub fn is_trouble(self) -> bool {
        self <= Kind::Unreachable
    }
}

impl State {
    /// Before a machine was asked.
    pub fn of(place: &Place) -> State {
        match place {
            Place::At(_) => State::Unasked,
            Place::NoAddress(power) => State::NoAddress(power.clone()),
            Place::NoMachine => State::NoMachine,
        }
    }

    /// What kind it is.
    pub fn kind(&self) -> Kind {
        match self {
            State::Failed(_) => Kind::Failed,
            State::Odd(_) => Kind::Odd,
            State::NoMachine => Kind::NoMachine,
            State::Unreachable(_) => Kind::Unreachable,
            State::NoAddress(_) => Kind::NoAddress,
            State::Running(work) if work.retrying => Kind::Retrying,
            State::Running(_) => Kind::Running,
            State::Unasked => Kind::Unasked,
            State::Ready(_) => Kind::Ready,
        }
    }

    /// More than the kind says, in words; empty if there is no more.
    pub fn details(&self) -> String {
        match self {
            State::Failed(text) | State::Odd(text) | State::Unreachable(text) => text.clone(),
            State::NoAddress(power) => power.clone(),
            State::NoMachine | State::Unasked => String::new(),
            State::Ready(seconds) => {
                seconds.map(|of| format!("after {}", time(of))).unwrap_or_default()
            }
            State::Running(work) => work.details(),
        }
    }

    /// Is it the same but for time and bytes, which nobody needs a line for?
    pub(super) fn is_like(&self, other: &State) -> bool {
        match (self, other) {
            (State::Running(one), State::Running(other)) => {
                (&one.step, one.tries, one.retrying) == (&other.step, other.tries, other.retrying)
            }
            (State::Ready(_), State::Ready(_)) => true,
            (one, other) => one == other,
        }
    }
}

impl Work {
    fn details(&self) -> String {
        let mut text = match self.total {
            0 => self.step.clone(),
            total => format!("{} ({}/{total})", self.step, self.number),
        };
        if self.tries > 1 {
            text += &format!(", try {}", self.tries);
        }
        if self.seconds > 0 {
            text += &format!(", {}", time(self.seconds));
        }
        match (self.download, self.reason.is_empty()) {
            (Some((done, total)), _) if !self.retrying => text + ": " + &bytes(done, total),
            (_, false) => format!("{text}: {}", self.reason),
            _ => text,
        }
    }
}

/// `120 of 1200 MB (10 %)`, without what is not known.
fn bytes(done: u64, total: u64) -> String {
    let mb = |bytes: u64| bytes / 1_000_000;
    match total {
        0 => format!("{} MB", mb(done)),
        total => {
            let part = done.min(total) * 100 / total;
            format!("{} of {} MB ({part} %)", mb(done), mb(total))
        }
    }
}

/// A time in words: `35 s`, `14 min`, `2 h 5 min`.
pub fn time(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// What a machine says of itself.
impl From<Status> for State {
    fn from(status: Status) -> State {
        match status.progress {
            Progress::Ready => State::Ready(status.seconds),
            Progress::Failed => {
                let message = status.message.strip_prefix("FAILED at ").unwrap_or(&status.message);
                State::Failed(message.to_owned())
            }
            Progress::Running => State::Running(Work::of(&status)),
        }
    }
}

impl Work {
    fn of(status: &Status) -> Work {
        let Some((number, step)) = status.current() else {
            return Work { step: status.message.clone(), ..Work::default() };
        };
        Work {
            step: step.name.clone(),
            number,
            total: status.steps.len(),
            tries: step.tries,
            seconds: step.seconds,
            reason: step.reason.clone(),
            retrying: matches!(step.phase, Phase::Retrying | Phase::Failed),
            download: step.download,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(text: &str) -> State {
        Status::read(text.as_bytes()).unwrap().into()
    }

    const STEP: &str = r#""step": "conda", "tries": 3, "seconds": 840"#;

    fn one(machine: &str, step: &str) -> State {
        state(&format!(r#"{{"version": 1, {machine}, "steps": [{{{STEP}, {step}}}]}}"#))
    }

    #[test]
    fn work_is_told_in_words() {
        let running = r#""state": "running", "message": "x""#;
        let download =
            r#""state": "running", "reason": "", "done": 120000000, "total": 1200000000"#;
        for (step, kind, details) in [
            (download, Kind::Running, "120 of 1200 MB (10 %)"),
            (r#""state": "running", "reason": "x", "done": 5000000"#, Kind::Running, "5 MB"),
            (r#""state": "retrying", "reason": "HTTP 502", "done": 1"#, Kind::Retrying, "HTTP 502"),
            (r#""state": "failed", "reason": "no""#, Kind::Retrying, "no"),
        ] {
            let found = one(running, step);
            assert_eq!(found.kind(), kind, "{step}");
            assert_eq!(found.details(), format!("conda (1/1), try 3, 14 min: {details}"));
        }
    }

    #[test]
    fn every_end_is_told_in_words() {
        let failed = r#""state": "failed", "message": "FAILED at conda: disk""#;
        let ready = r#""state": "ready", "seconds": 125, "message": "READY http://x/""#;
        let none = r#"{"version": 1, "state": "running", "message": "STEP", "steps": []}"#;
        for (found, kind, details) in [
            (one(failed, r#""state": "failed", "reason": "disk""#), Kind::Failed, "conda: disk"),
            (one(ready, r#""state": "done", "reason": """#), Kind::Ready, "after 2 min"),
            (state(none), Kind::Running, "STEP"),
        ] {
            assert_eq!((found.kind(), found.details().as_str()), (kind, details));
        }
    }

    #[test]
    fn trouble_comes_first() {
        assert!(Kind::ALL.is_sorted());
        let troubles = Kind::ALL.iter().filter(|kind| kind.is_trouble()).count();
        assert_eq!(troubles, 4);
    }

    #[test]
    fn times_are_short() {
        let shown = [0, 59, 60, 3599, 3600, 7500].map(time);
        assert_eq!(shown, ["0 s", "59 s", "1 min", "59 min", "1 h", "2 h 5 min"]);
        assert_eq!(bytes(5_000_000_000, 1_000_000), "5000 of 1 MB (100 %)");
    }
}
