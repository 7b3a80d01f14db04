//! All machines that are watched, and how they are.
//!
//! In: the targets, and one answer after the other. Out: what changed, the rows with trouble on top,
//! and a summary. It knows no clock: the caller says what time it is.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::address::Address;
use super::clean::clean;
use super::state::{Answer, Kind, State};
use super::target::{Place, Target};

/// The machines.
#[derive(Debug, Clone)]
pub struct Board {
    machines: Vec<Machine>,
}

/// A machine and how it is.
#[derive(Debug, Clone)]
pub struct Machine {
    /// What the student is known by, as it may be shown.
    pub student: String,
    /// The student's name, as it may be shown.
    pub name: Option<String>,
    /// Where it is asked.
    pub address: Option<Address>,
    /// How it is.
    pub state: State,
    /// Since when it is so, as seen from here.
    pub since: Instant,
    /// Did it tell by itself how it is?
    pub told: bool,
    /// How often in a row it has not answered.
    misses: u32,
}

/// Letters of a name that are shown.
const NAME: usize = 60;

/// One answer that does not come changes nothing for a machine that has answered before.
const MISSES: u32 = 2;

impl Board {
    /// All of them as they are before anybody was asked.
    pub fn new(targets: &[Target], now: Instant) -> Board {
        let machine = |target: &Target| Machine {
            student: clean(&target.student, NAME),
            name: target.name.as_ref().map(|name| clean(name, NAME)),
            address: match &target.place {
                Place::At(address) => Some(address.clone()),
                _ => None,
            },
            state: State::of(&target.place),
            since: now,
            told: false,
            misses: 0,
        };
        Board { machines: targets.iter().map(machine).collect() }
    }

    /// In the order of the targets.
    pub fn machines(&self) -> &[Machine] {
        &self.machines
    }

    /// The places of the machines, trouble first, and those that are alike in the order of the
    /// targets.
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.machines.len()).collect();
        order.sort_by_key(|at| self.machines[*at].state.kind());
        order
    }

    /// How many there are of each kind, trouble first.
    pub fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for machine in &self.machines {
            *counts.entry(machine.state.kind()).or_default() += 1;
        }
        counts
    }

    /// `37 of 40 ready, 1 failed, 2 setting up`
    pub fn summary(&self) -> String {
        let mut counts = self.counts();
        let ready = counts.remove(&Kind::Ready).unwrap_or_default();
        let rest = counts.iter().map(|(kind, count)| format!(", {count} {}", kind.word()));
        format!("{ready} of {} ready{}", self.machines.len(), rest.collect::<String>())
    }

    /// Are all of them ready?
    pub fn is_ready(&self) -> bool {
        self.machines.iter().all(|one| one.state.kind() == Kind::Ready)
    }

    /// Can nothing change any more but by somebody's help? `listening` says whether machines
    /// without an address may still tell how they are.
    pub fn is_final(&self, listening: bool) -> bool {
        self.machines.iter().all(|one| match one.state.kind() {
            Kind::Ready | Kind::Failed | Kind::NoMachine => true,
            Kind::NoAddress => !listening,
            _ => false,
        })
    }

    /// Takes an answer in. Says whether something changed that is worth a line.
    pub fn hear(&mut self, at: usize, answer: Answer, now: Instant) -> bool {
        let Some(machine) = self.machines.get_mut(at) else { return false };
        let state = match answer {
            Answer::Status(status) => State::from(status),
            Answer::Odd(why) => State::Odd(why),
            Answer::Silence(why) => {
                machine.misses += 1;
                // It told by itself, perhaps from where nobody can ask it.
                if machine.told || machine.is_known() && machine.misses < MISSES {
                    return false;
                }
                State::Unreachable(why)
            }
        };
        if !matches!(state, State::Unreachable(_)) {
            machine.misses = 0;
        }
        machine.turn(state, now)
    }

    /// Takes in what a machine tells by itself.
    pub fn told(&mut self, at: usize, state: State, now: Instant) -> bool {
        let Some(machine) = self.machines.get_mut(at) else { return false };
        machine.told = true;
        machine.turn(state, now)
    }
}

impl Machine {
    /// Student and name.
    pub fn who(&self) -> String {
        match &self.name {
            Some(name) => format!("{} {name}", self.student),
            None => self.student.clone(),
        }
    }

    /// How long it is so.
    pub fn lasting(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.since)
    }

    fn is_known(&self) -> bool {
        matches!(self.state, State::Running(_) | State::Ready(_) | State::Failed(_))
    }

    fn turn(&mut self, state: State, now: Instant) -> bool {
        let changed = !self.state.is_like(&state);
        if changed {
            self.since = now;
        }
        self.state = state;
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::status::Status;

    fn target(student: &str, place: Place) -> Target {
        Target { student: student.into(), name: Some("이\u{1b}".into()), place }
    }

    fn at(host: &str) -> Place {
        Place::At(host.parse().unwrap())
    }

    fn board() -> Board {
        let targets = [
            target("a", at("127.0.0.1")),
            target("b\u{202e}", at("127.0.0.2")),
            target("c", Place::NoMachine),
            target("d", Place::NoAddress("pending".into())),
        ];
        Board::new(&targets, Instant::now())
    }

    fn says(state: &str) -> Answer {
        let steps =
            r#"[{"step": "web", "state": "running", "tries": 1, "seconds": 5, "reason": ""}]"#;
        let text =
            format!(r#"{{"version": 1, "state": "{state}", "message": "m", "steps": {steps}}}"#);
        Answer::Status(Status::read(text.as_bytes()).unwrap())
    }

    fn silence() -> Answer {
        Answer::Silence("refused".into())
    }

    #[test]
    fn trouble_is_on_top() {
        let (mut board, now) = (board(), Instant::now());
        assert!(board.hear(0, says("ready"), now));
        assert!(board.hear(1, says("failed"), now));
        assert_eq!(board.order(), [1, 2, 3, 0]);
        assert_eq!(board.summary(), "1 of 4 ready, 1 failed, 1 no machine, 1 no address yet");
        assert_eq!(board.machines()[1].who(), "b 이");
        assert!(board.is_final(false) && !board.is_final(true) && !board.is_ready());
    }

    #[test]
    fn one_answer_that_does_not_come_changes_nothing() {
        let (mut board, now) = (board(), Instant::now());
        assert!(board.hear(0, silence(), now), "it never answered");
        assert!(board.hear(0, says("ready"), now));
        assert!(!board.hear(0, silence(), now));
        assert_eq!(board.machines()[0].state.kind(), Kind::Ready);
        assert!(board.hear(0, silence(), now));
        assert_eq!(board.machines()[0].state.kind(), Kind::Unreachable);
    }

    #[test]
    fn what_a_machine_told_outlasts_silence() {
        let (mut board, now) = (board(), Instant::now());
        let Answer::Status(status) = says("ready") else { panic!() };
        assert!(board.told(3, status.into(), now));
        assert!(!board.hear(3, silence(), now) && !board.hear(3, silence(), now));
        assert_eq!(board.machines()[3].state.kind(), Kind::Ready);
    }

    #[test]
    fn time_that_passes_is_no_change() {
        let (mut board, now) = (board(), Instant::now());
        let later = now + Duration::from_secs(60);
        assert!(board.hear(0, says("running"), now));
        assert!(!board.hear(0, says("running"), later));
        assert_eq!(board.machines()[0].lasting(later), Duration::from_secs(60));
        assert!(!board.hear(99, says("running"), later));
    }
}
