//! Fetch: whole batches from an offset on, and waiting for them.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::delete_topics::DeleteTopicsRequest;
use kf::wire::messages::fetch::{FetchPartition, FetchRequest, FetchResponse, PartitionData};
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::records::Batches;

use crate::harness::requests::{FETCH_VERSION, batch, fetch, values};
use crate::harness::{Client, PATIENCE, TestBroker};

/// Longer than any test may take: who waits this long is never woken.
const FOR_EVER_MS: i32 = 300_000;

fn started(partitions: i32) -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", partitions);
    (broker, client)
}

/// A fetch of several partitions of one topic from their starts.
fn fetch_all(partitions: i32) -> FetchRequest {
    let mut request = fetch("orders", 0, 0);
    let partition = request.topics[0].partitions.remove(0);
    request.topics[0].partitions = (0..partitions)
        .map(|index| FetchPartition { partition: index, ..partition.clone() })
        .collect();
    request
}

fn waiting(request: FetchRequest, min_bytes: i32) -> FetchRequest {
    FetchRequest { max_wait_ms: FOR_EVER_MS, min_bytes, ..request }
}

#[track_caller]
fn only(mut response: FetchResponse) -> PartitionData {
    response.responses.remove(0).partitions.remove(0)
}

fn count_of_batches(data: &PartitionData) -> usize {
    Batches::new(data.records.clone().expect("records that are not null")).count()
}

#[test]
fn an_offset_inside_of_a_batch_gives_the_whole_batch() {
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a", "b", "c"]);
    client.produce_values("orders", 0, &["d"]);
    assert_eq!(client.fetch_values("orders", 0, 2), ["a", "b", "c", "d"]);
    assert_eq!(client.fetch_values("orders", 0, 3), ["d"]);
}

#[test]
fn the_first_batch_comes_even_if_it_is_larger_than_the_limits() {
    let (_broker, mut client) = started(2);
    for partition in 0..2 {
        client.produce_values("orders", partition, &[&"x".repeat(5000)]);
        client.produce_values("orders", partition, &["y"]);
    }
    let limits = [(1, 1 << 20), (1 << 20, 1), (1, 1), (0, 0)];
    for (max_bytes, partition_max_bytes) in limits {
        let mut request = FetchRequest { max_bytes, ..fetch("orders", 0, 0) };
        request.topics[0].partitions[0].partition_max_bytes = partition_max_bytes;
        let found = only(client.send(request, FETCH_VERSION));
        assert_eq!(count_of_batches(&found), 1, "{max_bytes} {partition_max_bytes}");
    }
    // Only one batch in the whole answer: the next partition has its turn another time.
    let request = FetchRequest { max_bytes: 1, ..fetch_all(2) };
    let response = client.send(request, FETCH_VERSION);
    let counts: Vec<_> = response.responses[0].partitions.iter().map(count_of_batches).collect();
    assert_eq!(counts, [1, 0]);
}

#[test]
fn an_answer_stops_at_the_limits() {
    let (_broker, mut client) = started(1);
    for _ in 0..10 {
        client.produce_values("orders", 0, &["value"]);
    }
    let all = client.fetch("orders", 0, 0).records.expect("records");
    let three = all.len() as i32 / 10 * 3;
    let mut by_partition = fetch("orders", 0, 0);
    by_partition.topics[0].partitions[0].partition_max_bytes = three;
    let in_all = FetchRequest { max_bytes: three, ..fetch("orders", 0, 0) };
    for request in [by_partition, in_all] {
        let found = only(client.send(request, FETCH_VERSION));
        assert_eq!(count_of_batches(&found), 3);
    }
}

#[test]
fn records_are_never_null_and_the_end_is_told() {
    let (_broker, mut client) = started(1);
    for version in 4..=18 {
        let mut request = fetch("orders", 0, 0);
        request.topics[0].topic_id = topic_id(&mut client);
        let found = only(client.send(request, version));
        assert_eq!((found.error_code, found.records), (ErrorCode::NONE, Some(Bytes::new())));
        assert_eq!((found.high_watermark, found.last_stable_offset), (0, 0));
    }
    client.produce_values("orders", 0, &["a", "b"]);
    let at_the_end = client.fetch("orders", 0, 2);
    assert_eq!((at_the_end.error_code, at_the_end.high_watermark), (ErrorCode::NONE, 2));
    assert_eq!(at_the_end.records, Some(Bytes::new()));
}

fn topic_id(client: &mut Client) -> Uuid {
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    client.send(all, 12).topics[0].topic_id
}

#[test]
fn offsets_outside_of_the_log_are_out_of_range() {
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a", "b"]);
    for offset in [3, -1, i64::MAX, i64::MIN] {
        let found = client.fetch("orders", 0, offset);
        assert_eq!(found.error_code, ErrorCode::OFFSET_OUT_OF_RANGE, "{offset}");
        assert_eq!((found.high_watermark, found.records), (-1, Some(Bytes::new())));
    }
}

#[test]
fn a_fetch_that_does_not_want_to_wait_is_answered_at_once_and_with_what_there_is() {
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a"]);
    let request = FetchRequest { max_wait_ms: 0, min_bytes: i32::MAX, ..fetch("orders", 0, 0) };
    assert_eq!(values(only(client.send(request, FETCH_VERSION)).records), ["a"]);
}

