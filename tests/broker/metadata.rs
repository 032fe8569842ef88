//! Metadata: where everything is, and the topics that come into being by being asked for.

use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic,
};

use crate::harness::{Client, TestBroker};

fn by_name(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.to_owned()), ..MetadataRequestTopic::default() }
}

fn by_id(topic_id: Uuid) -> MetadataRequestTopic {
    MetadataRequestTopic { topic_id, name: None }
}

fn about(topics: Vec<MetadataRequestTopic>) -> MetadataRequest {
    MetadataRequest { topics: Some(topics), ..MetadataRequest::default() }
}

fn names(response: &MetadataResponse) -> Vec<&str> {
    response.topics.iter().filter_map(|topic| topic.name.as_deref()).collect()
}

/// Asks for one topic by name.
#[track_caller]
fn topic(client: &mut Client, name: &str, version: i16) -> MetadataResponseTopic {
    client.send(about(vec![by_name(name)]), version).topics.remove(0)
}

#[test]
fn null_asks_for_all_topics_and_an_empty_list_for_none_but_at_version_0() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.create_topic("flights", 1);
    assert_eq!(names(&client.send(about(Vec::new()), 0)), ["flights", "orders"]);
    for version in 1..=13 {
        let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
        assert_eq!(names(&client.send(all, version)), ["flights", "orders"], "{version}");
        assert_eq!(names(&client.send(about(Vec::new()), version)), [""; 0], "{version}");
    }
}

#[test]
fn a_topic_that_is_asked_for_is_there_in_the_answer() {
    let broker = TestBroker::with(&[("num.partitions", "3")]);
    let mut client = broker.connect();
    let created = topic(&mut client, "orders", 1);
    assert_eq!((created.error_code, created.partitions.len()), (ErrorCode::NONE, 3));
    for partition in &created.partitions {
        assert_eq!(partition.error_code, ErrorCode::NONE);
        assert_eq!((partition.leader_id, &partition.isr_nodes[..]), (1, &[1][..]));
    }
    // And not only there: it can be used at once.
    assert_eq!(client.produce_values("orders", 2, &["first"]), 0);
}

#[test]
fn no_topic_comes_into_being_unless_broker_and_client_allow_it() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let mut request = about(vec![by_name("orders")]);
    request.allow_auto_topic_creation = false;
    let response = client.send(request, 4);
    assert_eq!(response.topics[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(response.topics[0].name.as_deref(), Some("orders"));

    let strict = TestBroker::with(&[("auto.create.topics.enable", "false")]);
    let missing = topic(&mut strict.connect(), "orders", 4);
    assert_eq!(missing.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
}

#[test]
fn impossible_names_are_named_as_such_and_the_other_topics_answered() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let names = ["", ".", "..", "a b", "a/b", &"x".repeat(250), "fine"];
    let response = client.send(about(names.map(by_name).into()), 4);
    let codes: Vec<_> = response.topics.iter().map(|topic| topic.error_code).collect();
    assert_eq!(codes[..6], [ErrorCode::INVALID_TOPIC_EXCEPTION; 6]);
    assert_eq!(codes[6], ErrorCode::NONE);
}

#[test]
fn a_name_that_collides_with_another_one_is_not_created() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("a.b", 1);
    assert!(topic(&mut client, "a_b", 4).error_code.is_error());
}

#[test]
fn topics_have_ids_by_which_they_are_found_and_a_new_one_when_created_again() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let first = topic(&mut client, "orders", 10).topic_id;
    assert_ne!(first, Uuid::ZERO);
    for version in 12..=13 {
        let found = client.send(about(vec![by_id(first)]), version).topics.remove(0);
        assert_eq!((found.error_code, found.name.as_deref()), (ErrorCode::NONE, Some("orders")));
    }
    client.delete_topic("orders");
    assert_ne!(topic(&mut client, "orders", 10).topic_id, first);
    let gone = client.send(about(vec![by_id(first)]), 12).topics.remove(0);
    assert_eq!(gone.error_code, ErrorCode::UNKNOWN_TOPIC_ID);
    assert_eq!((gone.name, gone.topic_id), (None, first));
}

#[test]
fn clients_are_told_the_address_that_they_reached() {
    let broker = TestBroker::start();
    let response = broker.connect().send(about(Vec::new()), 9);
    let told = &response.brokers[0];
    assert_eq!(format!("{}:{}", told.host, told.port), broker.address().to_string());
    assert_eq!(response.controller_id, told.node_id, "the controller must be among the brokers");
}

#[test]
fn advertised_listeners_win_over_the_address_that_was_reached() {
    let broker = TestBroker::with(&[("advertised.listeners", "PLAINTEXT://kafka.example:1234")]);
    let response = broker.connect().send(about(Vec::new()), 9);
    assert_eq!((&*response.brokers[0].host, response.brokers[0].port), ("kafka.example", 1234));
}

#[test]
fn authorized_operations_are_told_to_those_who_ask() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for version in 8..=10 {
        let mut request = about(vec![by_name("orders")]);
        let silent = client.send(request.clone(), version);
        assert_eq!(silent.cluster_authorized_operations, i32::MIN);
        assert_eq!(silent.topics[0].topic_authorized_operations, i32::MIN);
        request.include_cluster_authorized_operations = true;
        request.include_topic_authorized_operations = true;
        let told = client.send(request, version);
        // Read is the bit 3, and a topic has it; Create is the bit 5, and the cluster has it.
        assert_eq!(told.topics[0].topic_authorized_operations & 1 << 3, 1 << 3);
        assert_eq!(told.cluster_authorized_operations & 1 << 5, 1 << 5);
    }
}

#[test]
fn leader_epochs_are_told_from_version_7_on() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    assert_eq!(topic(&mut client, "orders", 7).partitions[0].leader_epoch, 0);
}
