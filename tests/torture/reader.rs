//! Reads whole topics with librdkafka, which checks each batch by its CRC, and hands them to the
//! checker.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use crate::checker::partition::{Found, Reading, check, compare};
use crate::ledger::{Ledger, Topic};
use crate::record::{ID_HEADER, content, parse_id};
use crate::scenario::Stop;

/// How long nothing may come before a reader says so.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// Complaints about one partition beyond these say nothing new.
const COMPLAINTS_PER_PARTITION: usize = 5;

/// Readings of all partitions of a ledger, by topic and index.
pub(crate) type Readings = BTreeMap<(String, i32), Reading>;

/// Reads all partitions from start to end.
pub(crate) fn read_all(address: SocketAddr, ledger: &Ledger) -> Result<Readings, Stop> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address.to_string())
        .set("group.id", "torture-reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("check.crcs", "true")
        .set("fetch.queue.backoff.ms", "2")
        .set("fetch.wait.max.ms", "10")
        .create()?;
    let mut assignment = TopicPartitionList::new();
    let mut readings = Readings::new();
    for (topic, partition) in ledger.partitions() {
        assignment.add_partition_offset(topic.name, partition, Offset::Beginning)?;
        let (log_start, high_watermark) =
            consumer.fetch_watermarks(topic.name, partition, SILENCE_LIMIT)?;
        let reading = Reading { log_start, high_watermark, records: Vec::new() };
        readings.insert((topic.name.to_owned(), partition), reading);
    }
    consumer.assign(&assignment)?;
    // librdkafka names only the partition at its end, so the last records tell the topic.
    let mut unfinished: BTreeSet<_> = readings
        .iter()
        .filter(|(_, reading)| reading.high_watermark > reading.log_start)
        .map(|(place, _)| place.clone())
        .collect();
    let mut last_progress = Instant::now();
    while !unfinished.is_empty() {
        match consumer.poll(Duration::from_millis(100)) {
            Some(Ok(message)) => {
                last_progress = Instant::now();
                let place = (message.topic().to_owned(), message.partition());
                let reading = readings.get_mut(&place).expect("a partition that was assigned");
                reading.records.push(found(&message));
                if message.offset() + 1 >= reading.high_watermark {
                    unfinished.remove(&place);
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) | None => {}
            Some(Err(error)) => return Err(format!("reading: {error}").into()),
        }
        if last_progress.elapsed() > SILENCE_LIMIT {
            return Err(format!("no records come any more from {unfinished:?}").into());
        }
    }
    Ok(readings)
}

fn found(message: &BorrowedMessage<'_>) -> Found {
    let headers: Vec<(&str, Option<&[u8]>)> = message
        .headers()
        .map(|headers| headers.iter().map(|header| (header.key, header.value)).collect())
        .unwrap_or_default();
    let id = headers.iter().find(|(key, _)| *key == ID_HEADER);
    let id = id.and_then(|(_, value)| parse_id((*value)?));
    let (key, value) = (message.key(), message.payload());
    let timestamp_ms = message.timestamp().to_millis().unwrap_or(-1);
    let bytes = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len);
    Found {
        offset: message.offset(),
        id,
        content: content(key, value, &headers, timestamp_ms),
        bytes: bytes as u64,
    }
}

/// What is wrong with the readings.
pub(crate) fn judge(ledger: &Ledger, readings: &Readings) -> Vec<String> {
    let mut complaints = Vec::new();
    for (topic, partition) in ledger.partitions() {
        let place = (topic.name.to_owned(), partition);
        let Some(reading) = readings.get(&place) else {
            complaints.push(format!("{}-{partition} was not read", topic.name));
            continue;
        };
        let history = ledger.history(topic.name, partition);
        let anomalies = check(&history, topic.keeps, reading, COMPLAINTS_PER_PARTITION);
        complaints.extend(anomalies.iter().map(|a| format!("{}-{partition}: {a}", topic.name)));
    }
    complaints
}

/// Where two readings differ.
pub(crate) fn differences(ledger: &Ledger, first: &Readings, second: &Readings) -> Vec<String> {
    let difference = |(topic, partition): (Topic, i32)| {
        let place = (topic.name.to_owned(), partition);
        let anomaly = compare(topic.keeps, first.get(&place)?, second.get(&place)?)?;
        Some(format!("{}-{partition}: {anomaly}", topic.name))
    };
    ledger.partitions().into_iter().filter_map(difference).collect()
}
