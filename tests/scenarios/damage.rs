//! A log that is damaged is said to be, and the others go on.

use std::fs;
use std::path::Path;

use kf::wire::error::ErrorCode;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use kf::wire::messages::offset_commit::*;
use kf::wire::messages::offset_fetch::OffsetFetchRequest;

use crate::harness::{Client, TestBroker};

/// Flips a bit of the last byte of each log of a topic.
fn damage(data_dir: &Path, topic: &str) {
    let mut damaged = 0;
    for entry in fs::read_dir(data_dir).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let log = entry.path().join("00000000000000000000.log");
        if name.rsplit_once('-').is_some_and(|(of, _)| of == topic) && log.exists() {
            let mut bytes = fs::read(&log).unwrap();
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(&log, bytes).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0, "{topic} has no log");
}

fn commit(client: &mut Client, group_id: &str) {
    let partition = OffsetCommitRequestPartition {
        committed_offset: 1,
        committed_metadata: Some(String::new()),
        ..OffsetCommitRequestPartition::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: "orders".to_owned(),
        partitions: vec![partition],
        ..OffsetCommitRequestTopic::default()
    };
    let request = OffsetCommitRequest {
        group_id: group_id.to_owned(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    let response = client.send(request, 5);
    assert_eq!(response.topics[0].partitions[0].error_code, ErrorCode::NONE);
}

fn find_coordinator(client: &mut Client, group_id: &str) -> ErrorCode {
    let request =
        FindCoordinatorRequest { key: group_id.to_owned(), ..FindCoordinatorRequest::default() };
    client.send(request, 2).error_code
}

#[test]
fn damage_takes_its_own_offsets_only_and_the_partition_goes_on() {
    let mut broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.produce_values("orders", 0, &["a"]);
    client.produce_values("orders", 0, &["b"]);
    broker.stop();
    damage(broker.data_dir(), "orders");
    broker.start_again();

    let mut client = broker.connect();
    assert_eq!(client.fetch_values("orders", 0, 0), ["a"]);
    assert_eq!(client.fetch("orders", 0, 1).error_code, ErrorCode::CORRUPT_MESSAGE);
    client.produce_values("orders", 0, &["c"]);
    assert_eq!(client.fetch_values("orders", 0, 2), ["c"]);
}

#[test]
fn a_partition_that_cannot_be_opened_has_no_leader_and_the_others_go_on() {
    let mut broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.create_topic("flights", 1);
    client.produce_values("orders", 0, &["a"]);
    client.produce_values("flights", 0, &["b"]);
    broker.stop();
    let epochs = broker.data_dir().join("orders-0/leader-epoch-checkpoint");
    fs::write(epochs, "7\n0\n").unwrap();
    broker.start_again();

    let mut client = broker.connect();
    let topic = MetadataRequestTopic { name: Some("orders".to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    let partition = client.send(request, 5).topics.remove(0).partitions.remove(0);
    assert_eq!(partition.error_code, ErrorCode::LEADER_NOT_AVAILABLE);
    assert_eq!((partition.leader_id, partition.offline_replicas), (-1, vec![1]));
    assert_eq!(client.fetch("orders", 0, 0).error_code, ErrorCode::KAFKA_STORAGE_ERROR);
    assert_eq!(client.fetch_values("flights", 0, 0), ["b"]);
}

#[test]
fn a_group_whose_log_is_damaged_has_no_coordinator_and_no_empty_answer() {
    let mut broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    assert_eq!(find_coordinator(&mut client, "billing"), ErrorCode::NONE);
    commit(&mut client, "billing");
    broker.stop();
    damage(broker.data_dir(), "__consumer_offsets");
    broker.start_again();

    let mut client = broker.connect();
    let expected = ErrorCode::COORDINATOR_NOT_AVAILABLE;
    assert_eq!(find_coordinator(&mut client, "billing"), expected);
    let request =
        OffsetFetchRequest { group_id: "billing".to_owned(), topics: None, ..Default::default() };
    assert_eq!(client.send(request, 5).error_code, expected);
    // A group of another partition is not affected.
    assert_eq!(find_coordinator(&mut client, "shipping"), ErrorCode::NONE);
}
