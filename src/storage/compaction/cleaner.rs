//! The threads that compact: each takes the dirtiest log that no other has, makes one pass over
//! it, and rests when there is none.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::pass::Limits;
use super::plan::Plan;
use super::round::{Failure, Round};
use crate::base::clock::Clock;
use crate::storage::clock_guard::{ClockGuard, Verdict};
use crate::storage::error::StorageError;
use crate::storage::partition::Command;
use crate::storage::poison::Poison;
use crate::storage::queue::Queue;
use crate::storage::space::Space;

/// When and with what a store compacts its logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanerOptions {
    /// `log.cleaner.threads`: logs that are compacted at the same time; 0 stops after those that
    /// are under way.
    pub threads: usize,
    /// `log.cleaner.backoff.ms`: rest when there is nothing to compact.
    pub backoff: Duration,
    /// `log.cleaner.dedupe.buffer.size`: memory for keys, shared by the threads.
    pub dedupe_buffer_bytes: usize,
    /// `log.cleaner.io.buffer.size`: memory for reads and writes, shared by the threads.
    pub io_buffer_bytes: usize,
}

/// The threads, as many as have ever been asked for.
pub(in crate::storage) struct Cleaner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads share.
struct Shared {
    clock: Arc<dyn Clock>,
    poison: Poison,
    space: Arc<Space>,
    /// The storage threads.
    writers: Vec<Arc<Queue<Command>>>,
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
}

#[derive(Default)]
struct State {
    options: CleanerOptions,
    /// Numbers of the logs that are being compacted.
    busy: BTreeSet<u64>,
    /// Numbers of the logs that cannot be compacted.
    set_aside: BTreeSet<u64>,
}

impl Cleaner {
    /// A cleaner that does nothing until it is configured.
    pub(in crate::storage) fn new(
        clock: Arc<dyn Clock>,
        poison: Poison,
        space: Arc<Space>,
        writers: Vec<Arc<Queue<Command>>>,
    ) -> Self {
        let (state, changed, stop) = (Mutex::default(), Condvar::new(), AtomicBool::new(false));
        let shared = Arc::new(Shared { clock, poison, space, writers, state, changed, stop });
        Self { shared, threads: Mutex::default() }
    }

    /// Puts options into effect, with more threads if need be, which `spawn` starts by number.
    pub(in crate::storage) fn configure(
        &self,
        options: CleanerOptions,
        spawn: impl Fn(usize, Box<dyn FnOnce() + Send>) -> Result<JoinHandle<()>, StorageError>,
    ) -> Result<(), StorageError> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for number in threads.len()..options.threads {
            let shared = self.shared.clone();
            threads.push(spawn(number, Box::new(move || shared.run(number)))?);
        }
        self.shared.state().options = options;
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Ends the threads; what they have not finished is given up.
    ///
    /// # Errors
    /// One of them has panicked.
    pub(in crate::storage) fn stop(self) -> Result<(), StorageError> {
        {
            // Under the lock, so that nobody misses it on the way to rest.
            let _state = self.shared.state();
            self.shared.stop.store(true, Ordering::Relaxed);
        }
        self.shared.changed.notify_all();
        let threads = self.threads.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut stopped = Ok(());
        for thread in threads {
            stopped = stopped.and(thread.join().map_err(|_| StorageError::Removed));
        }
        stopped
    }
}

impl Shared {
    /// The work of thread number `number`, from 0, until it is told to stop.
    fn run(&self, number: usize) {
        let mut guard = ClockGuard::default();
        while !self.stop.load(Ordering::Relaxed) {
            let options = self.state().options.clone();
            let now_ms = self.clock.wall_ms();
            // A clock that has jumped would remove tombstones before their time.
            let is_trusted = guard.look(now_ms, self.clock.monotonic()) == Verdict::Trusted;
            let may_work = is_trusted && number < options.threads && self.poison.check().is_ok();
            if !may_work || !self.clean_one(&options, now_ms) {
                self.rest(&options);
            }
        }
    }

    /// Rests until there may be something to do again.
    fn rest(&self, options: &CleanerOptions) {
        let is_idle =
            |state: &mut State| state.options == *options && !self.stop.load(Ordering::Relaxed);
        let rested = self.changed.wait_timeout_while(self.state(), options.backoff, is_idle);
        drop(rested);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A log that is being compacted, and the thread that writes to it.
struct Chosen {
    number: u64,
    writer: Arc<Queue<Command>>,
}

impl Shared {
    /// Makes a pass over the dirtiest log. False if there is none, or it failed.
    fn clean_one(&self, options: &CleanerOptions, now_ms: i64) -> bool {
        let Some(Chosen { number, writer }) = self.choose(now_ms) else { return false };
        let tell = |command| writer.push(command).map_err(|_| StorageError::Removed);
        let round = Round { number, tell: &tell, space: &self.space, stop: &self.stop };
        let outcome = round.run(options.limits(), now_ms);
        let mut state = self.state();
        state.busy.remove(&number);
        match outcome {
            Ok(()) => return true,
            Err(Failure::Gone) => {}
            Err(Failure::NoRoom { bytes }) => {
                tracing::warn!(bytes, "there is no room to compact a log");
            }
            Err(Failure::Disk(error)) => {
                tracing::warn!(%error, "a log could not be compacted; it will be tried again");
            }
            Err(Failure::ForGood(error)) => {
                tracing::error!(%error, "a log cannot be compacted until the next start");
                state.set_aside.insert(number);
            }
        }
        false
    }

    /// Takes the dirtiest log that is not being compacted.
    fn choose(&self, now_ms: i64) -> Option<Chosen> {
        // Held, so that no two threads choose the same.
        let mut state = self.state();
        let mut dirtiest: Option<(Plan, Chosen)> = None;
        for writer in &self.writers {
            let (sender, surveyed) = channel();
            let reply = Box::new(move |logs| drop(sender.send(logs)));
            // One that has no room is too busy to be asked.
            if writer.try_push(Command::Survey { reply }).is_err() {
                continue;
            }
            for log in surveyed.recv().into_iter().flatten() {
                if state.busy.contains(&log.number) || state.set_aside.contains(&log.number) {
                    continue;
                }
                let Some(plan) = log.plan(now_ms) else { continue };
                if dirtiest.as_ref().is_none_or(|(most, _)| plan.dirty_ratio > most.dirty_ratio) {
                    dirtiest = Some((plan, Chosen { number: log.number, writer: writer.clone() }));
                }
            }
        }
        let (_, chosen) = dirtiest?;
        state.busy.insert(chosen.number);
        Some(chosen)
    }
}

impl CleanerOptions {
    /// What one thread may use.
    fn limits(&self) -> Limits {
        let threads = self.threads.max(1);
        Limits {
            keys_bytes: self.dedupe_buffer_bytes / threads,
            io_bytes: self.io_buffer_bytes / threads,
        }
    }
}
