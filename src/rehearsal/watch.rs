//! From what is heard of a machine to a verdict.

use std::time::{Duration, Instant};

use super::console::{self, Event};
use super::guest::{Guest, Heard};
use super::{Audience, Outcome, Step, Verdict};

/// Lines of the console that a verdict keeps.
const KEPT_LINES: usize = 40;

/// How long the machine's word is held back for cloud-init to end, or for the restart that the
/// user-data asks for. What the machine says while it restarts does not count: a step that is
/// stopped for it has not failed.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a kernel that gave up has for restarting the machine, as some are told to.
const PATIENCE_WITH_A_PANIC: Duration = Duration::from_secs(10);

/// What to wait for.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// The longest time.
    pub limit: Duration,
    /// Does the user-data restart the machine when it is set up? It has to be ready after that.
    pub restart: bool,
}

/// A machine that is being watched.
struct Watch<'a> {
    terms: Terms,
    start: Instant,
    /// What the machine says of itself, and since when.
    word: Option<(Outcome, Instant)>,
    /// Has cloud-init ended, since the machine last started?
    ended: bool,
    /// Has it said nothing, since it last started?
    silent: bool,
    /// Has it restarted after cloud-init's end?
    restarted: bool,
    verdict: Verdict,
    audience: &'a mut dyn Audience,
}

impl Guest {
    /// Follows the machine until it gives its verdict, goes off, or the time is up. A machine that
    /// restarts is followed on.
    pub fn follow(&mut self, terms: Terms, audience: &mut dyn Audience) -> Verdict {
        let mut watch = Watch::new(terms, audience);
        let outcome = loop {
            if watch.audience.enough() {
                break Outcome::Interrupted;
            }
            if let Some(outcome) = watch.settled() {
                break outcome;
            }
            let heard = self.listen();
            if let Some(outcome) = watch.hear(heard) {
                break outcome;
            }
        };
        watch.end(outcome)
    }

    /// Leaves the machine on until it goes off or the audience has had enough.
    pub fn keep(&mut self, audience: &mut dyn Audience) {
        while !audience.enough() {
            match self.listen() {
                Heard::Line(line) | Heard::Complaint(line) => audience.line(&line),
                Heard::Restart => audience.restart(),
                Heard::Nothing => {}
                Heard::Off | Heard::Broken(_) | Heard::KvmFailed(_) => break,
            }
        }
    }
}

