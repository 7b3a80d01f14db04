//! An assembly line: work that many hands do side by side, and that comes out in its order.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, TryLockError};
use std::thread;

/// Pieces that are handed over together, so that handing over costs little.
const BATCH: usize = 64;

/// Batches that wait before and behind each worker: what there is in memory does not grow.
const WAITING: usize = 2;

/// Gives what `worker` makes of each item, and `finish` of that, to `sink`, in the order of `items`,
/// until it has enough. Each of the `jobs` threads has a worker of its own; one of them finishes at a
/// time, and none waits for that while there is something to make.
pub(super) fn run<T: Send, M, R: Send, W: FnMut(T) -> M>(
    jobs: usize,
    items: impl Iterator<Item = T> + Send,
    worker: impl Fn() -> W + Sync,
    finish: impl Fn(M) -> R + Sync,
    mut sink: impl FnMut(R) -> ControlFlow<()>,
) {
    let turn = Mutex::new(());
    thread::scope(|scope| {
        let (mut doors_in, mut doors_out) = (Vec::new(), Vec::new());
        for _ in 0..jobs.max(1) {
            let (door_in, inside) = sync_channel(WAITING);
            let (outside, door_out) = sync_channel(WAITING);
            doors_in.push(door_in);
            doors_out.push(door_out);
            let (worker, finish, turn) = (&worker, &finish, &turn);
            scope.spawn(move || work(worker(), finish, turn, &inside, &outside));
        }
        scope.spawn(move || feed(items, &doors_in));
        let mut batches = doors_out.iter().cycle().map_while(|door| door.recv().ok());
        let _ = batches.try_for_each(|batch: Vec<R>| batch.into_iter().try_for_each(&mut sink));
    });
}

/// Deals the items out by turns. Nobody takes one any more: there is enough.
fn feed<T>(mut items: impl Iterator<Item = T>, doors: &[SyncSender<Vec<T>>]) {
    for door in doors.iter().cycle() {
        let batch: Vec<T> = items.by_ref().take(BATCH).collect();
        if batch.is_empty() || door.send(batch).is_err() {
            return;
        }
    }
}

fn work<T, M, R>(
    mut worker: impl FnMut(T) -> M,
    finish: impl Fn(M) -> R,
    turn: &Mutex<()>,
    inside: &Receiver<Vec<T>>,
    outside: &SyncSender<Vec<R>>,
) {
    let mut made: Vec<Vec<M>> = Vec::new();
    let mut more = true;
    while more || !made.is_empty() {
        more = match inside.recv() {
            Ok(batch) => {
                made.push(batch.into_iter().map(&mut worker).collect());
                true
            }
            Err(_) => false,
        };
        let mine = match turn.try_lock() {
            Err(TryLockError::WouldBlock) if more && made.len() < WAITING => continue,
            Err(TryLockError::WouldBlock) => turn.lock().ok(),
            taken => taken.ok(),
        };
        let finished: Vec<Vec<R>> =
            made.drain(..).map(|batch| batch.into_iter().map(&finish).collect()).collect();
        // Who waits for the door must not keep the others from finishing.
        drop(mine);
        if finished.into_iter().any(|batch| outside.send(batch).is_err()) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(jobs: usize, count: usize, enough: usize) -> Vec<usize> {
        let mut found = Vec::new();
        run(
            jobs,
            0..count,
            || |n: usize| n * n,
            |square| square,
            |square| {
                found.push(square);
                if found.len() == enough {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        found
    }

    #[test]
    fn work_comes_out_in_its_order() {
        for jobs in [0, 1, 2, 3, 8] {
            for count in [0, 1, BATCH, 1_000] {
                let expected: Vec<usize> = (0..count).map(|n| n * n).collect();
                assert_eq!(squares(jobs, count, usize::MAX), expected, "{jobs} {count}");
            }
        }
    }

    #[test]
    fn enough_is_enough() {
        assert_eq!(squares(4, 1_000_000, 3), [0, 1, 4]);
    }
}
