//! DeleteTopics: topics go with all that belongs to them.

use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::delete_topics::{
    DeletableTopicResult, DeleteTopicState, DeleteTopicsRequest,
};
use kf::wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use crate::harness::requests::batch;
use crate::harness::{Client, TestBroker};

fn delete(client: &mut Client, name: Option<&str>, topic_id: Uuid) -> DeletableTopicResult {
    let topics = vec![DeleteTopicState { name: name.map(str::to_owned), topic_id }];
    let request = DeleteTopicsRequest { topics, ..DeleteTopicsRequest::default() };
    client.send(request, 6).responses.remove(0)
}

fn id_of(client: &mut Client, name: &str) -> Uuid {
    let topic = MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    client.send(request, 10).topics[0].topic_id
}

#[test]
fn a_topic_is_deleted_by_name_or_by_id() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.create_topic("flights", 1);
    let id = id_of(&mut client, "flights");
    assert_eq!(delete(&mut client, Some("orders"), Uuid::ZERO).error_code, ErrorCode::NONE);
    let result = delete(&mut client, None, id);
    assert_eq!((result.error_code, result.name.as_deref()), (ErrorCode::NONE, Some("flights")));
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    assert!(client.send(all, 1).topics.is_empty());
}

#[test]
fn what_cannot_be_deleted_is_refused_with_the_codes_of_kafka() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let (id, other) = (id_of(&mut client, "orders"), Uuid([7; 16]));
    for (name, topic_id, expected) in [
        (Some("missing"), Uuid::ZERO, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (None, other, ErrorCode::UNKNOWN_TOPIC_ID),
        (Some("orders"), id, ErrorCode::INVALID_REQUEST),
        (None, Uuid::ZERO, ErrorCode::INVALID_REQUEST),
    ] {
        let result = delete(&mut client, name, topic_id);
        assert_eq!(result.error_code, expected, "{name:?} {topic_id}");
    }
}

#[test]
fn a_broker_can_be_told_not_to_delete_topics() {
    let broker = TestBroker::with(&[("delete.topic.enable", "false")]);
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let result = delete(&mut client, Some("orders"), Uuid::ZERO);
    assert_eq!(result.error_code, ErrorCode::TOPIC_DELETION_DISABLED);
}

#[test]
fn a_topic_created_again_starts_empty() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic_with("orders", 2, &[("retention.ms", "1000")]);
    client.produce_values("orders", 1, &["old"]);
    client.delete_topic("orders");
    let gone = client.produce("orders", 1, batch(&["lost"]));
    assert_eq!(gone.error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    client.create_topic("orders", 2);
    assert_eq!(client.fetch_values("orders", 1, 0), [""; 0]);
    assert_eq!(client.produce_values("orders", 1, &["new"]), 0);
}