impl Watch<'_> {
    fn new(terms: Terms, audience: &mut dyn Audience) -> Watch<'_> {
        let verdict = Verdict {
            outcome: Outcome::Timeout,
            restarts: 0,
            steps: Vec::new(),
            seconds: 0,
            console: Vec::new(),
        };
        let start = Instant::now();
        Watch {
            terms,
            start,
            word: None,
            ended: false,
            silent: true,
            restarted: false,
            verdict,
            audience,
        }
    }

    /// The verdict, once there is nothing more to wait for.
    fn settled(&self) -> Option<Outcome> {
        let up = self.start.elapsed() > self.terms.limit;
        let restarts = self.terms.restart && !self.restarted;
        match &self.word {
            Some((word, since)) => {
                let patience = match word {
                    Outcome::Broken { .. } => PATIENCE_WITH_A_PANIC,
                    _ => PATIENCE,
                };
                let enough = (self.ended && !restarts) || since.elapsed() > patience;
                (enough || up).then(|| word.clone())
            }
            None => up.then_some(Outcome::Timeout),
        }
    }

    fn hear(&mut self, heard: Heard) -> Option<Outcome> {
        match heard {
            Heard::Nothing => {}
            Heard::Line(line) => {
                self.silent = false;
                self.line(line);
            }
            Heard::Complaint(line) => self.line(line),
            // A BIOS may restart once more on its way.
            Heard::Restart if self.silent => {}
            Heard::Restart => {
                self.silent = true;
                self.verdict.restarts += 1;
                self.restarted |= self.ended;
                (self.word, self.ended) = (None, false);
                self.audience.restart();
            }
            Heard::Off => return Some(self.word.take().map_or(Outcome::Off, |(word, _)| word)),
            Heard::Broken(reason) => return Some(Outcome::Broken { reason }),
            Heard::KvmFailed(reason) => return Some(Outcome::KvmFailed { reason }),
        }
        None
    }

    fn line(&mut self, line: String) {
        self.audience.line(&line);
        let event = console::event(&line);
        self.verdict.console.push(line);
        if self.verdict.console.len() > KEPT_LINES {
            self.verdict.console.remove(0);
        }
        let Some(event) = event else { return };
        match event {
            Event::Step { step, total } => {
                self.audience.step(&step, total);
                self.note(step);
            }
            Event::Ready(address) => self.take(Outcome::Ready { address }),
            Event::Failed(reason) => self.take(Outcome::Failed { reason }),
            Event::Panic(reason) => self.take(Outcome::Broken { reason }),
            Event::CloudInitEnded => {
                self.ended = true;
                if self.word.is_none() {
                    self.take(Outcome::Silent);
                }
            }
        }
    }

    fn take(&mut self, word: Outcome) {
        self.word = Some((word, Instant::now()));
    }

    fn note(&mut self, step: Step) {
        let steps = &mut self.verdict.steps;
        match steps.iter_mut().find(|known| known.number == step.number) {
            Some(known) => *known = step,
            None => steps.push(step),
        }
        steps.sort_by_key(|step| step.number);
    }

    /// The time is that of the machine's word, if it is what counts.
    fn end(self, outcome: Outcome) -> Verdict {
        let at = self.word.filter(|(word, _)| *word == outcome).map(|(_, since)| since);
        let seconds = at.unwrap_or_else(Instant::now).duration_since(self.start).as_secs();
        Verdict { outcome, seconds, ..self.verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Audience for Nobody {
        fn step(&mut self, _: &Step, _: usize) {}
        fn line(&mut self, _: &str) {}
        fn restart(&mut self) {}
        fn enough(&mut self) -> bool {
            false
        }
    }

    const LIMIT: Duration = Duration::from_secs(600);
    const READY: &str = "bootseed: READY http://h/";
    const FAILED: &str = "bootseed: FAILED at verify: stopped";
    const ENDED: &str = "Cloud-init v. 22.4.2 finished at Sun, 22 Nov 2026";

    fn ready() -> Outcome {
        Outcome::Ready { address: "http://h/".into() }
    }

    /// What comes of these lines; of an empty one, a restart.
    fn outcome(restart: bool, lines: &[&str]) -> Option<Outcome> {
        let mut nobody = Nobody;
        let mut watch = Watch::new(Terms { limit: LIMIT, restart }, &mut nobody);
        for line in lines {
            let heard = if line.is_empty() { Heard::Restart } else { Heard::Line((*line).into()) };
            assert_eq!(watch.hear(heard), None);
        }
        watch.settled()
    }

    #[test]
    fn the_word_counts_when_cloud_init_has_ended() {
        assert_eq!(outcome(false, &[READY]), None);
        assert_eq!(outcome(false, &[READY, ENDED]), Some(ready()));
        let failed = Outcome::Failed { reason: "verify: stopped".into() };
        assert_eq!(outcome(false, &[FAILED, ENDED]), Some(failed));
        assert_eq!(outcome(false, &[ENDED]), Some(Outcome::Silent));
    }

    #[test]
    fn a_restart_takes_the_word_back() {
        assert_eq!(outcome(false, &[FAILED, ""]), None);
        assert_eq!(outcome(false, &[FAILED, "", ENDED]), Some(Outcome::Silent));
        assert_eq!(outcome(false, &[FAILED, "", READY, ENDED]), Some(ready()));
    }

    #[test]
    fn the_restart_that_the_user_data_asks_for_is_waited_for() {
        assert_eq!(outcome(true, &[READY, ENDED]), None);
        let early = ["Linux version 6", "", READY, ENDED];
        assert_eq!(outcome(true, &early), None, "it restarted too early");
        assert_eq!(outcome(true, &[READY, ENDED, "", READY]), None);
        assert_eq!(outcome(true, &[READY, ENDED, "", READY, ENDED]), Some(ready()));
    }

    #[test]
    fn a_restart_that_a_bios_does_in_two_goes_is_one() {
        let mut nobody = Nobody;
        let mut watch = Watch::new(Terms { limit: LIMIT, restart: false }, &mut nobody);
        for heard in [Heard::Line(READY.into()), Heard::Restart, Heard::Restart] {
            watch.hear(heard);
        }
        assert_eq!(watch.verdict.restarts, 1);
    }

    #[test]
    fn patience_ends() {
        let mut nobody = Nobody;
        let mut watch = Watch::new(Terms { limit: LIMIT, restart: true }, &mut nobody);
        let before = Instant::now().checked_sub(PATIENCE).expect("the computer runs for longer");
        watch.word = Some((ready(), before));
        assert_eq!(watch.settled(), Some(ready()));
    }

    #[test]
    fn a_machine_that_goes_off_has_had_the_last_word() {
        let mut nobody = Nobody;
        let mut watch = Watch::new(Terms { limit: LIMIT, restart: false }, &mut nobody);
        assert_eq!(watch.hear(Heard::Off), Some(Outcome::Off));
        watch.hear(Heard::Line(READY.into()));
        assert_eq!(watch.hear(Heard::Off), Some(ready()));
    }
}
