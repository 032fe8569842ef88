//! What was sent and what was promised, and whether a disk keeps the promises.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::super::directory::PartitionId;
use super::super::log::Log;
use super::super::producers::{AppendedBatch, Producer};
use super::super::startup::RecoveredLogs;
use super::compacted;
use crate::base::uuid::Uuid;
use crate::wire::records::{BatchHeader, Batches};

/// Why a disk does not keep a promise.
pub(super) type Broken = String;

/// Fails with a message unless the condition holds.
macro_rules! require {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
pub(super) use require;

/// The topics by name, each of which may have been removed and made again.
#[derive(Clone, Default)]
pub(super) struct Expected {
    pub(super) topics: BTreeMap<PartitionId, Vec<Topic>>,
}

/// Whether a topic is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Live,
    /// Its removal was asked for and may come true or not.
    Removing,
    /// Its removal was acked.
    Removed,
}

/// One topic's one partition.
#[derive(Clone)]
pub(super) struct Topic {
    pub(super) id: Uuid,
    /// Whether records go that have a newer one of the same key.
    pub(super) is_compacted: bool,
    pub(super) life: Life,
    /// All that was sent, in the order of offsets.
    pub(super) batches: Vec<Bytes>,
    /// What was refused because the disk failed; a crash may bring it back, as long as nothing
    /// that was written to its place is durable.
    refused: Vec<Bytes>,
    /// The offset that the next batch gets.
    pub(super) end: i64,
    /// All before this was acked as durable.
    pub(super) durable_end: i64,
    /// The largest start offset that was asked for.
    pub(super) start: i64,
    /// All before this was acked as deleted.
    pub(super) durable_start: i64,
    /// Whether only processes have ended since all this was sent: then all must be there.
    pub(super) has_power: bool,
}

impl Topic {
    pub(super) fn new(id: Uuid, is_compacted: bool) -> Self {
        Self {
            id,
            is_compacted,
            life: Life::Live,
            batches: Vec::new(),
            refused: Vec::new(),
            end: 0,
            durable_end: 0,
            start: 0,
            durable_start: 0,
            has_power: false,
        }
    }

    /// Takes back all but the first `sent` batches: the log still ends at `end`.
    pub(super) fn refuse(&mut self, sent: usize, end: i64) {
        self.refused.extend(self.batches.drain(sent..));
        self.end = end;
    }

    /// The headers of all batches.
    pub(super) fn headers(
        &self,
    ) -> impl DoubleEndedIterator<Item = BatchHeader> + ExactSizeIterator {
        self.batches.iter().map(header)
    }
}

impl Expected {
    /// The live topic of a name.
    pub(super) fn live(&mut self, partition: &PartitionId) -> Option<&mut Topic> {
        self.topics.get_mut(partition)?.last_mut().filter(|topic| topic.life == Life::Live)
    }

    /// The topic with an id.
    pub(super) fn topic(&mut self, id: Uuid) -> Option<&mut Topic> {
        self.topics.values_mut().flatten().find(|topic| topic.id == id)
    }

    /// Whether what was recovered keeps all promises.
    pub(super) fn check(&self, found: &RecoveredLogs) -> Result<(), Broken> {
        for (partition, log) in &found.logs {
            let log = log.as_ref().map_err(|error| format!("{partition} is refused: {error}"))?;
            let topics = self.topics.get(partition).into_iter().flatten();
            let Some(topic) = topics.clone().find(|topic| Some(topic.id) == log.topic_id) else {
                require!(log.topic_id.is_none(), "{partition} was never there");
                require!(log.view.log_end_offset == 0, "{partition} has records and no topic id");
                continue;
            };
            require!(topic.life != Life::Removed, "{partition} came back after its removal");
            topic.check(log).map_err(|broken| format!("{partition}: {broken}"))?;
        }
        for (partition, topics) in &self.topics {
            let log = found.logs.get(partition).and_then(|log| log.as_ref().ok());
            let id = log.and_then(|log| log.topic_id);
            let lost = topics.iter().find(|topic| {
                topic.life == Life::Live
                    && id != Some(topic.id)
                    && (topic.durable_end.max(topic.durable_start) > 0
                        || (topic.has_power && topic.end > 0))
            });
            require!(lost.is_none(), "{partition} is gone");
        }
        Ok(())
    }

    /// Takes what was recovered for what was sent: all of it is durable from now on.
    pub(super) fn settle(&mut self, found: &RecoveredLogs) {
        for (partition, topics) in &mut self.topics {
            let log = found.logs.get(partition).and_then(|log| log.as_ref().ok());
            for topic in topics.iter_mut() {
                match log.filter(|log| log.topic_id == Some(topic.id)) {
                    Some(log) => topic.settle(log),
                    None if topic.life == Life::Live => {
                        *topic = Topic::new(topic.id, topic.is_compacted);
                    }
                    None => {}
                }
            }
        }
    }
}

impl Topic {
    fn settle(&mut self, log: &Log) {
        let end = log.view.log_end_offset;
        self.batches = self.found(log);
        self.refused.clear();
        (self.end, self.durable_end) = (end, end);
        (self.start, self.durable_start) = (log.view.log_start_offset, log.view.log_start_offset);
    }

