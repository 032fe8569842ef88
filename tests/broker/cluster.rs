//! DescribeCluster and DescribeTopicPartitions.

use kf::wire::error::ErrorCode;
use kf::wire::messages::describe_cluster::DescribeClusterRequest;
use kf::wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicRequest,
};

use crate::harness::TestBroker;

#[test]
fn the_cluster_has_an_id_a_controller_and_the_broker_that_was_reached() {
    let broker = TestBroker::start();
    let response = broker.connect().send(DescribeClusterRequest::default(), 1);
    let told = &response.brokers[0];
    assert_eq!(format!("{}:{}", told.host, told.port), broker.address().to_string());
    assert_eq!(response.controller_id, told.broker_id);
    assert!(!response.cluster_id.is_empty());
    assert_eq!(response.cluster_authorized_operations, i32::MIN);
}

#[test]
fn a_question_for_controllers_is_one_for_another_listener() {
    let request = DescribeClusterRequest { endpoint_type: 2, ..DescribeClusterRequest::default() };
    let broker = TestBroker::start();
    let response = broker.connect().send(request, 1);
    assert_eq!(response.error_code, ErrorCode::MISMATCHED_ENDPOINT_TYPE);
}

/// Names of topics and the numbers of partitions told about each.
fn told(response: &DescribeTopicPartitionsResponse) -> Vec<(&str, usize)> {
    let told =
        response.topics.iter().map(|t| (t.name.as_deref().unwrap_or(""), t.partitions.len()));
    told.collect()
}

#[test]
fn partitions_come_page_by_page() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("a", 3);
    client.create_topic("b", 2);
    let mut request = DescribeTopicPartitionsRequest {
        response_partition_limit: 2,
        ..DescribeTopicPartitionsRequest::default()
    };
    let first = client.send(request.clone(), 0);
    assert_eq!(told(&first), [("a", 2)]);
    request.cursor = first.next_cursor;
    let second = client.send(request.clone(), 0);
    assert_eq!(told(&second), [("a", 1), ("b", 1)]);
    assert_eq!(second.topics[0].partitions[0].partition_index, 2);
    request.cursor = second.next_cursor;
    let third = client.send(request, 0);
    assert_eq!(told(&third), [("b", 1)]);
    assert_eq!(third.next_cursor, None);
}

#[test]
fn topics_that_do_not_exist_are_told_among_the_others() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("b", 1);
    let topic = |name: &str| TopicRequest { name: name.to_owned() };
    let request = DescribeTopicPartitionsRequest {
        topics: ["c", "b", "not a name"].map(topic).into(),
        ..DescribeTopicPartitionsRequest::default()
    };
    let response = client.send(request, 0);
    let codes: Vec<_> = response.topics.iter().map(|topic| topic.error_code).collect();
    let (unknown, invalid) =
        (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ErrorCode::INVALID_TOPIC_EXCEPTION);
    assert_eq!(told(&response), [("b", 1), ("c", 0), ("not a name", 0)]);
    assert_eq!(codes, [ErrorCode::NONE, unknown, invalid]);
}
