//! DeleteRecords: move the start of partitions forward.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Deletes all records below given offsets.
    message DeleteRecordsRequest [0..=2, flexible 2] {
        topics: Vec<DeleteRecordsTopic> [0..],
        timeout_ms: i32 [0..],
    }

    /// `topics` of [`DeleteRecordsRequest`].
    struct DeleteRecordsTopic {
        name: String [0..],
        partitions: Vec<DeleteRecordsPartition> [0..],
    }

    /// `partitions` of [`DeleteRecordsTopic`].
    struct DeleteRecordsPartition {
        partition_index: i32 [0..],
        offset: i64 [0..],
    }
}

message! {
    /// Answers [`DeleteRecordsRequest`].
    message DeleteRecordsResponse [0..=2, flexible 2] {
        throttle_time_ms: i32 [0..],
        topics: Vec<DeleteRecordsTopicResult> [0..],
    }

    /// `topics` of [`DeleteRecordsResponse`].
    struct DeleteRecordsTopicResult {
        name: String [0..],
        partitions: Vec<DeleteRecordsPartitionResult> [0..],
    }

    /// `partitions` of [`DeleteRecordsTopicResult`].
    struct DeleteRecordsPartitionResult {
        partition_index: i32 [0..],
        low_watermark: i64 [0..],
        error_code: ErrorCode [0..],
    }
}
