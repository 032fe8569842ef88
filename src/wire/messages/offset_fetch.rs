//! OffsetFetch: read a group's positions.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks up to which offsets groups have read.
    message OffsetFetchRequest [1..=10, flexible 6] {
        group_id: String [0..=7],
        topics: Option<Vec<OffsetFetchRequestTopic>> [0..=7, nullable(2..=7)],
        groups: Vec<OffsetFetchRequestGroup> [8..],
        require_stable: bool [7..],
    }

    /// `groups` of [`OffsetFetchRequest`].
    struct OffsetFetchRequestGroup {
        group_id: String [8..],
        member_id: Option<String> [9.., nullable(9..), ignorable],
        member_epoch: i32 [9.., default(-1), ignorable],
        topics: Option<Vec<OffsetFetchRequestTopics>> [8.., nullable(8..)],
    }

    /// `topics` of [`OffsetFetchRequestGroup`].
    struct OffsetFetchRequestTopics {
        name: String [8..=9, ignorable],
        topic_id: Uuid [10.., ignorable],
        partition_indexes: Vec<i32> [8..],
    }

    /// `topics` of [`OffsetFetchRequest`].
    struct OffsetFetchRequestTopic {
        name: String [0..=7],
        partition_indexes: Vec<i32> [0..=7],
    }
}

message! {
    /// Answers [`OffsetFetchRequest`].
    message OffsetFetchResponse [1..=10, flexible 6] {
        throttle_time_ms: i32 [3.., ignorable],
        topics: Vec<OffsetFetchResponseTopic> [0..=7],
        error_code: ErrorCode [2..=7, ignorable],
        groups: Vec<OffsetFetchResponseGroup> [8..],
    }

    /// `groups` of [`OffsetFetchResponse`].
    struct OffsetFetchResponseGroup {
        group_id: String [8..],
        topics: Vec<OffsetFetchResponseTopics> [8..],
        error_code: ErrorCode [8..],
    }

    /// `topics` of [`OffsetFetchResponseGroup`].
    struct OffsetFetchResponseTopics {
        name: String [8..=9, ignorable],
        topic_id: Uuid [10.., ignorable],
        partitions: Vec<OffsetFetchResponsePartitions> [8..],
    }

    /// `partitions` of [`OffsetFetchResponseTopics`].
    struct OffsetFetchResponsePartitions {
        partition_index: i32 [8..],
        committed_offset: i64 [8..],
        committed_leader_epoch: i32 [8.., default(-1), ignorable],
        metadata: Option<String> [8.., nullable(8..)],
        error_code: ErrorCode [8..],
    }

    /// `topics` of [`OffsetFetchResponse`].
    struct OffsetFetchResponseTopic {
        name: String [0..=7],
        partitions: Vec<OffsetFetchResponsePartition> [0..=7],
    }

    /// `partitions` of [`OffsetFetchResponseTopic`].
    struct OffsetFetchResponsePartition {
        partition_index: i32 [0..=7],
        committed_offset: i64 [0..=7],
        committed_leader_epoch: i32 [5..=7, default(-1), ignorable],
        metadata: Option<String> [0..=7, nullable(0..=7)],
        error_code: ErrorCode [0..=7],
    }
}
