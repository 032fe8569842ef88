//! The deadlines of all groups, in order of time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// What happens to a group at a deadline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// The join phase ends.
    Join,
    /// Members that have not synced are removed.
    Sync,
    /// The session of a member, pending ones included, ends.
    Session(Arc<str>),
}

/// At most one deadline for each timer of each group.
#[derive(Debug, Default)]
pub(super) struct Timers {
    deadlines: BTreeMap<(Arc<str>, Timer), Duration>,
    by_time: BTreeSet<(Duration, Arc<str>, Timer)>,
}

impl Timers {
    /// Sets the deadline of `timer`, in place of an earlier one.
    pub(super) fn set(&mut self, group_id: &Arc<str>, timer: Timer, deadline: Duration) {
        self.cancel(group_id, &timer);
        self.by_time.insert((deadline, group_id.clone(), timer.clone()));
        self.deadlines.insert((group_id.clone(), timer), deadline);
    }

    /// Forgets `timer`, if it is set.
    pub(super) fn cancel(&mut self, group_id: &Arc<str>, timer: &Timer) {
        let key = (group_id.clone(), timer.clone());
        if let Some(deadline) = self.deadlines.remove(&key) {
            self.by_time.remove(&(deadline, key.0, key.1));
        }
    }

    /// Forgets all timers of a group.
    pub(super) fn cancel_all(&mut self, group_id: &Arc<str>) {
        let timers: Vec<Timer> = self
            .deadlines
            .range((group_id.clone(), Timer::Join)..)
            .take_while(|((id, _), _)| id == group_id)
            .map(|((_, timer), _)| timer.clone())
            .collect();
        for timer in timers {
            self.cancel(group_id, &timer);
        }
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Duration> {
        self.by_time.first().map(|(deadline, ..)| *deadline)
    }

    /// Takes out the earliest timer that is due.
    pub(super) fn pop_due(&mut self, now: Duration) -> Option<(Arc<str>, Timer)> {
        if self.next()? > now {
            return None;
        }
        let (_, group_id, timer) = self.by_time.pop_first()?;
        self.deadlines.remove(&(group_id.clone(), timer.clone()));
        Some((group_id, timer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_come_due_in_order_of_time_and_only_once() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        let mut timers = Timers::default();
        timers.set(&a, Timer::Join, Duration::from_millis(30));
        timers.set(&b, Timer::Sync, Duration::from_millis(20));
        timers.set(&a, Timer::Join, Duration::from_millis(10));
        assert_eq!(timers.next(), Some(Duration::from_millis(10)));
        assert_eq!(timers.pop_due(Duration::from_millis(9)), None);
        let now = Duration::from_millis(40);
        assert_eq!(timers.pop_due(now), Some((a, Timer::Join)));
        assert_eq!(timers.pop_due(now), Some((b, Timer::Sync)));
        assert_eq!(timers.pop_due(now), None);
    }

    #[test]
    fn a_group_that_goes_takes_its_timers_along_and_no_others() {
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "ab".into());
        let mut timers = Timers::default();
        for group_id in [&a, &b] {
            timers.set(group_id, Timer::Join, Duration::ZERO);
            timers.set(group_id, Timer::Session("m".into()), Duration::ZERO);
        }
        timers.cancel_all(&a);
        assert_eq!(timers.pop_due(Duration::ZERO), Some((b.clone(), Timer::Join)));
        assert_eq!(timers.pop_due(Duration::ZERO), Some((b, Timer::Session("m".into()))));
        assert_eq!(timers.next(), None);
    }
}
