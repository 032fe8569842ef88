//! Random work on a few topics, with every promise written down.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::super::compaction::pass::Limits;
use super::super::compaction::round::Failure;
use super::super::directory::PartitionId;
use super::super::partition::{Ack, Command, Published};
use super::super::{Append, Appended, Compaction, LogConfig, Origin, Retention, StorageError};
use super::expected::{Expected, Life, Topic};
use super::faults::Fault;
use super::process::Process;
use super::random::Random;
use crate::base::uuid::Uuid;
use crate::wire::records::{BatchBuilder, BatchHeader, BatchMut, Compression};

const TOPICS: [&str; 2] = ["a", COMPACTED];
const COMPACTED: &str = "b";
/// Keys in the compacted topic.
const KEYS: usize = 6;
const PRODUCERS: usize = 3;

/// What is expected, shared with the replies.
pub(super) type Shared = Arc<Mutex<Expected>>;

/// A log that is open, with its number and what readers see of it.
type OpenLog = (PartitionId, u64, Arc<Published>);

/// A process at work.
pub(super) struct Workload<'a> {
    pub(super) process: Process,
    pub(super) random: &'a mut Random,
    pub(super) expected: Shared,
    /// The logs that are open, one for each topic.
    open: Vec<OpenLog>,
    leader_epoch: i32,
    /// Whether every append waits for a sync, because of `flush.messages`.
    always_flushes: bool,
    /// Numbers of the logs that may not be compacted any more.
    not_compacted: Vec<u64>,
}

pub(super) fn lock(expected: &Shared) -> std::sync::MutexGuard<'_, Expected> {
    expected.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_compacted(partition: &PartitionId) -> bool {
    partition.topic() == COMPACTED
}

/// Small segments of which few are kept.
fn small_segments(random: &mut Random, partition: &PartitionId, always_flushes: bool) -> LogConfig {
    let compaction = Compaction {
        delete_retention_ms: random.below(2) as i64 * 500,
        min_dirty_ratio: 0.0,
        ..Compaction::default()
    };
    let retention = Retention {
        bytes: random.one_in(2).then_some(2000),
        age_ms: random.one_in(2).then_some(1500),
    };
    LogConfig {
        segment_bytes: 1300 + random.below(1500) as u32,
        index_interval_bytes: 200,
        retention: Some(retention),
        compaction: is_compacted(partition).then_some(compaction),
        file_delete_delay: Duration::from_secs(random.below(2) as u64),
        flush_messages: if always_flushes { 1 } else { u64::MAX },
        ..LogConfig::default()
    }
}

impl<'a> Workload<'a> {
    /// Opens the live topics and finishes the removal of the others, as a broker does that knows
    /// which topics there are.
    pub(super) fn new(
        mut process: Process,
        random: &'a mut Random,
        expected: Shared,
        leader_epoch: i32,
    ) -> Result<Self, StorageError> {
        let mut open = Vec::new();
        let always_flushes = random.one_in(4);
        for topic in TOPICS {
            let partition = PartitionId::new(topic, 0)?;
            let found = process.recovered.logs.get(&partition);
            let found = found.and_then(|log| log.as_ref().ok()).and_then(|log| log.topic_id);
            let live = lock(&expected).live(&partition).map(|topic| topic.id);
            if let Some(found) = found.filter(|_| found != live) {
                process.remove(&partition, found)?;
                let mut expected = lock(&expected);
                let removed = expected.topic(found);
                removed.into_iter().for_each(|topic| topic.life = Life::Removed);
            }
            let id = live.unwrap_or_else(|| create(&expected, &partition));
            let config = small_segments(random, &partition, always_flushes);
            let (number, published) = process.open(&partition, id, config)?;
            open.push((partition, number, published));
        }
        let not_compacted = Vec::new();
        Ok(Self { process, random, expected, open, leader_epoch, always_flushes, not_compacted })
    }

    /// Does one thing.
    pub(super) fn step(&mut self) -> Result<(), StorageError> {
        let topic = self.random.below(TOPICS.len());
        match self.random.below(40) {
            0 => self.remove_and_create(topic)?,
            1..=3 => self.delete_records(topic),
            4 => self.leader_epoch += 1,
            5..=7 => self.send_again(topic),
            8 => self.retain(),
            9 => self.process.remove_garbage(),
            10..=13 => self.compact(topic),
            _ => self.send(topic),
        }
        if self.random.one_in(3) {
            self.process.commit();
        }
        if self.random.one_in(8) {
            self.process.look_at_space();
        }
        self.see();
        Ok(())
    }

    /// Lets a reader see what there is: that is a promise as well.
    fn see(&self) {
        let mut expected = lock(&self.expected);
        for (partition, _, published) in &self.open {
            if let Some(topic) = expected.live(partition) {
                let view = published.view();
                topic.durable_end = topic.durable_end.max(view.high_watermark());
                topic.durable_start = topic.durable_start.max(view.log_start_offset());
            }
        }
    }

