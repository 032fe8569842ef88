//! OffsetForLeaderEpoch: where leader epochs end (KIP-320).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks where leader epochs end, to detect truncation.
    message OffsetForLeaderEpochRequest [2..=4, flexible 4] {
        replica_id: i32 [3.., default(-2), ignorable],
        topics: Vec<OffsetForLeaderTopic> [0..],
    }

    /// `topics` of [`OffsetForLeaderEpochRequest`].
    struct OffsetForLeaderTopic {
        topic: String [0..],
        partitions: Vec<OffsetForLeaderPartition> [0..],
    }

    /// `partitions` of [`OffsetForLeaderTopic`].
    struct OffsetForLeaderPartition {
        partition: i32 [0..],
        current_leader_epoch: i32 [2.., default(-1), ignorable],
        leader_epoch: i32 [0..],
    }
}

message! {
    /// Answers [`OffsetForLeaderEpochRequest`].
    message OffsetForLeaderEpochResponse [2..=4, flexible 4] {
        throttle_time_ms: i32 [2.., ignorable],
        topics: Vec<OffsetForLeaderTopicResult> [0..],
    }

    /// `topics` of [`OffsetForLeaderEpochResponse`].
    struct OffsetForLeaderTopicResult {
        topic: String [0..],
        partitions: Vec<EpochEndOffset> [0..],
    }

    /// `partitions` of [`OffsetForLeaderTopicResult`].
    struct EpochEndOffset {
        error_code: ErrorCode [0..],
        partition: i32 [0..],
        leader_epoch: i32 [1.., default(-1), ignorable],
        end_offset: i64 [0.., default(-1)],
    }
}
