//! Asking all machines again and again, until there is a verdict.
//!
//! In: a [`Board`], the [`Terms`], what somebody at the keyboard wishes. Out: the board as it
//! changes, to an [`Audience`], and the [`Ending`].
//!
//! Each machine has a task of its own, so that none waits for the answer of another. Connections are
//! bounded; of these a quarter is kept for machines that answered when they were last asked, so that
//! any number of dead ones cannot take all.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use super::address::Address;
use super::ask::Client;
use super::board::Board;
use super::listen::Listener;
use super::state::{Answer, State};

/// How machines are watched.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Pause between an answer and the next question to the same machine.
    pub interval: Duration,
    /// Longest time for one question.
    pub patience: Duration,
    /// Connections at the same time.
    pub jobs: usize,
    /// Does it end when all are ready, or when nothing can change any more?
    pub until_ready: bool,
    /// Does it end after this time, whatever there is?
    pub timeout: Option<Duration>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All machines are ready.
    Ready,
    /// Nothing can change any more, and not all are ready.
    Settled,
    /// The time is over.
    TimeOver,
    /// Somebody wished it.
    Stopped,
}

/// Who is told.
pub trait Audience {
    /// What somebody at the keyboard may do.
    type Input: Send + 'static;

    /// A machine changed, in a way that is worth a line.
    ///
    /// # Errors
    /// It cannot be told: nobody listens any more.
    fn changed(&mut self, board: &Board, at: usize) -> io::Result<()>;

    /// Something changed or a second has passed: at most ten times a second.
    ///
    /// # Errors
    /// It cannot be shown.
    fn show(&mut self, board: &Board) -> io::Result<()>;

    /// Somebody did something. Says what is wished.
    fn input(&mut self, board: &Board, input: Self::Input) -> Reply;
}

/// What is wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// That it goes on.
    Go,
    /// That these machines are asked at once.
    Ask(Vec<usize>),
    /// That it ends.
    Stop,
}

/// What happens outside.
enum Event<I> {
    Input(I),
    Stop,
}

/// By which others wish something, from any thread.
pub struct Remote<I>(UnboundedSender<Event<I>>);

/// The other end of a [`Remote`].
pub struct Wishes<I>(UnboundedReceiver<Event<I>>);

impl<I> Clone for Remote<I> {
    fn clone(&self) -> Self {
        Remote(self.0.clone())
    }
}

impl<I> Remote<I> {
    /// Hands on what somebody did. Says whether anybody watches still.
    pub fn input(&self, input: I) -> bool {
        self.0.send(Event::Input(input)).is_ok()
    }

    /// Ends it.
    pub fn stop(&self) {
        // Nobody is there any more if it has ended already.
        let _ = self.0.send(Event::Stop);
    }
}

/// Two ends of a line.
pub fn remote<I>() -> (Remote<I>, Wishes<I>) {
    let (sender, receiver) = unbounded_channel();
    (Remote(sender), Wishes(receiver))
}

/// What is heard of a machine.
pub(super) enum Heard {
    Answer(Answer),
    Told(State),
}

/// How often the audience is shown something at most, and at least.
const SOON: Duration = Duration::from_millis(100);
const AT_LEAST: Duration = Duration::from_secs(1);

/// Threads that look up names, each with a small stack.
const LOOKUPS: usize = 32;
const STACK: usize = 256 << 10;

/// Watches the machines of a board.
///
/// # Errors
/// The system gives no timers or threads, or the audience is gone.
pub fn watch<A: Audience>(
    board: &mut Board,
    terms: &Terms,
    wishes: Wishes<A::Input>,
    listener: Option<Listener>,
    audience: &mut A,
) -> io::Result<Ending> {
    let runtime = runtime()?;
    let ended = runtime.block_on(Rounds::begin(board, terms, audience).run(wishes, listener));
    // A look-up of a name may hang for long, and nobody waits for it.
    runtime.shutdown_background();
    ended
}

fn runtime() -> io::Result<Runtime> {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_all().max_blocking_threads(LOOKUPS).thread_stack_size(STACK).build()
}

/// What all tasks share.
struct Line {
    client: Client,
    interval: Duration,
    all: Semaphore,
    /// For machines that did not answer when they were last asked.
    doubtful: Semaphore,
    heard: UnboundedSender<(usize, Heard)>,
}

struct Rounds<'a, A> {
    board: &'a mut Board,
    terms: &'a Terms,
    audience: &'a mut A,
    heard: UnboundedReceiver<(usize, Heard)>,
    line: Arc<Line>,
    nudges: Vec<Arc<Notify>>,
    /// May machines tell by themselves how they are?
    listening: bool,
    /// Whose end is the end of all tasks.
    tasks: JoinSet<()>,
}

