//! Topics that are deleted and created again, whatever happens in between.

use std::fs;
use std::path::Path;

use kf::wire::error::ErrorCode;
use kf::wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use kf::wire::messages::delete_topics::DeleteTopicsRequest;

use crate::harness::requests::batch;
use crate::harness::{Client, TempDir, TestBroker};

const PARTITIONS: i32 = 5;

fn create(client: &mut Client) -> ErrorCode {
    let topic = CreatableTopic {
        name: "orders".to_owned(),
        num_partitions: PARTITIONS,
        replication_factor: 1,
        ..CreatableTopic::default()
    };
    let request = CreateTopicsRequest { topics: vec![topic], ..CreateTopicsRequest::default() };
    client.send(request, 5).topics.remove(0).error_code
}

#[test]
fn a_topic_that_is_created_again_while_its_predecessor_goes_takes_records() {
    let broker = TestBroker::synced();
    let (mut client, mut other) = (broker.connect(), broker.connect());
    assert_eq!(create(&mut client), ErrorCode::NONE);
    for round in 0..20 {
        // The answer to the deletion is not waited for.
        let delete =
            DeleteTopicsRequest { topic_names: vec!["orders".to_owned()], ..Default::default() };
        other.write(&delete, 5);
        while create(&mut client) == ErrorCode::TOPIC_ALREADY_EXISTS {}
        for partition in 0..PARTITIONS {
            let produced = client.produce("orders", partition, batch(&["new"]));
            assert_eq!(produced.error_code, ErrorCode::NONE, "round {round}, {partition}");
            assert_eq!(client.fetch_values("orders", partition, 0), ["new"]);
        }
        other.read::<DeleteTopicsRequest>(5);
    }
}

#[test]
fn a_deletion_that_a_crash_cut_short_is_finished_at_the_next_start() {
    let mut broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.produce_values("orders", 0, &["old", "older"]);
    let (directory, kept) = (broker.data_dir().join("orders-0"), TempDir::new());
    copy(&directory, &kept.path().join("orders-0"));
    client.delete_topic("orders");
    broker.crash();
    // As if the broker had died between the record of the deletion and the deletion.
    copy(&kept.path().join("orders-0"), &directory);

    broker.start_again();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    assert_eq!(client.produce_values("orders", 0, &["new"]), 0);
    assert_eq!(client.fetch_values("orders", 0, 0), ["new"]);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