    /// What was sent, as far as it is there, and what is there although it was refused.
    fn found(&self, log: &Log) -> Vec<Bytes> {
        let mut found = self.batches.clone();
        let came_back = |batch: &&Bytes| {
            let offset = header(batch).base_offset;
            let read = log.view.read(offset, batch.len(), i64::MAX, true);
            offset >= self.durable_end && read.is_ok_and(|read| read == **batch)
        };
        if let Some(first) = self.refused.iter().find(came_back) {
            found.retain(|batch| header(batch).base_offset < header(first).base_offset);
            found.extend(self.refused.iter().filter(came_back).cloned());
        }
        found.retain(|batch| header(batch).next_offset() <= log.view.log_end_offset);
        found
    }

    fn check(&self, log: &Log) -> Result<(), Broken> {
        let (start, end) = (log.view.log_start_offset, log.view.log_end_offset);
        require!(start >= self.durable_start, "starts at {start}, not {}", self.durable_start);
        // Segments whose names were lost were never durable; then the log starts later.
        require!(
            start <= self.start || self.durable_end <= self.durable_start,
            "starts at {start}, only {} was asked for",
            self.start
        );
        require!(end >= self.durable_end.max(start), "ends at {end}, not {}", self.durable_end);
        let found = self.found(log);
        let found_end = found.last().map_or(0, |batch| header(batch).next_offset());
        require!(end <= found_end.max(start), "ends at {end}, only {found_end} was sent");
        require!(
            !self.has_power || end >= self.end,
            "ends at {end} without a power cut, not at {}",
            self.end
        );
        match self.is_compacted {
            true => compacted::check_records(&found, log)?,
            false => check_records(&found, log)?,
        }
        check_producers(&found, log, self.is_compacted)
    }
}

/// Every batch between start and end is what was sent, and found by its last offset and by
/// its timestamp.
fn check_records(sent: &[Bytes], log: &Log) -> Result<(), Broken> {
    let view = &log.view;
    let mut offset = view.log_start_offset;
    let mut sent = sent.iter().map(|batch| (batch, header(batch))).peekable();
    let mut youngest = -1;
    while sent.next_if(|(_, header)| header.next_offset() <= offset).is_some() {}
    while offset < view.log_end_offset {
        let read = view.read(offset, 2000, i64::MAX, true);
        let read = read.map_err(|error| format!("at {offset}: {error}"))?;
        require!(!read.is_empty(), "nothing is read at {offset}");
        for batch in Batches::new(read) {
            let batch = batch.map_err(|error| format!("at {offset}: {error}"))?;
            let (bytes, header) = sent.next().ok_or("more than was sent")?;
            require!(batch.bytes() == bytes, "at {offset} is not what was sent");
            let epoch = view.epoch_at(offset);
            require!(epoch == Some(header.partition_leader_epoch), "epoch {epoch:?} at {offset}");
            if header.max_timestamp > youngest {
                youngest = header.max_timestamp;
                let found = view.offset_for_timestamp(youngest);
                let found = found.map_err(|error| error.to_string())?.map(|found| found.offset);
                require!(found == Some(offset), "{youngest} is at {offset}, not {found:?}");
            }
            offset = header.next_offset();
        }
    }
    require!(offset == view.log_end_offset, "it ends at {offset}");
    Ok(())
}

/// The producers are those of a full replay; one whose batches are all deleted may be
/// forgotten, and of the older batches some, or any where they may have been compacted.
fn check_producers(sent: &[Bytes], log: &Log, is_compacted: bool) -> Result<(), Broken> {
    let start = log.view.log_start_offset;
    let mut replayed: BTreeMap<i64, Producer> = BTreeMap::new();
    for header in sent.iter().map(header) {
        if header.has_producer_id() {
            let producer = replayed.entry(header.producer_id).or_default();
            producer.epoch = header.producer_epoch;
            producer.last_timestamp = header.max_timestamp;
            producer.batches.push_back(AppendedBatch {
                last_sequence: header.last_sequence(),
                last_offset: header.last_offset(),
                offset_delta: header.last_offset_delta,
                timestamp: header.max_timestamp,
            });
        }
    }
    for (id, producer) in &log.producers.by_id {
        let expected = replayed.get(id).ok_or(format!("producer {id} is not known"))?;
        let older = expected.batches.len().checked_sub(producer.batches.len());
        let newest = expected.batches.iter().skip(older.unwrap_or(0));
        let mut all = expected.batches.iter();
        let is_known = match is_compacted {
            true => {
                producer.batches.back() == expected.batches.back()
                    && producer.batches.iter().all(|batch| all.any(|sent| sent == batch))
            }
            false => newest.eq(&producer.batches),
        };
        require!(
            is_known && producer.epoch == expected.epoch,
            "producer {id} is {producer:?}, not {expected:?}"
        );
        require!(
            producer.last_timestamp == expected.last_timestamp,
            "producer {id} was last seen at {}",
            producer.last_timestamp
        );
    }
    for (id, expected) in replayed {
        let is_deleted = expected.batches.back().is_none_or(|batch| batch.last_offset < start);
        let is_known = log.producers.by_id.contains_key(&id);
        require!(is_known || is_deleted, "producer {id} is forgotten");
    }
    Ok(())
}

pub(super) fn header(batch: &Bytes) -> BatchHeader {
    BatchHeader::parse(batch).expect("a batch that was built")
}
