//! A consumer may be there before anybody has created the topic.

use kf::wire::error::ErrorCode;
use kf::wire::messages::fetch::FetchRequest;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kf::wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};

use crate::harness::requests::{FETCH_VERSION, fetch, values};
use crate::harness::{Member, TestBroker};

#[test]
fn a_consumer_that_subscribes_to_a_topic_that_is_not_there_gets_its_first_record() {
    const EARLIEST: i64 = -2;
    let broker = TestBroker::start();
    // Step by step what kafkajs does.
    let mut client = broker.connect();
    let topic = MetadataRequestTopic { name: Some("orders".to_owned()), ..Default::default() };
    let request = MetadataRequest { topics: Some(vec![topic]), ..MetadataRequest::default() };
    let found = client.send(request, 6).topics.remove(0);
    assert_eq!((found.error_code, found.partitions.len()), (ErrorCode::NONE, 1));

    let request = FindCoordinatorRequest { key: "readers".to_owned(), ..Default::default() };
    assert_eq!(client.send(request, 2).error_code, ErrorCode::NONE);
    Member::new(broker.connect(), "readers").join_alone("orders 0");

    let partition = ListOffsetsPartition { timestamp: EARLIEST, ..Default::default() };
    let topics = vec![ListOffsetsTopic { name: "orders".to_owned(), partitions: vec![partition] }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
    assert_eq!(client.send(request, 3).topics[0].partitions[0].offset, 0);

    let request = FetchRequest { max_wait_ms: 60_000, ..fetch("orders", 0, 0) };
    client.write(&request, FETCH_VERSION);
    broker.connect().produce_values("orders", 0, &["the first"]);
    let (_, mut response) = client.read::<FetchRequest>(FETCH_VERSION);
    assert_eq!(values(response.responses.remove(0).partitions.remove(0).records), ["the first"]);
}
