//! Compaction of a log with transactions, by a process whose power stays on.

use std::sync::Arc;

use bytes::Bytes;

use super::super::compaction::pass::Limits;
use super::super::directory::PartitionId;
use super::super::partition::{Ack, Command, Published};
use super::super::{Append, Appended, Compaction, LogConfig, LogView, Origin};
use super::process::Process;
use crate::base::disk::crash::CrashDisk;
use crate::base::uuid::Uuid;
use crate::wire::records::{
    BatchBuilder, Batches, Compression, DECOMPRESSED_LIMIT, EndTransactionMarker,
};

const RETENTION_MS: i64 = 1000;

/// A log in which every batch has a segment of its own.
struct Setup {
    process: Process,
    number: u64,
    published: Arc<Published>,
    timestamp: i64,
}

impl Setup {
    fn new() -> Self {
        let mut process = Process::start(&CrashDisk::default()).unwrap();
        let compaction = Compaction {
            delete_retention_ms: RETENTION_MS,
            min_dirty_ratio: 0.0,
            ..Compaction::default()
        };
        let config =
            LogConfig { segment_ms: 0, compaction: Some(compaction), ..LogConfig::default() };
        let partition = PartitionId::new("t", 0).unwrap();
        let (number, published) = process.open(&partition, Uuid([7; 16]), config).unwrap();
        Self { process, number, published, timestamp: 0 }
    }

    fn append(&mut self, batches: Bytes, origin: Origin) {
        let append = Append { batches, leader_epoch: 0, now_ms: 0, origin };
        let reply = Box::new(|appended: Result<Appended, _>| assert!(appended.is_ok()));
        let (number, ack) = (self.number, Ack::Durable);
        self.process.write(Command::Append { number, append, ack, reply });
        self.process.commit();
    }

    /// Appends a record, in a transaction of a producer if there is one.
    fn record(&mut self, producer: Option<(i64, i32)>, key: &str) {
        let mut builder = BatchBuilder::new(Compression::None);
        if let Some((id, sequence)) = producer {
            builder = builder.producer(id, 0, sequence).transactional();
        }
        self.timestamp += 1;
        builder.append(self.timestamp, Some(key.as_bytes()), Some(b"value"), &[]);
        self.append(builder.build().unwrap(), Origin::Client);
    }

    fn end_transaction(&mut self, producer: i64, committed: bool) {
        self.timestamp += 1;
        let marker = EndTransactionMarker { committed, coordinator_epoch: 0 };
        self.append(marker.batch(producer, 0, self.timestamp).unwrap(), Origin::Internal);
    }

    fn compact(&mut self, now_ms: i64) {
        let limits = Limits { keys_bytes: 10_000, io_bytes: 1000 };
        self.process.compact(self.number, limits, now_ms, |_, _| {}).unwrap();
    }

    /// What is left, oldest first: `key@offset`, `marker@offset`, or `empty@offset`.
    fn left(&self) -> Vec<String> {
        let view: &LogView = &self.published.view();
        let (mut left, mut offset) = (Vec::new(), 0);
        while offset < view.high_watermark() {
            for batch in Batches::new(view.read(offset, 10_000, i64::MAX, true).unwrap()) {
                let batch = batch.unwrap();
                let bytes = batch.decompress(DECOMPRESSED_LIMIT).unwrap();
                let record = batch.records(&bytes).next().map(Result::unwrap);
                let what = match record.and_then(|record| record.key) {
                    None => "empty",
                    Some(_) if batch.header().is_control() => "marker",
                    Some(key) => std::str::from_utf8(key).unwrap(),
                };
                left.push(format!("{what}@{}", batch.header().base_offset));
                offset = batch.header().next_offset();
            }
        }
        left
    }
}

#[test]
fn aborted_data_goes_and_hides_no_older_record() {
    let mut setup = Setup::new();
    setup.record(None, "a");
    setup.record(Some((7, 0)), "a");
    setup.record(Some((7, 1)), "b");
    setup.end_transaction(7, false);
    setup.record(None, "c");
    setup.record(None, "active");
    setup.compact(0);
    // The last batch of the producer tells where its sequence goes on.
    assert_eq!(setup.left(), ["a@0", "empty@2", "marker@3", "c@4", "active@5"]);
}

#[test]
fn a_marker_behind_the_dirty_part_judges_the_data_in_it() {
    let mut setup = Setup::new();
    setup.record(None, "a");
    setup.record(Some((7, 0)), "a");
    setup.record(Some((7, 1)), "a");
    // The marker is in the active segment.
    setup.end_transaction(7, false);
    setup.compact(0);
    assert_eq!(setup.left(), ["a@0", "empty@2", "marker@3"]);
}

#[test]
fn a_marker_goes_when_nothing_of_its_transaction_is_left_and_its_time_is_over() {
    let mut setup = Setup::new();
    setup.record(Some((7, 0)), "a");
    setup.end_transaction(7, true);
    setup.record(None, "a");
    setup.record(Some((7, 1)), "b");
    setup.end_transaction(7, true);
    setup.record(None, "active");
    setup.compact(0);
    let after_first = ["marker@1", "a@2", "b@3", "marker@4", "active@5"];
    assert_eq!(setup.left(), after_first, "the data was there when the pass began");
    setup.record(None, "c");
    setup.compact(10);
    assert_eq!(setup.left()[..5], after_first, "now its time is set");
    setup.record(None, "d");
    setup.compact(9 + RETENTION_MS);
    assert_eq!(setup.left()[0], "marker@1");
    setup.record(None, "e");
    setup.compact(10 + RETENTION_MS);
    assert_eq!(setup.left()[..2], ["a@2", "b@3"]);
}

#[test]
fn nothing_is_compacted_from_an_open_transaction_on() {
    let mut setup = Setup::new();
    setup.record(None, "a");
    setup.record(None, "a");
    setup.record(Some((7, 0)), "b");
    setup.record(None, "a");
    setup.record(None, "a");
    setup.compact(0);
    assert_eq!(setup.left(), ["a@1", "b@2", "a@3", "a@4"]);
    setup.end_transaction(7, true);
    setup.record(None, "active");
    setup.compact(0);
    assert_eq!(setup.left(), ["b@2", "a@4", "marker@5", "active@6"]);
}
