//! AlterReplicaLogDirs: move replicas between a broker's directories.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Moves replicas to other directories of their broker.
    message AlterReplicaLogDirsRequest [1..=2, flexible 2] {
        dirs: Vec<AlterReplicaLogDir> [0..],
    }

    /// `dirs` of [`AlterReplicaLogDirsRequest`].
    struct AlterReplicaLogDir {
        path: String [0..],
        topics: Vec<AlterReplicaLogDirTopic> [0..],
    }

    /// `topics` of [`AlterReplicaLogDir`].
    struct AlterReplicaLogDirTopic {
        name: String [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`AlterReplicaLogDirsRequest`].
    message AlterReplicaLogDirsResponse [1..=2, flexible 2] {
        throttle_time_ms: i32 [0..],
        results: Vec<AlterReplicaLogDirTopicResult> [0..],
    }

    /// `results` of [`AlterReplicaLogDirsResponse`].
    struct AlterReplicaLogDirTopicResult {
        topic_name: String [0..],
        partitions: Vec<AlterReplicaLogDirPartitionResult> [0..],
    }

    /// `partitions` of [`AlterReplicaLogDirTopicResult`].
    struct AlterReplicaLogDirPartitionResult {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
