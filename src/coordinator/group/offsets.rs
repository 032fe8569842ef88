//! The offsets of one group: committed ones, and those of transactions that have not ended.

use std::collections::{BTreeMap, BTreeSet};

use crate::wire::messages::group_log::{OffsetCommitKey, OffsetCommitValue};

use super::record::NO_TIMESTAMP;

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CommittedOffset {
    pub(super) offset: i64,
    /// -1 if the client did not know it.
    pub(super) leader_epoch: i32,
    pub(super) metadata: String,
    pub(super) commit_timestamp_ms: i64,
    /// When it expires by its own, old clients' wish.
    pub(super) expire_timestamp_ms: Option<i64>,
    /// Place in the order of commits, which is that of the log.
    sequence: u64,
}

impl CommittedOffset {
    fn new(value: &OffsetCommitValue, sequence: u64) -> Self {
        Self {
            offset: value.offset,
            leader_epoch: value.leader_epoch,
            metadata: value.metadata.clone(),
            commit_timestamp_ms: value.commit_timestamp,
            expire_timestamp_ms: Some(value.expire_timestamp).filter(|at| *at != NO_TIMESTAMP),
            sequence,
        }
    }
}

/// A topic and a partition of it.
pub(super) type TopicPartition = (String, i32);

/// The offsets of a group.
#[derive(Debug, Default)]
pub(super) struct GroupOffsets {
    committed: BTreeMap<String, BTreeMap<i32, CommittedOffset>>,
    /// By producer id: offsets that count once the producer's transaction commits.
    in_transactions: BTreeMap<i64, BTreeMap<TopicPartition, CommittedOffset>>,
    last_sequence: u64,
}

impl GroupOffsets {
    /// Whether there is none, not even in a transaction.
    pub(super) fn is_empty(&self) -> bool {
        self.committed.is_empty() && self.in_transactions.is_empty()
    }

    /// The committed offset of a partition.
    pub(super) fn get(&self, topic: &str, partition: i32) -> Option<&CommittedOffset> {
        self.committed.get(topic)?.get(&partition)
    }

    /// All committed offsets by topic and partition, in order.
    pub(super) fn by_topic(&self) -> &BTreeMap<String, BTreeMap<i32, CommittedOffset>> {
        &self.committed
    }

    /// Whether a transaction that has not ended holds an offset for the partition (KIP-447).
    pub(super) fn is_unstable(&self, topic: &str, partition: i32) -> bool {
        let key = (topic.to_owned(), partition);
        self.in_transactions.values().any(|offsets| offsets.contains_key(&key))
    }

    /// Whether a transaction of the producer, which has not ended, holds offsets.
    pub(super) fn has_transaction(&self, producer_id: i64) -> bool {
        self.in_transactions.contains_key(&producer_id)
    }

    /// Every partition for which there is an offset, in a transaction or not.
    pub(super) fn partitions(&self) -> BTreeSet<TopicPartition> {
        let committed = self.committed.iter().flat_map(|(topic, partitions)| {
            partitions.keys().map(|partition| (topic.clone(), *partition))
        });
        committed.chain(self.in_transactions.values().flat_map(|o| o.keys().cloned())).collect()
    }

    /// Takes a record of the log. A tombstone also takes back what transactions hold.
    pub(super) fn apply(
        &mut self,
        key: &OffsetCommitKey,
        value: Option<&OffsetCommitValue>,
        producer_id: Option<i64>,
    ) {
        let partition = (key.topic.clone(), key.partition);
        let Some(value) = value else { return self.remove(&partition) };
        self.last_sequence += 1;
        let offset = CommittedOffset::new(value, self.last_sequence);
        match producer_id {
            Some(producer_id) => {
                self.in_transactions.entry(producer_id).or_default().insert(partition, offset);
            }
            None => self.commit(partition, offset),
        }
    }

    /// Ends a transaction: its offsets count now, or are dropped. An offset that was committed
    /// outside of it meanwhile is newer and stays.
    pub(super) fn end_transaction(&mut self, producer_id: i64, is_committed: bool) {
        let Some(offsets) = self.in_transactions.remove(&producer_id) else { return };
        for (partition, offset) in offsets {
            let current = self.get(&partition.0, partition.1);
            let is_newer = current.is_none_or(|current| current.sequence < offset.sequence);
            if is_committed && is_newer {
                self.commit(partition, offset);
            }
        }
    }

    fn commit(&mut self, (topic, partition): TopicPartition, offset: CommittedOffset) {
        self.committed.entry(topic).or_default().insert(partition, offset);
    }

    fn remove(&mut self, partition: &TopicPartition) {
        if let Some(partitions) = self.committed.get_mut(&partition.0) {
            partitions.remove(&partition.1);
            if partitions.is_empty() {
                self.committed.remove(&partition.0);
            }
        }
        self.in_transactions.retain(|_, offsets| {
            offsets.remove(partition);
            !offsets.is_empty()
        });
    }
}
