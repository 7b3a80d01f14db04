//! How a rehearsal looks: live on a terminal, plain lines elsewhere, a table at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use bootseed::rehearsal::{Outcome, Step, Verdict};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::voice;

/// The display of a running rehearsal, on standard error.
pub(super) struct Progress {
    bars: Option<MultiProgress>,
    steps: BTreeMap<usize, ProgressBar>,
    console: Option<ProgressBar>,
}

/// How often a line that turns is drawn anew.
const TURN: Duration = Duration::from_millis(120);

impl Progress {
    pub(super) fn new() -> Progress {
        let bars = voice::is_watched().then(MultiProgress::new);
        let console =
            bars.as_ref().map(|bars| spinner(bars, "{spinner} {elapsed} {wide_msg:.dim}"));
        Progress { bars, steps: BTreeMap::new(), console }
    }

    /// Shows a step that changed.
    pub(super) fn step(&mut self, step: &Step, total: usize) {
        let text = format!("{}/{total} {}", step.number, described(step));
        let Some(bars) = &self.bars else { return voice::note(&text) };
        let bar =
            self.steps.entry(step.number).or_insert_with(|| spinner(bars, "{spinner} {wide_msg}"));
        match step.state.as_str() {
            "done" | "failed" => bar.finish_with_message(text),
            _ => bar.set_message(text),
        }
    }

    /// Shows the newest line of the console on a terminal.
    pub(super) fn line(&mut self, line: &str) {
        if let Some(console) = &self.console {
            console.set_message(line.to_string());
        }
    }

    /// Says that the machine restarts.
    pub(super) fn restart(&mut self) {
        const RESTARTS: &str = "the machine restarts";
        match &self.bars {
            // It fails when the terminal is gone, and then nobody reads it.
            Some(bars) => drop(bars.println(RESTARTS)),
            None => voice::note(RESTARTS),
        }
    }

    /// Leaves the steps on the terminal as they are.
    pub(super) fn end(&mut self) {
        for bar in self.console.iter().chain(self.steps.values()) {
            bar.abandon();
        }
    }
}

fn spinner(bars: &MultiProgress, template: &str) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TURN);
    bar
}

fn described(step: &Step) -> String {
    let text = format!("{}: {}, try {}, {} s", step.step, step.state, step.tries, step.seconds);
    if step.reason.is_empty() { text } else { format!("{text}: {}", step.reason) }
}

/// The verdict and the table of steps.
pub(super) fn summary(verdict: &Verdict) -> String {
    let mut text = String::new();
    if !verdict.steps.is_empty() {
        let width = verdict.steps.iter().map(|step| step.step.chars().count()).max();
        let width = width.unwrap_or_default().max("STEP".len());
        text += &format!(
            "{:<width$}  {:<8}  {:>7}  {:>8}  REASON\n",
            "STEP", "STATE", "SECONDS", "ATTEMPTS"
        );
        for step in &verdict.steps {
            let line = format!(
                "{:<width$}  {:<8}  {:>7}  {:>8}  {}",
                step.step, step.state, step.seconds, step.tries, step.reason
            );
            text += &format!("{}\n", line.trim_end());
        }
        text.push('\n');
    }
    let restarts = match verdict.restarts {
        0 => String::new(),
        1 => " and a restart".into(),
        many => format!(" and {many} restarts"),
    };
    text + &format!("{} after {} s{restarts}\n", sentence(&verdict.outcome), verdict.seconds)
}

fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ready { address } => format!("READY {address}"),
        Outcome::Failed { reason } => format!("FAILED at {reason},"),
        Outcome::Silent => "NOT READY: cloud-init has ended and the machine gave no verdict".into(),
        Outcome::KvmFailed { reason } => {
            format!("NOT READY: KVM does not work on this computer: {reason}")
        }
        Outcome::Off => "NOT READY: the machine switched itself off".into(),
        Outcome::Broken { reason } => format!("NOT READY: {reason},"),
        Outcome::Timeout => "NOT READY: the time was up".into(),
        Outcome::Interrupted => "NOT READY: interrupted".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_is_a_table_and_a_sentence() {
        let step = |number, name: &str, state: &str, reason: &str| Step {
            number,
            step: name.into(),
            state: state.into(),
            tries: 2,
            seconds: 35,
            reason: reason.into(),
        };
        let verdict = Verdict {
            outcome: Outcome::Failed { reason: "env:x: no such package".into() },
            steps: vec![step(1, "web", "done", ""), step(2, "env:x", "failed", "no such package")],
            restarts: 1,
            seconds: 40,
            console: Vec::new(),
        };
        let expected = "\
STEP   STATE     SECONDS  ATTEMPTS  REASON
web    done           35         2
env:x  failed         35         2  no such package

FAILED at env:x: no such package, after 40 s and a restart
";
        assert_eq!(summary(&verdict), expected);
    }
}
