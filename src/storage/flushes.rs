//! When logs are synced although nobody waits: `flush.ms`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The logs of one storage thread, by number, that hold something which is not synced, and until
/// when it may stay so. Logs without such a limit are not in it.
#[derive(Debug, Default)]
pub(super) struct Flushes {
    by_number: BTreeMap<u64, Instant>,
    by_time: BTreeSet<(Instant, u64)>,
}

impl Flushes {
    /// Notes that a log has to be synced at a time, unless it has to be sooner.
    pub(super) fn schedule(&mut self, number: u64, at: Instant) {
        if self.by_number.get(&number).is_none_or(|earlier| at < *earlier) {
            self.cancel(number);
            self.by_number.insert(number, at);
            self.by_time.insert((at, number));
        }
    }

    /// Notes that a log is being synced.
    pub(super) fn cancel(&mut self, number: u64) {
        if let Some(at) = self.by_number.remove(&number) {
            self.by_time.remove(&(at, number));
        }
    }

    /// How long there is nothing to sync.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        let first = self.by_time.first();
        first.map_or(Duration::MAX, |(at, _)| at.saturating_duration_since(now))
    }

    /// A log that has to be synced now; it is not named again.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<u64> {
        let (_, number) = *self.by_time.first().filter(|(at, _)| *at <= now)?;
        self.cancel(number);
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_log_is_due_once_at_its_earliest_time() {
        let now = Instant::now();
        let after = |seconds| now + Duration::from_secs(seconds);
        let mut flushes = Flushes::default();
        assert_eq!(flushes.idle_for(now), Duration::MAX);
        for (number, seconds) in [(1, 5), (2, 3), (1, 9), (2, 1), (3, 2), (4, 20)] {
            flushes.schedule(number, after(seconds));
        }
        flushes.cancel(3);
        assert_eq!(flushes.idle_for(now), Duration::from_secs(1));
        assert_eq!(flushes.take_due(now), None);
        let due: Vec<_> = std::iter::from_fn(|| flushes.take_due(after(9))).collect();
        assert_eq!(due, [2, 1]);
        assert_eq!(flushes.idle_for(after(9)), Duration::from_secs(11));
        assert_eq!(flushes.idle_for(after(99)), Duration::ZERO);
    }
}
