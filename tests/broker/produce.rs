//! Produce: what is taken, what is refused, and how each is answered.

use bytes::{Bytes, BytesMut};
use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::messages::produce::{PartitionProduceData, PartitionProduceResponse, ProduceRequest};
use kf::wire::records::{
    BatchBuilder, BatchHeader, BatchMut, Compression, NO_TIMESTAMP, TimestampType,
};

use super::configs::set;
use crate::harness::requests::{batch, now_ms, produce};
use crate::harness::{Client, TestBroker};

const NO_OFFSET: i64 = -1;

/// A batch of one record.
fn record(compression: Compression, timestamp: i64, key: Option<&str>, value: &str) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    builder.append(timestamp, key.map(str::as_bytes), Some(value.as_bytes()), &[]);
    builder.build().expect("a batch")
}

/// Writes `bytes` over those of a batch from `at` on, and makes the CRC right again.
fn patched(batch: &Bytes, at: usize, bytes: &[u8]) -> Bytes {
    const CRC_AT: usize = 17;
    const COVERED_FROM: usize = 21;
    let mut patched = batch.to_vec();
    patched[at..at + bytes.len()].copy_from_slice(bytes);
    let crc = crc32c::crc32c(&patched[COVERED_FROM..]);
    patched[CRC_AT..COVERED_FROM].copy_from_slice(&crc.to_be_bytes());
    patched.into()
}

#[track_caller]
fn only(client: &mut Client, request: ProduceRequest, version: i16) -> PartitionProduceResponse {
    client.send(request, version).responses.remove(0).partition_responses.remove(0)
}

/// The header of the only batch in a partition.
fn stored(client: &mut Client, topic: &str) -> BatchHeader {
    let records = client.fetch(topic, 0, 0).records.expect("records that are not null");
    BatchHeader::validate(&records).expect("one whole batch")
}

fn topic_id(client: &mut Client) -> Uuid {
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    client.send(all, 12).topics[0].topic_id
}

#[test]
fn every_version_takes_records_and_tells_their_offset() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let topic_id = topic_id(&mut client);
    for (offset, version) in (0..).zip(3..=13) {
        let mut request = produce("orders", 0, batch(&["value"]));
        request.topic_data[0].topic_id = topic_id;
        let response = only(&mut client, request, version);
        assert_eq!((response.error_code, response.base_offset), (ErrorCode::NONE, offset));
        assert_eq!(response.log_append_time_ms, NO_TIMESTAMP);
    }
    assert_eq!(client.fetch_values("orders", 0, 0).len(), 11);
}

#[test]
fn version_13_knows_topics_by_their_id_only() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for unknown in [Uuid::ZERO, Uuid([7; 16])] {
        let mut request = produce("orders", 0, batch(&["value"]));
        request.topic_data[0].topic_id = unknown;
        assert_eq!(only(&mut client, request, 13).error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    }
}

#[test]
fn one_partition_that_does_not_exist_does_not_hinder_the_others() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let mut request = produce("orders", 0, batch(&["value"]));
    for index in [1, -1, i32::MAX] {
        let missing = PartitionProduceData { index, records: Some(batch(&["lost"])) };
        request.topic_data[0].partition_data.push(missing);
    }
    request.topic_data.push(produce("missing", 0, batch(&["lost"])).topic_data.remove(0));
    let response = client.send(request, 9);
    let codes: Vec<_> = response
        .responses
        .iter()
        .flat_map(|t| &t.partition_responses)
        .map(|p| p.error_code)
        .collect();
    assert_eq!(codes[0], ErrorCode::NONE);
    assert_eq!(codes[1..], [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION; 4]);
    assert_eq!(client.fetch_values("orders", 0, 0), ["value"]);
}

#[test]
fn acks_are_all_one_or_none() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for acks in [7, 2, -2, i16::MIN] {
        let request = ProduceRequest { acks, ..produce("orders", 0, batch(&["lost"])) };
        assert_eq!(only(&mut client, request, 9).error_code, ErrorCode::INVALID_REQUIRED_ACKS);
    }
    for acks in [-1, 1] {
        let request = ProduceRequest { acks, ..produce("orders", 0, batch(&["kept"])) };
        assert_eq!(only(&mut client, request, 9).error_code, ErrorCode::NONE);
    }
    assert_eq!(client.fetch_values("orders", 0, 0), ["kept"; 2]);
}

#[test]
fn without_acks_there_is_no_answer_and_the_next_one_keeps_its_place() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for _ in 0..3 {
        let request = ProduceRequest { acks: 0, ..produce("orders", 0, batch(&["value"])) };
        client.write(&request, 9);
    }
    // The first answer is that to the question behind them.
    client.send(ListGroupsRequest::default(), 1);
    assert_eq!(client.fetch_values("orders", 0, 0), ["value"; 3]);
}

#[test]
fn without_acks_a_failure_closes_the_connection() {
    let broker = TestBroker::start();
    broker.connect().create_topic("orders", 1);
    for (topic, records) in [("missing", batch(&["lost"])), ("orders", Bytes::new())] {
        let mut client = broker.connect();
        client.write(&ProduceRequest { acks: 0, ..produce(topic, 0, records) }, 9);
        client.assert_closed();
    }
}

