//! Leader epochs: how clients notice that the log they knew is not the log that there is
//! (KIP-320). With one node there is one epoch, 0.

use kf::wire::error::ErrorCode;
use kf::wire::messages::fetch::FetchRequest;
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::messages::offset_for_leader_epoch::{
    EpochEndOffset, OffsetForLeaderEpochRequest, OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kf::wire::records::BatchHeader;

use crate::harness::requests::fetch;
use crate::harness::{Client, TestBroker};

fn end_of(client: &mut Client, topic: &str, current: i32, epoch: i32) -> EpochEndOffset {
    let partition = OffsetForLeaderPartition {
        partition: 0,
        current_leader_epoch: current,
        leader_epoch: epoch,
    };
    let topics =
        vec![OffsetForLeaderTopic { topic: topic.to_owned(), partitions: vec![partition] }];
    let request = OffsetForLeaderEpochRequest { topics, ..OffsetForLeaderEpochRequest::default() };
    client.send(request, 4).topics.remove(0).partitions.remove(0)
}

fn started() -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    (broker, client)
}

#[test]
fn the_current_epoch_ends_where_the_log_does() {
    let (_broker, mut client) = started();
    for (values, end) in [(&[][..], 0), (&["a", "b"][..], 2)] {
        if !values.is_empty() {
            client.produce_values("orders", 0, values);
        }
        let found = end_of(&mut client, "orders", 0, 0);
        assert_eq!(
            (found.error_code, found.leader_epoch, found.end_offset),
            (ErrorCode::NONE, 0, end)
        );
    }
}

#[test]
fn an_epoch_that_nobody_knows_ends_nowhere() {
    let (_broker, mut client) = started();
    client.produce_values("orders", 0, &["a"]);
    for epoch in [-1, 7] {
        let found = end_of(&mut client, "orders", -1, epoch);
        assert_eq!(
            (found.error_code, found.leader_epoch, found.end_offset),
            (ErrorCode::NONE, -1, -1)
        );
    }
}

#[test]
fn a_client_that_is_ahead_and_a_partition_that_is_not_there_are_told() {
    let (_broker, mut client) = started();
    let ahead = end_of(&mut client, "orders", 1, 0);
    assert_eq!(ahead.error_code, ErrorCode::UNKNOWN_LEADER_EPOCH);
    let missing = end_of(&mut client, "missing", -1, 0);
    assert_eq!(missing.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn batches_carry_the_epoch_that_metadata_tells() {
    let (_broker, mut client) = started();
    client.produce_values("orders", 0, &["a"]);
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let told = client.send(all, 7).topics[0].partitions[0].leader_epoch;
    let records = client.fetch("orders", 0, 0).records.expect("records");
    assert_eq!(BatchHeader::validate(&records).unwrap().partition_leader_epoch, told);
}

fn fetch_after(client: &mut Client, offset: i64, last_fetched_epoch: i32) -> (ErrorCode, i32, i64) {
    let mut request = FetchRequest { max_wait_ms: 300_000, ..fetch("orders", 0, offset) };
    request.topics[0].partitions[0].last_fetched_epoch = last_fetched_epoch;
    let found = client.send(request, 12).responses.remove(0).partitions.remove(0);
    (found.error_code, found.diverging_epoch.epoch, found.diverging_epoch.end_offset)
}

#[test]
fn a_reader_of_another_history_is_told_where_the_histories_part() {
    let (_broker, mut client) = started();
    client.produce_values("orders", 0, &["a", "b"]);
    assert_eq!(fetch_after(&mut client, 1, 0), (ErrorCode::NONE, -1, -1));
    let unknown = fetch_after(&mut client, 1, 7);
    assert_eq!(unknown.0, ErrorCode::OFFSET_OUT_OF_RANGE);
}
