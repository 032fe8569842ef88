//! ListOffsets: offsets by time, and the times that stand for places.

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsTopic,
};
use kf::wire::records::{BatchBuilder, Compression};

use super::delete_records::delete;
use crate::harness::{Client, TestBroker};

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

fn ask(client: &mut Client, version: i16, timestamp: i64) -> ListOffsetsPartitionResponse {
    ask_about(client, version, ("orders", 0), timestamp, -1)
}

fn ask_about(
    client: &mut Client,
    version: i16,
    (topic, partition_index): (&str, i32),
    timestamp: i64,
    current_leader_epoch: i32,
) -> ListOffsetsPartitionResponse {
    let partition = ListOffsetsPartition { partition_index, current_leader_epoch, timestamp };
    let topics = vec![ListOffsetsTopic { name: topic.to_owned(), partitions: vec![partition] }];
    let request = ListOffsetsRequest { replica_id: -1, topics, ..ListOffsetsRequest::default() };
    client.send(request, version).topics.remove(0).partitions.remove(0)
}

/// What is told: the error, the offset and the timestamp.
fn told(response: &ListOffsetsPartitionResponse) -> (ErrorCode, i64, i64) {
    (response.error_code, response.offset, response.timestamp)
}

fn stamped(compression: Compression, timestamps: &[i64]) -> Bytes {
    let mut builder = BatchBuilder::new(compression);
    for timestamp in timestamps {
        builder.append(*timestamp, None, Some(b"value"), &[]);
    }
    builder.build().expect("a batch")
}

/// A topic whose records have the timestamps 1000, 3000, 2000, 5000, 5000, 4000.
fn started(compression: Compression) -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for timestamps in [&[1000, 3000][..], &[2000, 5000, 5000], &[4000]] {
        let response = client.produce("orders", 0, stamped(compression, timestamps));
        assert_eq!(response.error_code, ErrorCode::NONE);
    }
    (broker, client)
}

#[test]
fn a_time_gives_the_first_record_that_is_not_older() {
    for compression in Compression::ALL {
        let (_broker, mut client) = started(compression);
        for (time, offset, timestamp) in
            [(0, 0, 1000), (1000, 0, 1000), (1001, 1, 3000), (3001, 3, 5000), (5000, 3, 5000)]
        {
            let found = ask(&mut client, 7, time);
            assert_eq!(told(&found), (ErrorCode::NONE, offset, timestamp), "{compression} {time}");
        }
        assert_eq!(told(&ask(&mut client, 7, 5001)), (ErrorCode::NONE, -1, -1), "{compression}");
    }
}

#[test]
fn negative_times_stand_for_places() {
    let (_broker, mut client) = started(Compression::None);
    for version in 1..=11 {
        assert_eq!(told(&ask(&mut client, version, LATEST)), (ErrorCode::NONE, 6, -1));
        assert_eq!(told(&ask(&mut client, version, EARLIEST)), (ErrorCode::NONE, 0, -1));
    }
    for (since, time, offset, timestamp) in [
        (7, MAX_TIMESTAMP, 3, 5000),
        (8, EARLIEST_LOCAL, 0, -1),
        (9, LATEST_TIERED, -1, -1),
        (11, EARLIEST_PENDING_UPLOAD, 0, -1),
    ] {
        let found = ask(&mut client, 11, time);
        assert_eq!(told(&found), (ErrorCode::NONE, offset, timestamp), "{time}");
        let too_early = ask(&mut client, since - 1, time);
        assert_eq!(told(&too_early), (ErrorCode::UNSUPPORTED_VERSION, -1, -1), "{time}");
    }
    assert_eq!(ask(&mut client, 11, -7).error_code, ErrorCode::UNSUPPORTED_VERSION);
}

#[test]
fn the_largest_timestamp_is_that_of_a_record_which_is_still_there() {
    for compression in Compression::ALL {
        let (_broker, mut client) = started(compression);
        for (start, offset, timestamp) in [(1, 3, 5000), (4, 4, 5000), (5, 5, 4000), (6, -1, -1)] {
            assert_eq!(delete(&mut client, "orders", 0, start), (ErrorCode::NONE, start));
            let found = ask(&mut client, 7, MAX_TIMESTAMP);
            assert_eq!(told(&found), (ErrorCode::NONE, offset, timestamp), "{compression} {start}");
        }
    }
}

#[test]
fn an_empty_partition_starts_and_ends_at_zero_and_has_no_times() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    assert_eq!(told(&ask(&mut client, 7, LATEST)), (ErrorCode::NONE, 0, -1));
    assert_eq!(told(&ask(&mut client, 7, EARLIEST)), (ErrorCode::NONE, 0, -1));
    assert_eq!(told(&ask(&mut client, 7, MAX_TIMESTAMP)), (ErrorCode::NONE, -1, -1));
    assert_eq!(told(&ask(&mut client, 7, 0)), (ErrorCode::NONE, -1, -1));
}

#[test]
fn the_leader_epoch_is_told_from_version_4_on() {
    let (_broker, mut client) = started(Compression::None);
    for time in [LATEST, EARLIEST, 3000] {
        assert_eq!(ask(&mut client, 4, time).leader_epoch, 0, "{time}");
    }
    client.create_topic("empty", 1);
    let end = ask_about(&mut client, 4, ("empty", 0), LATEST, -1);
    assert_eq!(end.leader_epoch, 0, "the end is in the current epoch, even if it has no record");
}

#[test]
fn what_does_not_exist_and_who_is_ahead_are_told() {
    let (_broker, mut client) = started(Compression::None);
    for place in [("missing", 0), ("orders", 1), ("orders", -1)] {
        let missing = ask_about(&mut client, 4, place, LATEST, -1);
        let expected = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, -1, -1);
        assert_eq!(told(&missing), expected, "{place:?}");
    }
    let ahead = ask_about(&mut client, 4, ("orders", 0), LATEST, 1);
    assert_eq!(ahead.error_code, ErrorCode::UNKNOWN_LEADER_EPOCH);
    let current = ask_about(&mut client, 4, ("orders", 0), LATEST, 0);
    assert_eq!(current.error_code, ErrorCode::NONE);
}
