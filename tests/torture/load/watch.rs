//! Looks at where all partitions start and end, all the time: what a reader has seen to be there
//! is not taken back by a fault, whether it was acknowledged or not.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::NO_BROKER_PAUSE;
use crate::checker::bounds::Bounds;
use crate::client::Client;
use crate::ledger::{Ledger, Topic};

/// Pause between two looks.
const PACE: Duration = Duration::from_millis(1);

/// What was seen.
pub(crate) struct Watch {
    client: Client,
    ledger: Arc<Ledger>,
    /// How far the bounds of each partition were seen to be.
    seen: HashMap<(&'static str, i32), Bounds>,
}

impl Watch {
    pub(super) fn new(address: SocketAddr, ledger: Arc<Ledger>) -> Self {
        Self { client: Client::new(address), ledger, seen: HashMap::new() }
    }

    /// Looks until it is told to stop.
    pub(super) fn run(mut self, stop: &AtomicBool) -> Self {
        while !stop.load(Ordering::Relaxed) {
            match self.look() {
                Ok(()) => thread::sleep(PACE),
                Err(_) => thread::sleep(NO_BROKER_PAUSE),
            }
        }
        self
    }

    /// Looks once, over a connection of its own.
    pub(crate) fn look_anew(&mut self) -> io::Result<()> {
        self.client.disconnect();
        self.look()
    }

    fn look(&mut self) -> io::Result<()> {
        let topics = self.ledger.topics().to_vec();
        topics.into_iter().try_for_each(|topic| self.look_at(topic))
    }

    fn look_at(&mut self, topic: Topic) -> io::Result<()> {
        // What is acknowledged while the broker answers need not be in the answer.
        let promise = |partition| {
            let history = self.ledger.history(topic.name, partition);
            let (log_start, high_watermark) = (history.deleted.acked() as i64, history.acked_end);
            Bounds { log_start, high_watermark }
        };
        let promised: Vec<Bounds> = (0..topic.partitions).map(promise).collect();
        let found = self.client.offsets(topic.name, topic.partitions)?;
        for ((partition, promised), found) in (0..).zip(promised).zip(found) {
            let seen = self.seen.entry((topic.name, partition)).or_default();
            let expected = seen.max(promised);
            for anomaly in expected.check(found) {
                self.ledger.complain(format!("{}-{partition}: {anomaly}", topic.name));
            }
            *seen = expected.max(found);
        }
        Ok(())
    }
}
