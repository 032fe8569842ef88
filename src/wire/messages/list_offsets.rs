//! ListOffsets: find offsets by time.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks which offset a partition has at a point in time.
    message ListOffsetsRequest [1..=11, flexible 6] {
        replica_id: i32 [0..],
        isolation_level: i8 [2..],
        topics: Vec<ListOffsetsTopic> [0..],
        timeout_ms: i32 [10.., ignorable],
    }

    /// `topics` of [`ListOffsetsRequest`].
    struct ListOffsetsTopic {
        name: String [0..],
        partitions: Vec<ListOffsetsPartition> [0..],
    }

    /// `partitions` of [`ListOffsetsTopic`].
    struct ListOffsetsPartition {
        partition_index: i32 [0..],
        current_leader_epoch: i32 [4.., default(-1), ignorable],
        timestamp: i64 [0..],
    }
}

message! {
    /// Answers [`ListOffsetsRequest`].
    message ListOffsetsResponse [1..=11, flexible 6] {
        throttle_time_ms: i32 [2.., ignorable],
        topics: Vec<ListOffsetsTopicResponse> [0..],
    }

    /// `topics` of [`ListOffsetsResponse`].
    struct ListOffsetsTopicResponse {
        name: String [0..],
        partitions: Vec<ListOffsetsPartitionResponse> [0..],
    }

    /// `partitions` of [`ListOffsetsTopicResponse`].
    struct ListOffsetsPartitionResponse {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
        timestamp: i64 [1.., default(-1)],
        offset: i64 [1.., default(-1)],
        leader_epoch: i32 [4.., default(-1)],
    }
}