impl<'a, A: Audience> Rounds<'a, A> {
    fn begin(board: &'a mut Board, terms: &'a Terms, audience: &'a mut A) -> Rounds<'a, A> {
        let (sender, heard) = unbounded_channel();
        let jobs = terms.jobs.max(1);
        let line = Line {
            client: Client::new(terms.patience),
            interval: terms.interval,
            all: Semaphore::new(jobs),
            doubtful: Semaphore::new((jobs - jobs / 4).max(1)),
            heard: sender,
        };
        let (line, nudges, tasks) = (Arc::new(line), Vec::new(), JoinSet::new());
        Rounds { board, terms, audience, heard, line, nudges, listening: false, tasks }
    }

    async fn run(
        mut self,
        mut wishes: Wishes<A::Input>,
        listener: Option<Listener>,
    ) -> io::Result<Ending> {
        self.listening = listener.is_some();
        if let Some(listener) = listener {
            self.tasks.spawn(listener.serve(self.line.heard.clone()));
        }
        self.send_out();
        let (start, mut shown, mut dirty) = (Instant::now(), Instant::now(), true);
        let end = self.terms.timeout.map(|timeout| start + timeout);
        loop {
            if dirty && (shown.elapsed() >= SOON || shown == start) || shown.elapsed() >= AT_LEAST {
                self.audience.show(self.board)?;
                (shown, dirty) = (Instant::now(), false);
            }
            if let Some(ending) = self.ending() {
                self.audience.show(self.board)?;
                return Ok(ending);
            }
            let next = shown + if dirty { SOON } else { AT_LEAST };
            let due = end.map_or(next, |end| end.min(next));
            tokio::select! {
                Some(heard) = self.heard.recv() => dirty |= self.hear(heard)?,
                Some(event) = wishes.0.recv() => match self.wish(event) {
                    true => dirty = true,
                    false => return Ok(Ending::Stopped),
                },
                () = sleep_until(due.into()) => {}
            }
            if end.is_some_and(|end| Instant::now() >= end) {
                self.audience.show(self.board)?;
                return Ok(self.ending().unwrap_or(Ending::TimeOver));
            }
        }
    }

    /// A task for each machine that can be asked.
    fn send_out(&mut self) {
        for (at, machine) in self.board.machines().iter().enumerate() {
            let nudge = Arc::new(Notify::new());
            self.nudges.push(Arc::clone(&nudge));
            if let Some(address) = machine.address.clone() {
                self.tasks.spawn(Arc::clone(&self.line).keep_asking(at, address, nudge));
            }
        }
    }

    fn hear(&mut self, first: (usize, Heard)) -> io::Result<bool> {
        let mut next = Some(first);
        while let Some((at, heard)) = next {
            let now = Instant::now();
            let changed = match heard {
                Heard::Answer(answer) => self.board.hear(at, answer, now),
                Heard::Told(state) => self.board.told(at, state, now),
            };
            if changed {
                self.audience.changed(self.board, at)?;
            }
            next = self.heard.try_recv().ok();
        }
        Ok(true)
    }

    /// Does what is wished; says whether it goes on.
    fn wish(&mut self, event: Event<A::Input>) -> bool {
        let Event::Input(input) = event else { return false };
        match self.audience.input(self.board, input) {
            Reply::Go => {}
            Reply::Stop => return false,
            Reply::Ask(machines) => {
                machines
                    .iter()
                    .filter_map(|at| self.nudges.get(*at))
                    .for_each(|one| one.notify_one());
            }
        }
        true
    }

    fn ending(&self) -> Option<Ending> {
        match self.terms.until_ready {
            true if self.board.is_ready() => Some(Ending::Ready),
            true if self.board.is_final(self.listening) => Some(Ending::Settled),
            _ => None,
        }
    }
}

impl Line {
    async fn keep_asking(self: Arc<Self>, at: usize, address: Address, nudge: Arc<Notify>) {
        let mut is_good = false;
        loop {
            let Some(answer) = self.ask(&address, is_good).await else { return };
            is_good = matches!(answer, Answer::Status(_));
            if self.heard.send((at, Heard::Answer(answer))).is_err() {
                return;
            }
            tokio::select! {
                () = sleep(self.interval) => {}
                () = nudge.notified() => {}
            }
        }
    }

    /// Asks when there is a connection free.
    async fn ask(&self, address: &Address, is_good: bool) -> Option<Answer> {
        let _doubtful = match is_good {
            true => None,
            false => Some(self.doubtful.acquire().await.ok()?),
        };
        let _one = self.all.acquire().await.ok()?;
        Some(self.client.ask(address).await)
    }
}
