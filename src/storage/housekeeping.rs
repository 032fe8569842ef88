//! What a store does by itself from time to time: deleting what is past its retention, removing
//! the files of deleted segments once their delay is over, and looking at the room on the disk.
//!
//! One thread keeps the time and does nothing to a log: it tells the storage threads that it is
//! time, and only they change logs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::clock_guard::{ClockGuard, Verdict};
use super::commit::Garbage;
use super::partition::Command;
use super::queue::Queue;
use super::space::Space;
use crate::base::clock::Clock;

/// When a store looks after itself.
#[derive(Clone, Debug)]
pub struct HousekeepingOptions {
    /// `log.initial.task.delay.ms`: time until the first look at retention.
    pub initial_delay: Duration,
    /// `log.retention.check.interval.ms`: time between two looks.
    pub retention_check_interval: Duration,
}

/// Time between two looks at how much room the disk has.
const LOOK_AT_SPACE_EVERY: Duration = Duration::from_secs(1);

/// The thread's state. Times are those of the monotonic clock.
pub(super) struct Housekeeping {
    clock: Arc<dyn Clock>,
    guard: ClockGuard,
    retention_check_interval: Duration,
    next_check: Duration,
    /// The storage threads.
    writers: Vec<Arc<Queue<Command>>>,
    discarded: Receiver<Garbage>,
    /// Garbage and when it goes.
    waiting: Vec<(Duration, Garbage)>,
    space: Arc<Space>,
    next_look_at_space: Duration,
}

