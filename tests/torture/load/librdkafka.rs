//! Idempotent producers with acks=all, by librdkafka. They retry without an end, so everything
//! that they send is answered at last, in order and once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::{ClientConfig, FromClientConfigAndContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};

use crate::checker::history::{Outcome, Promise, RecordId};
use crate::ledger::Ledger;
use crate::random::Random;
use crate::record::{ID_HEADER, Record};
use crate::scenario::Stop;

/// How long the last answers may take once the broker is up for good.
const FLUSH_LIMIT: Duration = Duration::from_secs(60);
/// Records sent at once, between two pauses.
const BURST: u32 = 10;

/// One producer.
pub(super) struct Producer {
    number: u32,
    inner: ThreadedProducer<Deliveries>,
    ledger: Arc<Ledger>,
}

/// A producer whose batches are compressed with `codec`.
pub(super) fn producer(
    address: SocketAddr,
    codec: &str,
    ledger: Arc<Ledger>,
) -> Result<Producer, Stop> {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", address.to_string())
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("compression.type", codec)
        .set("linger.ms", "1")
        .set("message.timeout.ms", "0")
        .set("queue.buffering.max.messages", "5000")
        .set("reconnect.backoff.ms", "5")
        .set("reconnect.backoff.max.ms", "20")
        .set("retry.backoff.ms", "5")
        .set("retry.backoff.max.ms", "20")
        .set("log_level", "2");
    let deliveries = Deliveries { ledger: ledger.clone() };
    let inner = ThreadedProducer::from_config_and_context(&config, deliveries)?;
    Ok(Producer { number: ledger.next_producer(), inner, ledger })
}

impl Producer {
    /// Sends until it is told to stop, then waits for the last answers.
    pub(super) fn run(self, records_per_second: u32, mut random: Random, stop: &AtomicBool) {
        let places = self.ledger.partitions();
        let pause = Duration::from_secs(1) * BURST / records_per_second;
        let mut sequence = 0;
        while !stop.load(Ordering::Relaxed) && self.inner.client().fatal_error().is_none() {
            for _ in 0..BURST {
                let (topic, partition) = random.pick(&places);
                let id = RecordId { producer: self.number, sequence };
                let record = Record::random(id, &mut random);
                if !self.send(topic.name, partition, &record) {
                    break;
                }
                sequence += 1;
            }
            thread::sleep(pause);
        }
        let deadline = Instant::now() + FLUSH_LIMIT;
        while self.inner.in_flight_count() > 0 && Instant::now() < deadline {
            // That not all is delivered yet is no error.
            let _ = self.inner.flush(Duration::from_millis(100));
        }
        match (self.inner.client().fatal_error(), self.inner.in_flight_count()) {
            (Some((code, reason)), _) => {
                self.ledger.complain(format!("producer {}: {code}: {reason}", self.number));
            }
            (None, 0) => {}
            (None, left) => self.ledger.complain(format!(
                "producer {}: {left} records without an answer after {FLUSH_LIMIT:?}",
                self.number
            )),
        }
    }

    /// Whether there was room for the record.
    fn send(&self, topic: &str, partition: i32, record: &Record) -> bool {
        let sent = Sent { topic: topic.to_owned(), partition, id: record.id };
        self.ledger.history(topic, partition).invoke(
            record.id,
            record.content(),
            Promise::KeptAndShown,
        );
        let id = record.id_bytes();
        let headers = OwnedHeaders::new().insert(Header { key: ID_HEADER, value: Some(&id[..]) });
        let mut message = BaseRecord::with_opaque_to(topic, Box::new(sent))
            .partition(partition)
            .timestamp(record.timestamp_ms)
            .key(&record.key)
            .headers(headers);
        if let Some(value) = &record.value {
            message = message.payload(value);
        }
        match self.inner.send(message) {
            Ok(()) => true,
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                self.ledger.history(topic, partition).withdraw(record.id);
                false
            }
            Err((error, _)) => {
                self.ledger.complain(format!("producer {}: {error}", self.number));
                false
            }
        }
    }
}

/// Which record an answer is about.
struct Sent {
    topic: String,
    partition: i32,
    id: RecordId,
}

/// Writes answers into the ledger.
struct Deliveries {
    ledger: Arc<Ledger>,
}

impl ClientContext for Deliveries {
    fn log(&self, _: rdkafka::config::RDKafkaLogLevel, _: &str, _: &str) {
        // What counts is said by deliveries.
    }

    fn error(&self, _: KafkaError, _: &str) {
        // A broker that is down is what this is about.
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Box<Sent>;

    fn delivery(&self, delivery: &DeliveryResult<'_>, sent: Box<Sent>) {
        let Sent { topic, partition, id } = *sent;
        match delivery {
            Ok(message) => {
                // A batch that the broker has had before may be answered without its offset.
                let offset = Some(message.offset()).filter(|offset| *offset >= 0);
                self.ledger.history(&topic, partition).answer(id, Outcome::Acked { offset });
            }
            Err((error, _)) => {
                self.ledger.complain(format!("{topic}-{partition}: {id} not delivered: {error}"));
            }
        }
    }
}