#[test]
fn acks_of_more_replicas_than_there_are_cannot_be_given() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("min.insync.replicas", "2")]);
    let refused = client.produce("orders", 0, batch(&["lost"]));
    assert_eq!(refused.error_code, ErrorCode::NOT_ENOUGH_REPLICAS);
    let request = ProduceRequest { acks: 1, ..produce("orders", 0, batch(&["kept"])) };
    assert_eq!(only(&mut client, request, 9).error_code, ErrorCode::NONE);
}

#[test]
fn what_is_not_one_whole_valid_batch_is_refused_and_leaves_no_trace() {
    const ATTRIBUTES_AT: usize = 21;
    const LAST_OFFSET_DELTA_AT: usize = 23;
    const RECORD_COUNT_AT: usize = 57;
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let good = batch(&["a", "b"]);
    let mut flipped = good.to_vec();
    flipped[70] ^= 1;
    let mut old_format = good.to_vec();
    old_format[16] = 1;
    let mut numbered = good.to_vec();
    numbered[..8].copy_from_slice(&5i64.to_be_bytes());
    let mut control = BatchBuilder::new(Compression::None).control();
    control.append(now_ms(), Some(b"\0\0\0\x01"), Some(b"\0\0\0\0\0\0"), &[]);
    let invalid = ErrorCode::INVALID_RECORD;
    for (what, records, expected) in [
        ("a flipped bit", flipped.into(), ErrorCode::CORRUPT_MESSAGE),
        ("half a batch", good.slice(..good.len() - 1), ErrorCode::CORRUPT_MESSAGE),
        ("half a header", good.slice(..30), ErrorCode::CORRUPT_MESSAGE),
        ("an old format", old_format.into(), ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT),
        ("two batches", [good.clone(), good.clone()].concat().into(), invalid),
        ("no batch", Bytes::new(), invalid),
        ("an offset of its own", numbered.into(), invalid),
        ("a control batch", control.build().unwrap(), invalid),
        ("gaps", patched(&good, LAST_OFFSET_DELTA_AT, &5i32.to_be_bytes()), invalid),
        ("a wrong count", patched(&good, RECORD_COUNT_AT, &1i32.to_be_bytes()), invalid),
        (
            "no codec",
            patched(&good, ATTRIBUTES_AT, &7i16.to_be_bytes()),
            ErrorCode::CORRUPT_MESSAGE,
        ),
    ] {
        let response = client.produce("orders", 0, records);
        assert_eq!((response.error_code, response.base_offset), (expected, NO_OFFSET), "{what}");
    }
    let null = ProduceRequest { ..produce("orders", 0, Bytes::new()) };
    let mut request = null;
    request.topic_data[0].partition_data[0].records = None;
    assert_eq!(only(&mut client, request, 9).error_code, invalid);
    assert_eq!(client.fetch_values("orders", 0, 0), [""; 0]);
}

#[test]
fn batches_have_a_largest_size() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("small", 1, &[("max.message.bytes", "100")]);
    let refused = client.produce("small", 0, batch(&[&"x".repeat(100)]));
    assert_eq!(refused.error_code, ErrorCode::MESSAGE_TOO_LARGE);
    // Not even a segment of its own could hold this one.
    client.create_topic_with(
        "segments",
        1,
        &[("segment.bytes", "1048576"), ("max.message.bytes", "2000000")],
    );
    let refused = client.produce("segments", 0, batch(&[&"x".repeat(1_100_000)]));
    assert_eq!(refused.error_code, ErrorCode::RECORD_LIST_TOO_LARGE);
}

#[test]
fn all_codecs_come_back_as_they_were_sent() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for codec in Compression::ALL {
        let topic = format!("topic-{codec}");
        client.create_topic(&topic, 1);
        let sent = record(codec, now_ms(), None, &"value ".repeat(50));
        assert_eq!(client.produce(&topic, 0, sent.clone()).error_code, ErrorCode::NONE);
        let header = stored(&mut client, &topic);
        assert_eq!(header.compression(), Ok(codec));
        assert_eq!(header.crc, BatchHeader::parse(&sent).unwrap().crc, "recompressed");
    }
}

#[test]
fn zstd_needs_version_7() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let sent = record(Compression::Zstd, now_ms(), None, "value");
    let refused = only(&mut client, produce("orders", 0, sent.clone()), 6);
    assert_eq!(refused.error_code, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
    assert_eq!(only(&mut client, produce("orders", 0, sent), 7).error_code, ErrorCode::NONE);
}

