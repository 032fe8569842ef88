//! A writer that sends one record and waits for the answer, so that a scenario knows what is under
//! way at any moment: at most that one.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kf::wire::error::ErrorCode;
use kf::wire::records::{BatchBuilder, Compression, Header};

use crate::checker::history::{Outcome, Promise, RecordId};
use crate::client::Client;
use crate::ledger::Ledger;
use crate::random::Random;
use crate::record::{ID_HEADER, Record};
use crate::requests::ACKS_ALL;

/// The writer; not idempotent, acks=all.
pub(crate) struct OneByOne {
    client: Client,
    ledger: Arc<Ledger>,
    producer: u32,
    sequence: u32,
    random: Random,
}

impl OneByOne {
    /// A writer that waits for each answer as long as `answer_limit`.
    pub(crate) fn new(
        address: SocketAddr,
        ledger: &Arc<Ledger>,
        answer_limit: Duration,
        random: Random,
    ) -> Self {
        Self {
            client: Client::new(address).with_answer_limit(answer_limit),
            producer: ledger.next_producer(),
            ledger: ledger.clone(),
            sequence: 0,
            random,
        }
    }

    /// Connects anew for the next record: the broker is another one.
    pub(crate) fn disconnect(&mut self) {
        self.client.disconnect();
    }

    /// Sends a record of any size. Whatever is not acknowledged may be there or not.
    pub(crate) fn send(&mut self, topic: &str, partition: i32) -> io::Result<ErrorCode> {
        let record = Record::random(self.next_id(), &mut self.random);
        self.send_record(topic, partition, &record)
    }

    /// Sends a record with a value of `length` bytes, or null.
    pub(crate) fn send_of_length(
        &mut self,
        topic: &str,
        partition: i32,
        length: usize,
    ) -> io::Result<ErrorCode> {
        let record = Record::of_length(self.next_id(), &mut self.random, length);
        self.send_record(topic, partition, &record)
    }

    fn next_id(&mut self) -> RecordId {
        self.sequence += 1;
        RecordId { producer: self.producer, sequence: self.sequence }
    }

    fn send_record(
        &mut self,
        topic: &str,
        partition: i32,
        record: &Record,
    ) -> io::Result<ErrorCode> {
        let mut builder = BatchBuilder::new(Compression::None);
        let id = record.id_bytes();
        let header = Header { key: ID_HEADER.as_bytes(), value: Some(&id) };
        let (key, value) = (Some(&record.key[..]), record.value.as_deref());
        builder.append(record.timestamp_ms, key, value, &[header]);
        let batch = builder.build().map_err(io::Error::other)?;
        self.ledger.history(topic, partition).invoke(
            record.id,
            record.content(),
            Promise::KeptAndShown,
        );
        let (code, offset) = self.client.produce(topic, partition, ACKS_ALL, batch)?;
        if code == ErrorCode::NONE {
            let outcome = Outcome::Acked { offset: Some(offset) };
            self.ledger.history(topic, partition).answer(record.id, outcome);
        }
        Ok(code)
    }
}
