//! OffsetDelete: delete a group's positions for some partitions (KIP-496).

use crate::message;
use crate::wire::error::ErrorCode;
use crate::wire::schema::NEVER;

message! {
    /// Deletes the committed offsets of some partitions.
    message OffsetDeleteRequest [0..=0, flexible NEVER] {
        group_id: String [0..],
        topics: Vec<OffsetDeleteRequestTopic> [0..],
    }

    /// `topics` of [`OffsetDeleteRequest`].
    struct OffsetDeleteRequestTopic {
        name: String [0..],
        partitions: Vec<OffsetDeleteRequestPartition> [0..],
    }

    /// `partitions` of [`OffsetDeleteRequestTopic`].
    struct OffsetDeleteRequestPartition {
        partition_index: i32 [0..],
    }
}

message! {
    /// Answers [`OffsetDeleteRequest`].
    message OffsetDeleteResponse [0..=0, flexible NEVER] {
        error_code: ErrorCode [0..],
        throttle_time_ms: i32 [0.., ignorable],
        topics: Vec<OffsetDeleteResponseTopic> [0..],
    }

    /// `topics` of [`OffsetDeleteResponse`].
    struct OffsetDeleteResponseTopic {
        name: String [0..],
        partitions: Vec<OffsetDeleteResponsePartition> [0..],
    }

    /// `partitions` of [`OffsetDeleteResponseTopic`].
    struct OffsetDeleteResponsePartition {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
