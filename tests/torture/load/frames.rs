//! Producers of bare requests: one batch at a time, and full control of acks and of what is sent
//! again.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::records::{BatchBuilder, Compression, Header};

use super::NO_BROKER_PAUSE;
use crate::checker::history::{Outcome, Promise, RecordId};
use crate::client::Client;
use crate::ledger::Ledger;
use crate::random::Random;
use crate::record::{ID_HEADER, Record};
use crate::requests::{ACKS_ALL, ACKS_ONE};

/// Pause between two batches.
const PACE: Duration = Duration::from_millis(2);
/// Most records of a batch.
const MAX_RECORDS: usize = 4;
/// One in this many batches is sent with a wrong CRC, and must be refused.
const ONE_BROKEN_IN: usize = 20;
/// Where in a batch its CRC stands.
const CRC_POSITION: usize = 17;

/// How a producer deals with answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// Idempotent, acks=all; a batch without an answer is sent again, byte for byte.
    SendAgain,
    /// Not idempotent, acks=all; a batch without an answer is forgotten.
    SendOnce,
    /// As [`Manner::SendOnce`], with acks=1.
    AcksOne,
}

/// One producer.
pub(super) struct Writer {
    number: u32,
    client: Client,
    ledger: Arc<Ledger>,
    manner: Manner,
    promise: Promise,
    random: Random,
    /// Producer id and epoch, once it has them.
    identity: Option<(i64, i16)>,
    /// The next sequence number of each partition.
    sequences: HashMap<(&'static str, i32), i32>,
    sent: u32,
}

impl Writer {
    /// A producer whose acknowledgements make this promise.
    pub(super) fn new(
        address: SocketAddr,
        ledger: Arc<Ledger>,
        manner: Manner,
        promise: Promise,
        random: Random,
    ) -> Self {
        Self {
            number: ledger.next_producer(),
            client: Client::new(address),
            ledger,
            manner,
            promise,
            random,
            identity: None,
            sequences: HashMap::new(),
            sent: 0,
        }
    }

    /// Sends until it is told to stop.
    pub(super) fn run(mut self, stop: &AtomicBool) {
        let places = self.ledger.partitions();
        while !stop.load(Ordering::Relaxed) {
            if self.manner == Manner::SendAgain && self.identity.is_none() {
                self.identity = self.client.init_producer_id().ok();
                if self.identity.is_none() {
                    thread::sleep(NO_BROKER_PAUSE);
                    continue;
                }
            }
            let (topic, partition) = self.random.pick(&places);
            self.send_batch(topic.name, partition, stop);
            thread::sleep(PACE);
        }
    }

    fn send_batch(&mut self, topic: &'static str, partition: i32, stop: &AtomicBool) {
        let records = self.records();
        let ids: Vec<RecordId> = records.iter().map(|record| record.id).collect();
        let mut batch = self.encode(topic, partition, &records);
        let is_broken = self.random.one_in(ONE_BROKEN_IN);
        if is_broken {
            batch[CRC_POSITION] ^= 1;
        }
        let batch = Bytes::from(batch);
        {
            let mut history = self.ledger.history(topic, partition);
            for record in &records {
                history.invoke(record.id, record.content(), self.promise);
            }
        }
        let acks = if self.manner == Manner::AcksOne { ACKS_ONE } else { ACKS_ALL };
        loop {
            let answer = self.client.produce(topic, partition, acks, batch.clone());
            let is_final = match answer {
                Ok((ErrorCode::NONE, offset)) => {
                    self.acked(topic, partition, &ids, offset);
                    true
                }
                Ok((ErrorCode::CORRUPT_MESSAGE, _)) if is_broken => {
                    self.refused(topic, partition, &ids);
                    return;
                }
                Ok((code, _)) if code.is_retriable() => false,
                Ok((code, _)) => {
                    let number = self.number;
                    self.ledger.complain(format!("{topic}-{partition}: producer {number}: {code}"));
                    return;
                }
                Err(_) => {
                    thread::sleep(NO_BROKER_PAUSE);
                    false
                }
            };
            if is_final || self.manner != Manner::SendAgain || stop.load(Ordering::Relaxed) {
                break;
            }
        }
        *self.sequences.entry((topic, partition)).or_default() += ids.len() as i32;
    }

    fn records(&mut self) -> Vec<Record> {
        let count = 1 + self.random.below(MAX_RECORDS);
        let first = self.sent;
        self.sent += count as u32;
        let id = |sequence| RecordId { producer: self.number, sequence };
        (first..self.sent).map(|sequence| Record::random(id(sequence), &mut self.random)).collect()
    }

    fn encode(&self, topic: &'static str, partition: i32, records: &[Record]) -> Vec<u8> {
        let mut builder = BatchBuilder::new(Compression::None);
        if let Some((id, epoch)) = self.identity {
            let sequence = self.sequences.get(&(topic, partition)).copied().unwrap_or(0);
            builder = builder.producer(id, epoch, sequence);
        }
        for record in records {
            let id = record.id_bytes();
            let header = Header { key: ID_HEADER.as_bytes(), value: Some(&id) };
            let (key, value) = (Some(&record.key[..]), record.value.as_deref());
            builder.append(record.timestamp_ms, key, value, &[header]);
        }
        builder.build().expect("records that fit into a batch").to_vec()
    }

    fn acked(&self, topic: &str, partition: i32, ids: &[RecordId], first: i64) {
        let mut history = self.ledger.history(topic, partition);
        for (id, offset) in ids.iter().zip(first..) {
            history.answer(*id, Outcome::Acked { offset: Some(offset) });
        }
    }

    fn refused(&self, topic: &str, partition: i32, ids: &[RecordId]) {
        let mut history = self.ledger.history(topic, partition);
        ids.iter().for_each(|id| history.answer(*id, Outcome::Refused));
    }
}
