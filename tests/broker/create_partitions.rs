//! CreatePartitions: topics grow and never shrink.

use kf::wire::error::ErrorCode;
use kf::wire::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};

use crate::harness::{Client, TestBroker};

fn grow(client: &mut Client, topics: Vec<CreatePartitionsTopic>, dry: bool) -> Vec<ErrorCode> {
    let request = CreatePartitionsRequest { topics, timeout_ms: 1000, validate_only: dry };
    client.send(request, 3).results.into_iter().map(|result| result.error_code).collect()
}

fn to(name: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic { name: name.to_owned(), count, assignments: None }
}

fn assigned(count: i32, brokers: &[&[i32]]) -> CreatePartitionsTopic {
    let assignment = |brokers: &&[i32]| CreatePartitionsAssignment { broker_ids: brokers.to_vec() };
    let assignments = Some(brokers.iter().map(assignment).collect());
    CreatePartitionsTopic { assignments, ..to("orders", count) }
}

#[test]
fn partitions_are_added_and_can_be_used_at_once() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.produce_values("orders", 0, &["kept"]);
    assert_eq!(grow(&mut client, vec![to("orders", 3)], false), [ErrorCode::NONE]);
    assert_eq!(client.produce_values("orders", 2, &["new"]), 0);
    assert_eq!(client.fetch_values("orders", 0, 0), ["kept"]);
    assert_eq!(grow(&mut client, vec![assigned(5, &[&[1], &[1]])], false), [ErrorCode::NONE]);
    assert_eq!(client.produce_values("orders", 4, &["new"]), 0);
}

#[test]
fn what_is_not_an_increase_is_refused_with_the_codes_of_kafka() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 2);
    for (wish, expected) in [
        (to("orders", 2), ErrorCode::INVALID_PARTITIONS),
        (to("orders", 1), ErrorCode::INVALID_PARTITIONS),
        (to("orders", 0), ErrorCode::INVALID_PARTITIONS),
        (to("orders", -1), ErrorCode::INVALID_PARTITIONS),
        (to("missing", 3), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (assigned(3, &[]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (assigned(3, &[&[7]]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (assigned(3, &[&[1], &[1]]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
    ] {
        let asked = format!("{wish:?}");
        assert_eq!(grow(&mut client, vec![wish], false), [expected], "{asked}");
    }
    let twice = grow(&mut client, vec![to("orders", 3), to("orders", 4)], false);
    assert!(twice.contains(&ErrorCode::INVALID_REQUEST), "{twice:?}");
}

#[test]
fn validate_only_adds_nothing() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    assert_eq!(grow(&mut client, vec![to("orders", 3)], true), [ErrorCode::NONE]);
    assert_eq!(grow(&mut client, vec![to("orders", 2)], false), [ErrorCode::NONE]);
}
