//! A bounded queue whose consumer takes all that waits at once.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Why something was not queued; it comes back.
#[derive(Debug)]
pub(super) enum Refused<T> {
    Full(T),
    Closed(T),
}

/// Many producers, one consumer.
#[derive(Debug)]
pub(super) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = State { waiting: VecDeque::new(), closed: false };
        Self { capacity, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Adds to the queue unless it is full.
    pub(super) fn try_push(&self, item: T) -> Result<(), Refused<T>> {
        let mut state = self.state();
        if state.closed {
            return Err(Refused::Closed(item));
        }
        if state.waiting.len() >= self.capacity {
            return Err(Refused::Full(item));
        }
        state.waiting.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Adds to the queue, waiting while it is full. A closed queue gives the item back.
    pub(super) fn push(&self, item: T) -> Result<(), T> {
        let mut state = self.state();
        while state.waiting.len() >= self.capacity && !state.closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return Err(item);
        }
        state.waiting.push_back(item);
        self.changed.notify_all();
        Ok(())
    }

    /// Adds all at once, so that they are taken together, however full the queue is. A closed queue
    /// takes nothing.
    pub(super) fn push_all(&self, items: impl IntoIterator<Item = T>) {
        let mut state = self.state();
        if !state.closed {
            state.waiting.extend(items);
            self.changed.notify_all();
        }
    }

    /// Waits for something and takes all there is; nothing if nothing comes in time, `None` once the
    /// queue is closed and empty.
    pub(super) fn take_all_within(&self, patience: Duration) -> Option<VecDeque<T>> {
        let is_idle = |state: &mut State<T>| state.waiting.is_empty() && !state.closed;
        let waited = self.changed.wait_timeout_while(self.state(), patience, is_idle);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if state.waiting.is_empty() && state.closed {
            return None;
        }
        self.changed.notify_all();
        Some(std::mem::take(&mut state.waiting))
    }

    /// Takes nothing more; what waits is still delivered.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_and_a_closed_one_delivers_what_it_has() {
        let queue = Queue::new(2);
        assert!(queue.try_push(1).is_ok() && queue.push(2).is_ok());
        assert!(matches!(queue.try_push(3), Err(Refused::Full(3))));
        assert_eq!(queue.take_all_within(Duration::MAX).unwrap(), [1, 2]);
        assert!(queue.try_push(4).is_ok());
        queue.close();
        assert!(matches!(queue.try_push(5), Err(Refused::Closed(5))));
        assert_eq!(queue.push(6), Err(6));
        assert_eq!(queue.take_all_within(Duration::MAX).unwrap(), [4]);
        assert!(queue.take_all_within(Duration::MAX).is_none());
        assert!(queue.take_all_within(Duration::ZERO).is_none());
    }

    #[test]
    fn patience_ends_with_nothing_and_the_queue_stays_open() {
        let queue = Queue::new(2);
        assert!(queue.take_all_within(Duration::ZERO).unwrap().is_empty());
        assert!(queue.push(1).is_ok());
        assert_eq!(queue.take_all_within(Duration::MAX).unwrap(), [1]);
    }
}
