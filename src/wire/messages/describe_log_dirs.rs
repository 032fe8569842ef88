//! DescribeLogDirs: sizes of a broker's directories and partitions.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks what a broker keeps on its disks.
    message DescribeLogDirsRequest [1..=4, flexible 2] {
        topics: Option<Vec<DescribableLogDirTopic>> [0.., nullable(0..)],
    }

    /// `topics` of [`DescribeLogDirsRequest`].
    struct DescribableLogDirTopic {
        topic: String [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`DescribeLogDirsRequest`].
    message DescribeLogDirsResponse [1..=4, flexible 2] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [3.., ignorable],
        results: Vec<DescribeLogDirsResult> [0..],
    }

    /// `results` of [`DescribeLogDirsResponse`].
    struct DescribeLogDirsResult {
        error_code: ErrorCode [0..],
        log_dir: String [0..],
        topics: Vec<DescribeLogDirsTopic> [0..],
        total_bytes: i64 [4.., default(-1), ignorable],
        usable_bytes: i64 [4.., default(-1), ignorable],
    }

    /// `topics` of [`DescribeLogDirsResult`].
    struct DescribeLogDirsTopic {
        name: String [0..],
        partitions: Vec<DescribeLogDirsPartition> [0..],
    }

    /// `partitions` of [`DescribeLogDirsTopic`].
    struct DescribeLogDirsPartition {
        partition_index: i32 [0..],
        partition_size: i64 [0..],
        offset_lag: i64 [0..],
        is_future_key: bool [0..],
    }
}
