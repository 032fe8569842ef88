//! What all writers of a scenario have asked for, and what they were told.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::checker::history::History;
use crate::checker::partition::Keeps;

/// Complaints beyond these say nothing new.
const MAX_COMPLAINTS: usize = 20;

/// A topic that is written to for the whole of a scenario.
#[derive(Clone, Copy)]
pub(crate) struct Topic {
    pub(crate) name: &'static str,
    pub(crate) partitions: i32,
    pub(crate) configs: &'static [(&'static str, &'static str)],
    /// What may be missing of its records.
    pub(crate) keeps: Keeps,
    /// Whether clients ask to delete records from its front.
    pub(crate) is_shortened: bool,
}

/// The histories of all partitions, shared by those who write them.
pub(crate) struct Ledger {
    topics: Vec<Topic>,
    /// One for each partition, in the order of [`Ledger::partitions`].
    histories: Vec<Mutex<History>>,
    next_producer: AtomicU32,
    complaints: Mutex<Vec<String>>,
}

impl Ledger {
    /// Nothing was asked for yet.
    pub(crate) fn new(topics: &[Topic]) -> Self {
        let count: i32 = topics.iter().map(|topic| topic.partitions).sum();
        Self {
            topics: topics.to_vec(),
            histories: (0..count).map(|_| Mutex::default()).collect(),
            next_producer: AtomicU32::new(0),
            complaints: Mutex::default(),
        }
    }

    /// All topics.
    pub(crate) fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// All partitions, as topic and index.
    pub(crate) fn partitions(&self) -> Vec<(Topic, i32)> {
        let of_topic = |topic: &Topic| {
            let topic = *topic;
            (0..topic.partitions).map(move |partition| (topic, partition))
        };
        self.topics.iter().flat_map(of_topic).collect()
    }

    /// The history of a partition.
    pub(crate) fn history(&self, topic: &str, partition: i32) -> MutexGuard<'_, History> {
        let before = self.topics.iter().take_while(|other| other.name != topic);
        let first: i32 = before.map(|topic| topic.partitions).sum();
        let history = &self.histories[(first + partition) as usize];
        history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a producer that no other has.
    pub(crate) fn next_producer(&self) -> u32 {
        self.next_producer.fetch_add(1, Ordering::Relaxed)
    }

    /// How many records were acknowledged.
    pub(crate) fn acked(&self) -> usize {
        let history = |history: &Mutex<History>| {
            history.lock().unwrap_or_else(PoisonError::into_inner).acked()
        };
        self.histories.iter().map(history).sum()
    }

    /// Says that something is wrong; again and again is not more wrong.
    pub(crate) fn complain(&self, complaint: String) {
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.len() < MAX_COMPLAINTS && !complaints.contains(&complaint) {
            complaints.push(complaint);
        }
    }

    /// What was complained about.
    pub(crate) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
