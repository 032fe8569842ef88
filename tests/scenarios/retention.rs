//! Old records go by themselves, and only those.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::records::{BatchBuilder, Compression};

use crate::harness::requests::now_ms;
use crate::harness::{Client, TestBroker, wait_until};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A broker that looks for old records all the time.
fn eager_broker() -> TestBroker {
    TestBroker::with(&[
        ("log.initial.task.delay.ms", "0"),
        ("log.retention.check.interval.ms", "5"),
        ("log.segment.delete.delay.ms", "20"),
    ])
}

/// One record of a size and an age.
fn record(age_ms: i64, size: usize) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(now_ms() - age_ms, Some(b"key"), Some(&vec![7; size]), &[]);
    builder.build().expect("one record")
}

#[track_caller]
fn produce(client: &mut Client, records: Bytes) -> i64 {
    let produced = client.produce("orders", 0, records);
    assert_eq!(produced.error_code, ErrorCode::NONE);
    produced.base_offset
}

fn log_start_offset(client: &mut Client, offset: i64) -> i64 {
    client.fetch("orders", 0, offset).log_start_offset
}

/// The names of the files of the one partition that end in `suffix`.
fn files(data_dir: &Path, suffix: &str) -> Vec<String> {
    let entries = fs::read_dir(data_dir.join("orders-0")).expect("a partition's directory");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(suffix)).collect()
}

#[test]
fn records_past_retention_ms_go_from_the_active_segment_too_and_stay_gone() {
    let mut broker = eager_broker();
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("retention.ms", &DAY_MS.to_string())]);
    assert_eq!(produce(&mut client, record(2 * DAY_MS, 10)), 0);
    wait_until("the old record goes", || log_start_offset(&mut client, 1) == 1);
    assert_eq!(client.fetch("orders", 0, 0).error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(produce(&mut client, record(DAY_MS / 2, 10)), 1);
    wait_until("the files go", || {
        files(broker.data_dir(), ".deleted").is_empty()
            && files(broker.data_dir(), ".log") == ["00000000000000000001.log"]
    });
    broker.crash();
    broker.start_again();
    let mut client = broker.connect();
    assert_eq!(log_start_offset(&mut client, 1), 1);
    assert_eq!(client.fetch_values("orders", 0, 1).len(), 1, "a younger record stays");

    client.set_topic_config("orders", "retention.ms", "1000");
    wait_until("the new setting is obeyed", || log_start_offset(&mut client, 2) == 2);
}

#[test]
fn a_log_is_cut_back_to_retention_bytes_by_whole_segments() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let configs = [("segment.bytes", "1048576"), ("retention.bytes", "1000000")];
    client.create_topic_with("orders", 1, &configs);
    for _ in 0..4 {
        produce(&mut client, record(0, 700_000));
    }
    wait_until("two segments go", || log_start_offset(&mut client, 3) == 2);
    assert_eq!(client.fetch("orders", 0, 2).error_code, ErrorCode::NONE);
}

#[test]
fn without_the_delete_policy_and_without_limits_nothing_goes() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let forever = [("retention.ms", "-1"), ("retention.bytes", "-1")];
    client.create_topic_with("orders", 1, &forever);
    client.create_topic_with("latest", 1, &[("cleanup.policy", "compact")]);
    client.create_topic_with("gone", 1, &[]);
    let old = record(1000 * DAY_MS, 10);
    for topic in ["orders", "latest", "gone"] {
        assert_eq!(client.produce(topic, 0, old.clone()).error_code, ErrorCode::NONE);
    }
    wait_until("the default deletes", || client.fetch("gone", 0, 1).log_start_offset == 1);
    assert_eq!(client.fetch_values("orders", 0, 0).len(), 1);
    assert_eq!(client.fetch_values("latest", 0, 0).len(), 1);
}

#[test]
fn records_of_the_future_stay() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let configs =
        [("retention.ms", "1"), ("message.timestamp.after.max.ms", "9223372036854775807")];
    client.create_topic_with("orders", 1, &configs);
    client.create_topic_with("gone", 1, &[("retention.ms", "1")]);
    produce(&mut client, record(-DAY_MS, 10));
    client.produce("gone", 0, record(DAY_MS, 10));
    wait_until("retention is at work", || client.fetch("gone", 0, 1).log_start_offset == 1);
    assert_eq!(client.fetch_values("orders", 0, 0).len(), 1);
}