impl Housekeeping {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        options: &HousekeepingOptions,
        writers: Vec<Arc<Queue<Command>>>,
        discarded: Receiver<Garbage>,
        space: Arc<Space>,
    ) -> Self {
        let mut guard = ClockGuard::default();
        let now = clock.monotonic();
        guard.look(clock.wall_ms(), now);
        Self {
            clock,
            guard,
            retention_check_interval: options.retention_check_interval,
            next_check: now.saturating_add(options.initial_delay),
            writers,
            discarded,
            waiting: Vec::new(),
            space,
            next_look_at_space: now,
        }
    }

    /// Works until the committer, which hands over the garbage, has ended.
    pub(super) fn run(mut self) {
        loop {
            let now = self.clock.monotonic();
            self.work(now);
            match self.discarded.recv_timeout(self.idle_for(now)) {
                Ok(garbage) => self.keep(garbage),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Does all that is due.
    fn work(&mut self, now: Duration) {
        if now >= self.next_look_at_space {
            self.next_look_at_space = now.saturating_add(LOOK_AT_SPACE_EVERY);
            self.space.look();
        }
        // Room that is needed now is not kept for those who still read what was deleted.
        let is_low = self.space.is_low();
        let due = self.waiting.extract_if(.., |(when, _)| is_low || *when <= now);
        due.for_each(|(_, garbage)| garbage.remove());
        if now >= self.next_check {
            self.next_check = now.saturating_add(self.retention_check_interval);
            self.check_retention(now);
        }
    }

    /// How long there will be nothing to do.
    fn idle_for(&self, now: Duration) -> Duration {
        let removals = self.waiting.iter().map(|(when, _)| *when);
        let next = removals.fold(self.next_check.min(self.next_look_at_space), Duration::min);
        next.saturating_sub(now)
    }

    fn keep(&mut self, garbage: Garbage) {
        self.waiting.push((self.clock.monotonic().saturating_add(garbage.delay), garbage));
    }

    fn check_retention(&mut self, now: Duration) {
        let now_ms = self.clock.wall_ms();
        let verdict = self.guard.look(now_ms, now);
        if let Verdict::Jumped { by_ms } = verdict {
            tracing::warn!(
                by_ms,
                "the system's clock has jumped; nothing is deleted for its age for ten minutes"
            );
        }
        let is_trusted = verdict == Verdict::Trusted;
        for writer in &self.writers {
            // One that has no room is busy enough; it will be told at the next look.
            writer.try_push(Command::Retain { now_ms, is_trusted }).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::{Sender, channel};

    use super::super::config::StoreOptions;
    use super::*;
    use crate::base::clock::ManualClock;
    use crate::base::disk::{Disk, MemoryDisk};

    const MINUTE: Duration = Duration::from_secs(60);

    struct Setup {
        clock: Arc<ManualClock>,
        writer: Arc<Queue<Command>>,
        housekeeping: Housekeeping,
        _discarding: Sender<Garbage>,
    }

    /// Looks at retention after one minute, and every five from then on.
    fn setup() -> Setup {
        let clock = Arc::new(ManualClock::at(1_000_000));
        let writer = Arc::new(Queue::new(10));
        let options =
            HousekeepingOptions { initial_delay: MINUTE, retention_check_interval: 5 * MINUTE };
        let (_discarding, discarded) = channel();
        let writers = vec![writer.clone()];
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::new());
        disk.create_dir_all(Path::new("/data")).unwrap();
        let space = Arc::new(Space::open(&disk, &StoreOptions::new("/data")).unwrap());
        let housekeeping = Housekeeping::new(clock.clone(), &options, writers, discarded, space);
        Setup { clock, writer, housekeeping, _discarding }
    }

    impl Setup {
        /// What the storage thread is told at a time: the wall clock and whether it is trusted.
        fn work_at(&mut self, minute: u32) -> Vec<(i64, bool)> {
            let by = (minute * MINUTE).saturating_sub(self.clock.monotonic());
            self.clock.advance(by);
            self.housekeeping.work(self.clock.monotonic());
            self.writer.close();
            let told = self.writer.take_all_within(Duration::MAX).unwrap_or_default();
            self.writer = Arc::new(Queue::new(10));
            self.housekeeping.writers = vec![self.writer.clone()];
            let told = told.into_iter().filter_map(|command| match command {
                Command::Retain { now_ms, is_trusted } => Some((now_ms, is_trusted)),
                _ => None,
            });
            told.collect()
        }
    }

    #[test]
    fn retention_is_looked_at_after_the_delay_and_in_intervals() {
        let mut setup = setup();
        assert_eq!(setup.work_at(0), []);
        assert_eq!(setup.work_at(1), [(1_060_000, true)]);
        assert_eq!(setup.work_at(5), []);
        assert_eq!(setup.work_at(6), [(1_360_000, true)]);
    }

    #[test]
    fn a_clock_that_jumps_is_not_trusted_at_the_next_look() {
        let mut setup = setup();
        assert_eq!(setup.work_at(1).len(), 1);
        setup.clock.step_wall(365 * 24 * 60 * 60_000);
        let mut is_trusted_at = |minute| setup.work_at(minute).first().map(|told| told.1);
        let told = [6, 11, 16].map(&mut is_trusted_at);
        assert_eq!(told, [Some(false), Some(false), Some(true)]);
    }

    #[test]
    fn there_is_something_to_do_every_second_or_when_garbage_is_due() {
        let mut setup = setup();
        setup.work_at(0);
        assert_eq!(setup.housekeeping.idle_for(Duration::ZERO), Duration::from_secs(1));
        let delay = Duration::from_millis(300);
        setup.housekeeping.keep(Garbage { files: Vec::new(), delay });
        assert_eq!(setup.housekeeping.idle_for(Duration::ZERO), delay);
    }

    #[test]
    fn garbage_goes_when_its_delay_is_over() {
        let mut setup = setup();
        setup.housekeeping.keep(Garbage { files: Vec::new(), delay: MINUTE / 2 });
        setup.housekeeping.keep(Garbage { files: Vec::new(), delay: 2 * MINUTE });
        setup.work_at(1);
        assert_eq!(setup.housekeeping.waiting.len(), 1);
        setup.work_at(2);
        assert_eq!(setup.housekeeping.waiting.len(), 0);
    }
}
