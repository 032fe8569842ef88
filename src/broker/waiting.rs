//! Fetches that wait for data: woken by an append, never by a timer that polls.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

/// The waiting fetches of one partition.
#[derive(Debug, Default)]
pub struct Waiters {
    waiting: Mutex<HashMap<u64, Arc<Notify>>>,
    next_id: AtomicU64,
}

impl Waiters {
    /// Has `notify` woken by each append until the subscription is dropped.
    ///
    /// Subscribe before looking for data: an append in between leaves a permit, which ends the
    /// wait at once.
    pub fn subscribe(self: &Arc<Self>, notify: Arc<Notify>) -> Subscription {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(id, notify);
        Subscription { waiters: self.clone(), id }
    }

    /// Wakes all that wait.
    pub fn wake(&self) {
        self.lock().values().for_each(|notify| notify.notify_one());
    }

    /// Held only for map operations, which cannot panic.
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Notify>>> {
        self.waiting.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Ends the subscription when dropped.
#[derive(Debug)]
pub struct Subscription {
    waiters: Arc<Waiters>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.waiters.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_append_between_subscribing_and_waiting_is_not_missed() {
        let waiters = Arc::new(Waiters::default());
        let notify = Arc::new(Notify::new());
        let _subscription = waiters.subscribe(notify.clone());
        waiters.wake();
        notify.notified().await;
    }

    #[test]
    fn a_dropped_subscription_leaves_nothing_behind() {
        let waiters = Arc::new(Waiters::default());
        drop(waiters.subscribe(Arc::new(Notify::new())));
        assert!(waiters.lock().is_empty());
    }
}