    fn send(&mut self, topic: usize) {
        let (partition, number, published) = &self.open[topic];
        let offset = published.view().log_end_offset();
        let mut expected = lock(&self.expected);
        let Some(topic) = expected.live(partition) else { return };
        let mut batches = BytesMut::new();
        let sent_before = topic.batches.len();
        for number in 0..1 + usize::from(self.random.one_in(6)) {
            let offset = offset + batches_in(&batches);
            // The sequence of a second batch would have to follow the first one's.
            let producer = self.random.below(PRODUCERS * 2);
            let producer = (number == 0 && producer < PRODUCERS).then_some(producer as i64);
            let mut batch = BytesMut::from(batch(self.random, topic, producer, offset));
            let mut placed = BatchMut::parse(&mut batch).expect("a batch that was built");
            placed.set_base_offset(offset);
            placed.set_partition_leader_epoch(self.leader_epoch);
            topic.batches.push(batch.clone().freeze());
            batches.extend_from_slice(&batch);
        }
        let (id, number) = (topic.id, *number);
        topic.end = offset + batches_in(&batches);
        drop(expected);
        let published = published.clone();
        self.append(id, number, batches.freeze());
        if published.view().log_end_offset() == offset
            && let Some(topic) = lock(&self.expected).topic(id)
        {
            topic.refuse(sent_before, offset);
        }
    }

    /// Sends a producer's newest batch once more.
    fn send_again(&mut self, topic: usize) {
        let (partition, number, published) = &self.open[topic];
        let (mut expected, producer) = (lock(&self.expected), self.random.below(PRODUCERS) as i64);
        let Some(topic) = expected.live(partition) else { return };
        let start = published.view().log_start_offset();
        let newest = topic.headers().rposition(|header| header.producer_id == producer);
        let Some(batch) = newest.and_then(|newest| topic.batches.get(newest)) else { return };
        if last_header(batch).base_offset < start {
            return;
        }
        let (id, number, batch) = (topic.id, *number, batch.clone());
        drop(expected);
        self.append(id, number, batch);
    }

    fn append(&mut self, id: Uuid, number: u64, batches: Bytes) {
        let ack = if self.random.one_in(2) { Ack::Durable } else { Ack::Appended };
        let expected = self.expected.clone();
        let always_flushes = self.always_flushes;
        let end = last_header(&batches).next_offset();
        let acked = move |result: Result<Appended, StorageError>| match result {
            Ok(appended) => {
                assert_eq!(appended.last_offset + 1, end, "appended elsewhere");
                let is_durable = ack == Ack::Durable || always_flushes && !appended.is_duplicate;
                let mut expected = lock(&expected);
                if let Some(topic) = expected.topic(id).filter(|_| is_durable) {
                    topic.durable_end = topic.durable_end.max(end);
                }
            }
            Err(error) => refused(&error),
        };
        let (leader_epoch, now_ms) = (self.leader_epoch, 1000);
        let append = Append { batches, leader_epoch, now_ms, origin: Origin::Client };
        self.process.write(Command::Append { number, append, ack, reply: Box::new(acked) });
    }

    fn delete_records(&mut self, topic: usize) {
        let (partition, number, published) = &self.open[topic];
        let view = published.view();
        let (start, end) = (view.log_start_offset(), view.high_watermark());
        let offset = start + self.random.below((end - start + 1) as usize) as i64;
        let offset = if self.random.one_in(4) { end } else { offset };
        let id = {
            let mut expected = lock(&self.expected);
            let Some(topic) = expected.live(partition) else { return };
            topic.start = topic.start.max(offset);
            topic.id
        };
        let expected = self.expected.clone();
        let reply = Box::new(move |result: Result<i64, StorageError>| match result {
            Ok(start) => {
                let mut expected = lock(&expected);
                let topic = expected.topic(id).into_iter();
                topic.for_each(|topic| topic.durable_start = topic.durable_start.max(start));
            }
            Err(error) => refused(&error),
        });
        self.process.write(Command::DeleteRecords { number: *number, offset, now_ms: 1000, reply });
    }

    /// Deletes what is past its retention.
    fn retain(&mut self) {
        let now_ms = self.now_ms();
        retain(&mut self.process, &self.open, &self.expected, now_ms);
    }

    /// Timestamps are ten times the offsets, or a little later.
    fn now_ms(&mut self) -> i64 {
        let ends = self.open.iter().map(|(_, _, published)| published.view().log_end_offset());
        ends.max().unwrap_or(0) * 10 + self.random.below(2000) as i64
    }

