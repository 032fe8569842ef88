//! DeleteRecords: partitions start later.

use kf::wire::error::ErrorCode;
use kf::wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;

use crate::harness::{Client, TestBroker};

/// The error, and the offset at which the partition starts.
pub(super) fn delete(
    client: &mut Client,
    topic: &str,
    partition_index: i32,
    offset: i64,
) -> (ErrorCode, i64) {
    let partitions = vec![DeleteRecordsPartition { partition_index, offset }];
    let topics = vec![DeleteRecordsTopic { name: topic.to_owned(), partitions }];
    let request = DeleteRecordsRequest { topics, timeout_ms: 1000 };
    let result = client.send(request, 2).topics.remove(0).partitions.remove(0);
    (result.error_code, result.low_watermark)
}

fn started() -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.produce_values("orders", 0, &["a", "b"]);
    client.produce_values("orders", 0, &["c", "d"]);
    (broker, client)
}

#[test]
fn records_below_the_offset_are_gone() {
    let (_broker, mut client) = started();
    assert_eq!(delete(&mut client, "orders", 0, 2), (ErrorCode::NONE, 2));
    assert_eq!(client.fetch("orders", 0, 1).error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(client.fetch_values("orders", 0, 2), ["c", "d"]);
    assert_eq!(client.fetch("orders", 0, 2).log_start_offset, 2);
    // Deleting less than what is gone already changes nothing.
    assert_eq!(delete(&mut client, "orders", 0, 1), (ErrorCode::NONE, 2));
    // In the middle of a batch.
    assert_eq!(delete(&mut client, "orders", 0, 3), (ErrorCode::NONE, 3));
    assert_eq!(client.fetch("orders", 0, 2).error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(client.fetch("orders", 0, 3).error_code, ErrorCode::NONE);
}

#[test]
fn minus_one_deletes_all_and_the_partition_goes_on() {
    let (_broker, mut client) = started();
    assert_eq!(delete(&mut client, "orders", 0, -1), (ErrorCode::NONE, 4));
    assert_eq!(client.fetch_values("orders", 0, 4), [""; 0]);
    assert_eq!(client.produce_values("orders", 0, &["e"]), 4);
}

#[test]
fn what_cannot_be_deleted_is_refused_with_the_codes_of_kafka() {
    let (_broker, mut client) = started();
    client.create_topic_with("latest", 1, &[("cleanup.policy", "compact")]);
    client.send(FindCoordinatorRequest { key: "g".to_owned(), ..Default::default() }, 2);
    for (topic, partition, offset, expected) in [
        ("orders", 0, 5, ErrorCode::OFFSET_OUT_OF_RANGE),
        ("orders", 0, -2, ErrorCode::OFFSET_OUT_OF_RANGE),
        ("orders", 1, 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ("missing", 0, 0, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ("latest", 0, 0, ErrorCode::POLICY_VIOLATION),
        ("__consumer_offsets", 0, 0, ErrorCode::INVALID_TOPIC_EXCEPTION),
    ] {
        let refused = delete(&mut client, topic, partition, offset);
        assert_eq!(refused, (expected, -1), "{topic} {partition} {offset}");
    }
    assert_eq!(client.fetch_values("orders", 0, 0), ["a", "b", "c", "d"]);
}