#[test]
fn a_fetch_that_finds_nothing_is_answered_when_its_time_is_up() {
    let (_broker, mut client) = started(1);
    let start = Instant::now();
    let request = FetchRequest { max_wait_ms: 50, ..fetch("orders", 0, 0) };
    let found = only(client.send(request, FETCH_VERSION));
    assert_eq!((found.error_code, found.records), (ErrorCode::NONE, Some(Bytes::new())));
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[test]
fn a_waiting_fetch_is_woken_by_the_append() {
    let (broker, mut client) = started(1);
    let mut producer = broker.connect();
    for round in 0..20 {
        client.write(&waiting(fetch("orders", 0, round), 1), FETCH_VERSION);
        producer.produce_values("orders", 0, &["value"]);
        let (_, response) = client.read::<FetchRequest>(FETCH_VERSION);
        assert_eq!(values(only(response).records), ["value"]);
    }
}

#[test]
fn a_waiting_fetch_waits_for_min_bytes() {
    let (broker, mut client) = started(2);
    let mut producer = broker.connect();
    let size = batch(&["value"]).len() as i32;
    client.write(&waiting(fetch_all(2), 3 * size), FETCH_VERSION);
    for partition in [0, 1, 0] {
        producer.produce_values("orders", partition, &["value"]);
    }
    let (_, response) = client.read::<FetchRequest>(FETCH_VERSION);
    let found = response.responses[0].partitions.iter();
    let bytes: usize = found.filter_map(|data| data.records.as_ref()).map(Bytes::len).sum();
    assert_eq!(bytes as i32, 3 * size, "exactly min_bytes are enough, and no fewer");
}

#[test]
fn nothing_to_wait_for_and_anything_wrong_are_answered_at_once() {
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a"]);
    let start = Instant::now();
    let nothing = FetchRequest { topics: Vec::new(), ..waiting(fetch("orders", 0, 0), 1) };
    assert!(client.send(nothing, FETCH_VERSION).responses.is_empty());
    let enough = waiting(fetch("orders", 0, 1), 0);
    assert_eq!(only(client.send(enough, FETCH_VERSION)).error_code, ErrorCode::NONE);
    let mut behind = waiting(fetch("orders", 0, 1), i32::MAX);
    behind.topics[0].partitions[0].current_leader_epoch = 7;
    for (request, expected) in [
        (waiting(fetch("orders", 0, 9), 1), ErrorCode::OFFSET_OUT_OF_RANGE),
        (waiting(fetch("orders", 1, 0), 1), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (waiting(fetch("missing", 0, 0), 1), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (behind, ErrorCode::UNKNOWN_LEADER_EPOCH),
    ] {
        let found = only(client.send(request, FETCH_VERSION));
        assert_eq!((found.error_code, found.high_watermark), (expected, -1));
    }
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn a_fetch_that_waits_for_a_topic_learns_that_it_is_deleted() {
    let (broker, mut client) = started(1);
    let mut other = broker.connect();
    client.write(&waiting(fetch("orders", 0, 0), 1), FETCH_VERSION);
    let request =
        DeleteTopicsRequest { topic_names: vec!["orders".to_owned()], ..Default::default() };
    other.send(request, 5);
    let (_, response) = client.read::<FetchRequest>(FETCH_VERSION);
    assert_eq!(only(response).error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn from_version_13_on_topics_are_known_by_their_id_only() {
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a"]);
    let mut request = fetch("orders", 0, 0);
    let unknown = only(client.send(request.clone(), 13));
    assert_eq!(unknown.error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    request.topics[0].topic_id = topic_id(&mut client);
    assert_eq!(values(only(client.send(request, 13)).records), ["a"]);
}

#[test]
fn sessions_are_declined() {
    let (_broker, mut client) = started(1);
    let new = FetchRequest { session_epoch: 0, ..fetch("orders", 0, 0) };
    let response = client.send(new, FETCH_VERSION);
    assert_eq!((response.error_code, response.session_id), (ErrorCode::NONE, 0));
    let unknown = FetchRequest { session_id: 5, session_epoch: 1, ..fetch("orders", 0, 0) };
    let response = client.send(unknown, FETCH_VERSION);
    assert_eq!(response.error_code, ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    let no_session = FetchRequest { session_epoch: 1, ..fetch("orders", 0, 0) };
    let response = client.send(no_session, FETCH_VERSION);
    assert_eq!(response.error_code, ErrorCode::INVALID_FETCH_SESSION_EPOCH);
}

#[test]
fn a_reader_of_committed_records_gets_them_with_a_list_of_no_aborted_transactions() {
    const READ_COMMITTED: i8 = 1;
    let (_broker, mut client) = started(1);
    client.produce_values("orders", 0, &["a"]);
    let request = FetchRequest { isolation_level: READ_COMMITTED, ..fetch("orders", 0, 0) };
    let found = only(client.send(request, FETCH_VERSION));
    assert_eq!(found.aborted_transactions, Some(Vec::new()));
    assert_eq!(values(found.records), ["a"]);
    assert_eq!(client.fetch("orders", 0, 0).aborted_transactions, None);
}