    /// Compacts a log, while retention may delete what is being compacted.
    fn compact(&mut self, topic: usize) {
        let (now_ms, number) = (self.now_ms(), self.open[topic].1);
        if self.not_compacted.contains(&number) || !is_compacted(&self.open[topic].0) {
            return;
        }
        let limits = Limits {
            keys_bytes: if self.random.one_in(2) { 300 } else { 10_000 },
            io_bytes: 1 + self.random.below(1000),
        };
        let disturbed_at = self.random.below(12);
        let (open, expected) = (&self.open, &self.expected);
        let disturb = |process: &mut Process, told: usize| {
            if told == disturbed_at {
                retain(process, open, expected, now_ms);
            }
        };
        match self.process.compact(number, limits, now_ms, disturb) {
            Ok(()) | Err(Failure::Gone | Failure::NoRoom { .. }) => {}
            Err(Failure::Disk(error)) => refused(&error),
            Err(Failure::ForGood(error)) => {
                refused(&error);
                self.not_compacted.push(number);
            }
        }
    }

    /// Removes a topic and makes one of the same name at once.
    fn remove_and_create(&mut self, topic: usize) -> Result<(), StorageError> {
        let (partition, number, _) = self.open[topic].clone();
        let Some(id) = lock(&self.expected).live(&partition).map(|topic| {
            topic.life = Life::Removing;
            topic.id
        }) else {
            return Ok(());
        };
        let expected = self.expected.clone();
        let done = Box::new(move |result: Result<(), StorageError>| match result {
            Ok(()) => {
                let mut expected = lock(&expected);
                expected.topic(id).into_iter().for_each(|topic| topic.life = Life::Removed);
            }
            Err(error) => refused(&error),
        });
        self.process.write(Command::Remove { number, done });
        let id = create(&self.expected, &partition);
        let config = small_segments(self.random, &partition, self.always_flushes);
        let (number, published) = self.process.open(&partition, id, config)?;
        self.open[topic] = (partition, number, published);
        Ok(())
    }
}

fn retain(process: &mut Process, open: &[OpenLog], expected: &Shared, now_ms: i64) {
    process.write(Command::Retain { now_ms, is_trusted: true });
    let mut expected = lock(expected);
    for (partition, number, _) in open {
        if let Some(topic) = expected.live(partition) {
            topic.start = topic.start.max(process.log_start_offset(*number));
        }
    }
}

fn create(expected: &Shared, partition: &PartitionId) -> Uuid {
    let id = Uuid::random();
    lock(expected)
        .topics
        .entry(partition.clone())
        .or_default()
        .push(Topic::new(id, is_compacted(partition)));
    id
}

/// Only what the disk was told to do may go wrong.
pub(super) fn refused(error: &StorageError) {
    let injected = match error {
        StorageError::Io { source, .. } => Fault::is_cause(source),
        // A write that found no room is told to those who come after as well.
        StorageError::Poisoned(_) | StorageError::DiskFull { .. } => true,
        _ => false,
    };
    assert!(injected, "{error}");
}

fn last_header(batches: &[u8]) -> BatchHeader {
    let header = BatchHeader::parse(batches).expect("a batch that was built");
    match batches.get(header.size()..) {
        Some(rest) if !rest.is_empty() => last_header(rest),
        _ => header,
    }
}

/// How many offsets the batches take.
fn batches_in(batches: &[u8]) -> i64 {
    if batches.is_empty() {
        return 0;
    }
    let first = BatchHeader::parse(batches).expect("a batch that was built");
    last_header(batches).next_offset() - first.base_offset
}

/// A batch that is unlike all others.
fn batch(random: &mut Random, topic: &Topic, producer: Option<i64>, offset: i64) -> Bytes {
    let codec = match topic.is_compacted && random.one_in(3) {
        true => Compression::Snappy,
        false => Compression::None,
    };
    let mut builder = BatchBuilder::new(codec);
    if let Some(id) = producer {
        let newest = topic.headers().rfind(|header| header.producer_id == id);
        let epoch = newest.map_or(0, |newest| newest.producer_epoch);
        let sequence = newest.map_or(0, |newest| newest.last_sequence() + 1);
        builder = match random.one_in(12) {
            true => builder.producer(id, epoch + 1, 0),
            false => builder.producer(id, epoch, sequence),
        };
    }
    let timestamp = offset * 10 + random.below(100) as i64;
    let (records, size) = match random.one_in(8) {
        true => (1, random.below(500)),
        false => (1 + random.below(3), random.below(60)),
    };
    for _ in 0..records {
        let key = topic.is_compacted.then(|| [random.below(KEYS) as u8]);
        let mut value = random.number().to_be_bytes().to_vec();
        value.resize(8 + size, random.number() as u8);
        let value = Some(&*value).filter(|_| key.is_none() || !random.one_in(6));
        builder.append(timestamp, key.as_ref().map(|key| &key[..]), value, &[]);
    }
    builder.build().expect("a small batch")
}
