//! How many students are done, on a terminal, when it takes more than a moment.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::voice;

/// A moment.
const MOMENT: Duration = Duration::from_secs(1);

/// Students between two looks at the clock.
const PACE: u64 = 64;

pub(super) struct Progress {
    start: Instant,
    done: u64,
    terminal: bool,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new() -> Progress {
        let terminal = voice::is_watched();
        Progress { start: Instant::now(), done: 0, terminal, bar: None }
    }

    /// One more is done.
    pub(super) fn tick(&mut self) {
        self.done += 1;
        if !self.terminal || !self.done.is_multiple_of(PACE) {
            return;
        }
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if self.start.elapsed() > MOMENT => self.bar = Some(bar()),
            None => {}
        }
    }

    /// Keeps out of the way of what is told meanwhile.
    pub(super) fn pause<T>(&self, tell: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(tell),
            None => tell(),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{spinner} {pos} students, {per_sec}, {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}