#[test]
fn a_compacted_topic_refuses_the_whole_batch_and_names_the_records_without_key() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("latest", 1, &[("cleanup.policy", "compact")]);
    let mut builder = BatchBuilder::new(Compression::None);
    for key in [Some(&b"k"[..]), None, Some(b"k"), None] {
        builder.append(now_ms(), key, Some(b"value"), &[]);
    }
    let request = produce("latest", 0, builder.build().unwrap());
    let refused = only(&mut client, request.clone(), 8);
    assert_eq!(refused.error_code, ErrorCode::INVALID_RECORD);
    let blamed: Vec<_> = refused.record_errors.iter().map(|error| error.batch_index).collect();
    assert_eq!(blamed, [1, 3]);
    assert!(refused.error_message.is_some());
    assert_eq!(client.fetch_values("latest", 0, 0), [""; 0]);
    let keyed = record(Compression::None, now_ms(), Some("key"), "value");
    assert_eq!(client.produce("latest", 0, keyed).error_code, ErrorCode::NONE);
    // Before version 8 there is no place for the names.
    assert_eq!(only(&mut client, request, 7).error_code, ErrorCode::INVALID_RECORD);
}

#[test]
fn timestamps_must_be_near_enough() {
    const HOUR_MS: i64 = 3_600_000;
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("message.timestamp.before.max.ms", "7200000")]);
    for (distance_ms, expected) in [
        (-HOUR_MS, ErrorCode::NONE),
        (-3 * HOUR_MS, ErrorCode::INVALID_TIMESTAMP),
        (HOUR_MS / 2, ErrorCode::NONE),
        (2 * HOUR_MS, ErrorCode::INVALID_TIMESTAMP),
    ] {
        let records = record(Compression::None, now_ms() + distance_ms, None, "value");
        let response = client.produce("orders", 0, records);
        assert_eq!(response.error_code, expected, "{distance_ms}");
    }
    let claimed = patched(&batch(&["value"]), 21, &(1i16 << 3).to_be_bytes());
    assert_eq!(client.produce("orders", 0, claimed).error_code, ErrorCode::INVALID_TIMESTAMP);
}

#[test]
fn the_broker_stamps_records_where_the_topic_says_so() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("message.timestamp.type", "LogAppendTime")]);
    let before = now_ms();
    let response = client.produce("orders", 0, record(Compression::None, 5, None, "value"));
    assert!((before..=now_ms()).contains(&response.log_append_time_ms));
    let header = stored(&mut client, "orders");
    assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(header.max_timestamp, response.log_append_time_ms);
}

#[test]
fn the_largest_timestamp_is_computed_and_not_believed() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let now = now_ms();
    let mut records = BytesMut::from(&record(Compression::None, now, None, "value")[..]);
    BatchMut::parse(&mut records).unwrap().set_max_timestamp(TimestampType::CreateTime, now + 77);
    assert_eq!(client.produce("orders", 0, records.freeze()).error_code, ErrorCode::NONE);
    assert_eq!(stored(&mut client, "orders").max_timestamp, now);
}

#[test]
fn producer_id_minus_one_means_that_epoch_and_sequence_mean_nothing() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    // As kafkajs sends: epoch 0 and sequence 0, again and again.
    for offset in 0..3 {
        let mut builder = BatchBuilder::new(Compression::None).producer(-1, 0, 0);
        builder.append(now_ms(), None, Some(b"value"), &[]);
        let response = client.produce("orders", 0, builder.build().unwrap());
        assert_eq!((response.error_code, response.base_offset), (ErrorCode::NONE, offset));
    }
}

#[test]
fn internal_topics_are_the_brokers_own_whatever_a_client_calls_itself() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.send(FindCoordinatorRequest { key: "g".to_owned(), ..Default::default() }, 2);
    let keyed = record(Compression::None, now_ms(), Some("key"), "value");
    for client_id in ["tester", "__admin_client"] {
        client.client_id = client_id.to_owned();
        let refused = client.produce("__consumer_offsets", 0, keyed.clone());
        assert_eq!(refused.error_code, ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    assert_eq!(client.fetch_values("__consumer_offsets", 0, 0), [""; 0]);
}

#[test]
fn transactions_are_refused_while_there_is_no_coordinator_for_them() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let mut builder = BatchBuilder::new(Compression::None).producer(7, 0, 0).transactional();
    builder.append(now_ms(), None, Some(b"value"), &[]);
    let refused = client.produce("orders", 0, builder.build().unwrap());
    assert_eq!(refused.error_code, ErrorCode::INVALID_TXN_STATE);
    assert_eq!(client.fetch_values("orders", 0, 0), [""; 0]);
}

#[test]
fn the_codec_of_the_topic_replaces_that_of_the_producer_from_one_request_to_the_next() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("compression.type", "gzip")]);
    for (offset, (name, expected)) in (0..).zip([
        ("gzip", Compression::Gzip),
        ("producer", Compression::Snappy),
        ("uncompressed", Compression::None),
        ("lz4", Compression::Lz4),
        ("zstd", Compression::Zstd),
    ]) {
        set(&mut client, "orders", "compression.type", name);
        let sent = record(Compression::Snappy, now_ms(), Some("key"), name);
        let response = client.produce("orders", 0, sent);
        assert_eq!((response.error_code, response.base_offset), (ErrorCode::NONE, offset));
        let records = client.fetch("orders", 0, offset).records.expect("records");
        let header = BatchHeader::validate(&records).expect("one whole batch");
        assert_eq!((header.compression(), header.base_offset), (Ok(expected), offset));
        assert_eq!(client.fetch_values("orders", 0, offset), [name]);
    }
}
