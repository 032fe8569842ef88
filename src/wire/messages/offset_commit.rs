//! OffsetCommit: store a group's positions.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Stores the offsets up to which a group has read.
    message OffsetCommitRequest [2..=10, flexible 8] {
        group_id: String [0..],
        generation_id_or_member_epoch: i32 [1.., default(-1), ignorable],
        member_id: String [1.., ignorable],
        group_instance_id: Option<String> [7.., nullable(7..)],
        retention_time_ms: i64 [2..=4, default(-1), ignorable],
        topics: Vec<OffsetCommitRequestTopic> [0..],
    }

    /// `topics` of [`OffsetCommitRequest`].
    struct OffsetCommitRequestTopic {
        name: String [0..=9, ignorable],
        topic_id: Uuid [10.., ignorable],
        partitions: Vec<OffsetCommitRequestPartition> [0..],
    }

    /// `partitions` of [`OffsetCommitRequestTopic`].
    struct OffsetCommitRequestPartition {
        partition_index: i32 [0..],
        committed_offset: i64 [0..],
        committed_leader_epoch: i32 [6.., default(-1), ignorable],
        committed_metadata: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`OffsetCommitRequest`].
    message OffsetCommitResponse [2..=10, flexible 8] {
        throttle_time_ms: i32 [3.., ignorable],
        topics: Vec<OffsetCommitResponseTopic> [0..],
    }

    /// `topics` of [`OffsetCommitResponse`].
    struct OffsetCommitResponseTopic {
        name: String [0..=9, ignorable],
        topic_id: Uuid [10.., ignorable],
        partitions: Vec<OffsetCommitResponsePartition> [0..],
    }

    /// `partitions` of [`OffsetCommitResponseTopic`].
    struct OffsetCommitResponsePartition {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
