//! CreateTopics: each topic succeeds or fails by itself, with the codes of Kafka's controller.

use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreatableTopicResult,
    CreateTopicsRequest,
};
use kf::wire::messages::metadata::MetadataRequest;

use crate::harness::{Client, TestBroker};

fn topic(name: &str) -> CreatableTopic {
    let name = name.to_owned();
    CreatableTopic { name, num_partitions: 1, replication_factor: 1, ..CreatableTopic::default() }
}

fn with_config(name: &str, value: Option<&str>) -> CreatableTopic {
    let config = CreatableTopicConfig { name: name.to_owned(), value: value.map(str::to_owned) };
    CreatableTopic { configs: vec![config], ..topic("configured") }
}

fn with_assignments(assignments: &[(i32, &[i32])]) -> CreatableTopic {
    let assignment = |(partition_index, broker_ids): &(i32, &[i32])| CreatableReplicaAssignment {
        partition_index: *partition_index,
        broker_ids: broker_ids.to_vec(),
    };
    CreatableTopic {
        num_partitions: -1,
        replication_factor: -1,
        assignments: assignments.iter().map(assignment).collect(),
        ..topic("assigned")
    }
}

fn create(topics: Vec<CreatableTopic>) -> CreateTopicsRequest {
    CreateTopicsRequest { topics, ..CreateTopicsRequest::default() }
}

#[track_caller]
fn create_one(client: &mut Client, topic: CreatableTopic) -> CreatableTopicResult {
    client.send(create(vec![topic]), 7).topics.remove(0)
}

fn count_of_topics(client: &mut Client) -> usize {
    client.send(MetadataRequest { topics: None, ..MetadataRequest::default() }, 1).topics.len()
}

#[test]
fn impossible_topics_are_refused_with_the_codes_of_kafka_and_a_sentence() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("taken", 1);
    client.create_topic("a.b", 1);
    let partitions = |num_partitions| CreatableTopic { num_partitions, ..topic("t") };
    let replicas = |replication_factor| CreatableTopic { replication_factor, ..topic("t") };
    let counted = CreatableTopic { num_partitions: 1, ..with_assignments(&[(0, &[1])]) };
    let replicated = CreatableTopic { replication_factor: 1, ..with_assignments(&[(0, &[1])]) };
    for (refused, expected) in [
        (topic("taken"), ErrorCode::TOPIC_ALREADY_EXISTS),
        (topic("a_b"), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (topic(""), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (topic(".."), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (topic("a b"), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (topic(&"x".repeat(250)), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (partitions(0), ErrorCode::INVALID_PARTITIONS),
        (partitions(-2), ErrorCode::INVALID_PARTITIONS),
        (partitions(1_000_000), ErrorCode::POLICY_VIOLATION),
        (replicas(0), ErrorCode::INVALID_REPLICATION_FACTOR),
        (replicas(-2), ErrorCode::INVALID_REPLICATION_FACTOR),
        (replicas(3), ErrorCode::INVALID_REPLICATION_FACTOR),
        (with_config("retention.ms", Some("soon")), ErrorCode::INVALID_CONFIG),
        (with_config("no.such.config", Some("1")), ErrorCode::INVALID_CONFIG),
        (with_config("retention.ms", None), ErrorCode::INVALID_CONFIG),
        (with_assignments(&[(1, &[1])]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (with_assignments(&[(0, &[1, 1])]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (with_assignments(&[(0, &[7])]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (with_assignments(&[(0, &[])]), ErrorCode::INVALID_REPLICA_ASSIGNMENT),
        (counted, ErrorCode::INVALID_REQUEST),
        (replicated, ErrorCode::INVALID_REQUEST),
    ] {
        let asked = format!("{refused:?}");
        let result = create_one(&mut client, refused);
        assert_eq!(result.error_code, expected, "{asked}");
        assert!(result.error_message.is_some_and(|sentence| !sentence.is_empty()), "{asked}");
    }
    assert_eq!(count_of_topics(&mut client), 2);
}

#[test]
fn a_name_twice_in_one_request_is_refused_and_the_others_are_created() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let response = client.send(create(vec![topic("twice"), topic("once"), topic("twice")]), 5);
    let mut results: Vec<_> =
        response.topics.iter().map(|topic| (&*topic.name, topic.error_code)).collect();
    results.sort();
    assert_eq!(results, [("once", ErrorCode::NONE), ("twice", ErrorCode::INVALID_REQUEST)]);
    assert_eq!(count_of_topics(&mut client), 1);
}

#[test]
fn minus_one_stands_for_the_defaults_of_the_broker() {
    let broker = TestBroker::with(&[("num.partitions", "4")]);
    let mut client = broker.connect();
    let defaults = CreatableTopic { num_partitions: -1, replication_factor: -1, ..topic("orders") };
    let result = create_one(&mut client, defaults);
    assert_eq!(result.error_code, ErrorCode::NONE);
    assert_eq!((result.num_partitions, result.replication_factor), (4, 1));
    assert_ne!(result.topic_id, Uuid::ZERO);
}

#[test]
fn brokers_may_be_assigned_by_hand() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let result = create_one(&mut client, with_assignments(&[(1, &[1]), (0, &[1])]));
    assert_eq!((result.error_code, result.num_partitions), (ErrorCode::NONE, 2));
}

#[test]
fn validate_only_says_what_would_happen_and_creates_nothing() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("taken", 1);
    let request =
        CreateTopicsRequest { validate_only: true, ..create(vec![topic("free"), topic("taken")]) };
    let response = client.send(request, 5);
    let mut results: Vec<_> =
        response.topics.iter().map(|topic| (&*topic.name, topic.error_code)).collect();
    results.sort();
    let exists = ErrorCode::TOPIC_ALREADY_EXISTS;
    assert_eq!(results, [("free", ErrorCode::NONE), ("taken", exists)]);
    assert_eq!(count_of_topics(&mut client), 1);
}

#[test]
fn the_answer_tells_the_effective_configs_in_order() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let result = create_one(&mut client, with_config("retention.ms", Some("1000")));
    let configs = result.configs.expect("configs");
    assert!(configs.is_sorted_by(|a, b| a.name < b.name));
    let find = |name: &str| configs.iter().find(|config| config.name == name).expect("a config");
    let set = find("retention.ms");
    assert_eq!((set.value.as_deref(), set.config_source), (Some("1000"), 1));
    let unset = find("cleanup.policy");
    assert_eq!((unset.value.as_deref(), unset.config_source), (Some("delete"), 5));
}
