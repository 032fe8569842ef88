//! OffsetCommit, OffsetFetch and OffsetDelete: where groups are.

use bytes::BytesMut;
use kf::wire::error::ErrorCode;
use kf::wire::messages::consumer_protocol::ConsumerProtocolSubscription;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kf::wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use kf::wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
};
use kf::wire::schema::Message;

use crate::harness::{Client, Member, TestBroker};

/// Offset, leader epoch, metadata and error of one partition.
type Position = (i64, i32, Option<String>, ErrorCode);

fn nowhere() -> Position {
    (-1, -1, Some(String::new()), ErrorCode::NONE)
}

fn started() -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 2);
    let request = FindCoordinatorRequest { key: "readers".to_owned(), ..Default::default() };
    client.send(request, 2);
    (broker, client)
}

/// What a client that is no member commits: an admin, or a consumer that assigns itself.
fn commit_request(topic: &str, partition: i32, offset: i64) -> OffsetCommitRequest {
    OffsetCommitRequest {
        group_id: "readers".to_owned(),
        topics: vec![OffsetCommitRequestTopic {
            name: topic.to_owned(),
            partitions: vec![OffsetCommitRequestPartition {
                partition_index: partition,
                committed_offset: offset,
                committed_metadata: Some("where I am".to_owned()),
                ..Default::default()
            }],
            ..Default::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

fn commit(client: &mut Client, request: OffsetCommitRequest, version: i16) -> ErrorCode {
    client.send(request, version).topics.remove(0).partitions.remove(0).error_code
}

fn position(client: &mut Client, topic: &str, partition: i32) -> Position {
    let topics = vec![OffsetFetchRequestTopic {
        name: topic.to_owned(),
        partition_indexes: vec![partition],
    }];
    let request = OffsetFetchRequest {
        group_id: "readers".to_owned(),
        topics: Some(topics),
        ..OffsetFetchRequest::default()
    };
    let told = client.send(request, 7).topics.remove(0).partitions.remove(0);
    (told.committed_offset, told.committed_leader_epoch, told.metadata, told.error_code)
}

fn delete_offset(client: &mut Client, group: &str, topic: &str) -> (ErrorCode, Option<ErrorCode>) {
    let partitions = vec![OffsetDeleteRequestPartition { partition_index: 0 }];
    let topics = vec![OffsetDeleteRequestTopic { name: topic.to_owned(), partitions }];
    let request = OffsetDeleteRequest { group_id: group.to_owned(), topics };
    let response = client.send(request, 0);
    let partition = response.topics.first().map(|topic| topic.partitions[0].error_code);
    (response.error_code, partition)
}

#[test]
fn every_version_of_commit_is_read_by_every_version_of_fetch() {
    let (_broker, mut client) = started();
    for (offset, version) in (10..).zip(2..=9) {
        let code = commit(&mut client, commit_request("orders", 0, offset), version);
        assert_eq!(code, ErrorCode::NONE, "{version}");
        assert_eq!(position(&mut client, "orders", 0).0, offset);
    }
    for version in 1..=7 {
        let topics = vec![OffsetFetchRequestTopic {
            name: "orders".to_owned(),
            partition_indexes: vec![0, 1],
        }];
        let request = OffsetFetchRequest {
            group_id: "readers".to_owned(),
            topics: Some(topics),
            ..OffsetFetchRequest::default()
        };
        let response = client.send(request, version);
        let told: Vec<_> = response.topics[0]
            .partitions
            .iter()
            .map(|p| (p.committed_offset, p.error_code))
            .collect();
        assert_eq!(told, [(17, ErrorCode::NONE), (-1, ErrorCode::NONE)], "{version}");
    }
    for version in 8..=9 {
        let group = |group: &str| OffsetFetchRequestGroup {
            group_id: group.to_owned(),
            topics: Some(vec![OffsetFetchRequestTopics {
                name: "orders".to_owned(),
                partition_indexes: vec![0],
                ..Default::default()
            }]),
            ..Default::default()
        };
        let request = OffsetFetchRequest {
            groups: vec![group("readers"), group("others")],
            ..OffsetFetchRequest::default()
        };
        let told: Vec<_> = (client.send(request, version).groups.iter())
            .map(|group| group.topics[0].partitions[0].committed_offset)
            .collect();
        assert_eq!(told, [17, -1], "{version}");
    }
}

#[test]
fn offset_epoch_and_metadata_come_back_and_nothing_is_no_error() {
    let (_broker, mut client) = started();
    assert_eq!(position(&mut client, "orders", 0), nowhere());
    let mut request = commit_request("orders", 0, 5);
    request.topics[0].partitions[0].committed_leader_epoch = 3;
    assert_eq!(commit(&mut client, request, 6), ErrorCode::NONE);
    let expected = (5, 3, Some("where I am".to_owned()), ErrorCode::NONE);
    assert_eq!(position(&mut client, "orders", 0), expected);
    assert_eq!(position(&mut client, "orders", 1), nowhere());
    assert_eq!(position(&mut client, "missing", 0), nowhere());
}

#[test]
fn null_topics_ask_for_all_that_a_group_has_committed() {
    let (_broker, mut client) = started();
    for partition in 0..2 {
        commit(&mut client, commit_request("orders", partition, 5), 7);
    }
    let request = OffsetFetchRequest { group_id: "readers".to_owned(), ..Default::default() };
    let told = client.send(request, 2).topics;
    assert_eq!((told.len(), told[0].partitions.len()), (1, 2));
}

#[test]
fn commits_that_cannot_be_are_refused_and_the_others_stored() {
    let (_broker, mut client) = started();
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    assert_eq!(commit(&mut client, commit_request("missing", 0, 1), 7), unknown);
    assert_eq!(commit(&mut client, commit_request("orders", 2, 1), 7), unknown);
    let mut talkative = commit_request("orders", 0, 1);
    talkative.topics[0].partitions[0].committed_metadata = Some("x".repeat(4097));
    let too_large = ErrorCode::OFFSET_METADATA_TOO_LARGE;
    assert_eq!(commit(&mut client, talkative, 7), too_large);
    let mut both = commit_request("orders", 0, 7);
    both.topics.extend(commit_request("missing", 0, 7).topics);
    client.send(both, 7);
    assert_eq!(position(&mut client, "orders", 0).0, 7);
}

#[test]
fn only_members_commit_for_a_group_that_has_some() {
    let (broker, mut client) = started();
    let mut member = Member::new(broker.connect(), "readers");
    member.join_alone("all");
    assert_eq!(member.commit("orders", 4), ErrorCode::NONE);
    let stranger = commit(&mut client, commit_request("orders", 0, 9), 7);
    assert_eq!(stranger, ErrorCode::UNKNOWN_MEMBER_ID);
    member.generation += 1;
    assert_eq!(member.commit("orders", 9), ErrorCode::ILLEGAL_GENERATION);
    member.generation -= 1;

    let mut other = Member::new(broker.connect(), "readers");
    other.ask_to_join();
    member.wait_for_rebalance();
    // The member may still say how far it came before it joins again.
    assert_eq!(member.commit("orders", 5), ErrorCode::NONE);
    member.join();
    other.joined();
    assert_eq!(member.commit("orders", 9), ErrorCode::REBALANCE_IN_PROGRESS);
    assert_eq!(position(&mut client, "orders", 0).0, 5);
}

#[test]
fn offsets_of_topics_that_nobody_subscribes_to_are_deleted() {
    let (broker, mut client) = started();
    client.create_topic("flights", 1);
    commit(&mut client, commit_request("orders", 0, 1), 7);
    commit(&mut client, commit_request("flights", 0, 1), 7);
    let mut member = Member::new(broker.connect(), "readers");
    let subscription = ConsumerProtocolSubscription {
        topics: vec!["orders".to_owned()],
        ..ConsumerProtocolSubscription::default()
    };
    let mut metadata = BytesMut::from(&0i16.to_be_bytes()[..]);
    metadata.extend_from_slice(&subscription.to_bytes(0).unwrap());
    member.metadata = metadata.freeze();
    member.join_alone("all");
    let (none, subscribed) = (ErrorCode::NONE, ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC);
    assert_eq!(delete_offset(&mut client, "readers", "orders"), (none, Some(subscribed)));
    assert_eq!(delete_offset(&mut client, "readers", "flights"), (none, Some(none)));
    assert_eq!(position(&mut client, "flights", 0), nowhere());
    assert_eq!(position(&mut client, "orders", 0).0, 1);
    let missing = delete_offset(&mut client, "missing", "orders");
    assert_eq!(missing.0, ErrorCode::GROUP_ID_NOT_FOUND);
}

#[test]
fn a_deleted_topic_takes_the_offsets_of_its_readers_with_it() {
    let (_broker, mut client) = started();
    commit(&mut client, commit_request("orders", 0, 5), 7);
    client.delete_topic("orders");
    client.create_topic("orders", 1);
    assert_eq!(position(&mut client, "orders", 0), nowhere());
}
