//! TxnOffsetCommit: store a group's positions in a transaction.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Stores offsets that count once the transaction commits.
    message TxnOffsetCommitRequest [0..=5, flexible 3] {
        transactional_id: String [0..],
        group_id: String [0..],
        producer_id: i64 [0..],
        producer_epoch: i16 [0..],
        generation_id: i32 [3.., default(-1)],
        member_id: String [3..],
        group_instance_id: Option<String> [3.., nullable(3..)],
        topics: Vec<TxnOffsetCommitRequestTopic> [0..],
    }

    /// `topics` of [`TxnOffsetCommitRequest`].
    struct TxnOffsetCommitRequestTopic {
        name: String [0..],
        partitions: Vec<TxnOffsetCommitRequestPartition> [0..],
    }

    /// `partitions` of [`TxnOffsetCommitRequestTopic`].
    struct TxnOffsetCommitRequestPartition {
        partition_index: i32 [0..],
        committed_offset: i64 [0..],
        committed_leader_epoch: i32 [2.., default(-1), ignorable],
        committed_metadata: Option<String> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`TxnOffsetCommitRequest`].
    message TxnOffsetCommitResponse [0..=5, flexible 3] {
        throttle_time_ms: i32 [0..],
        topics: Vec<TxnOffsetCommitResponseTopic> [0..],
    }

    /// `topics` of [`TxnOffsetCommitResponse`].
    struct TxnOffsetCommitResponseTopic {
        name: String [0..],
        partitions: Vec<TxnOffsetCommitResponsePartition> [0..],
    }

    /// `partitions` of [`TxnOffsetCommitResponseTopic`].
    struct TxnOffsetCommitResponsePartition {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
