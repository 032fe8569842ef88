//! AlterPartitionReassignments: move replicas between brokers (KIP-455).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Starts or cancels the move of replicas.
    message AlterPartitionReassignmentsRequest [0..=1, flexible 0] {
        timeout_ms: i32 [0.., default(60_000)],
        allow_replication_factor_change: bool [1.., default(true)],
        topics: Vec<ReassignableTopic> [0..],
    }

    /// `topics` of [`AlterPartitionReassignmentsRequest`].
    struct ReassignableTopic {
        name: String [0..],
        partitions: Vec<ReassignablePartition> [0..],
    }

    /// `partitions` of [`ReassignableTopic`].
    struct ReassignablePartition {
        partition_index: i32 [0..],
        replicas: Option<Vec<i32>> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`AlterPartitionReassignmentsRequest`].
    message AlterPartitionReassignmentsResponse [0..=1, flexible 0] {
        throttle_time_ms: i32 [0..],
        allow_replication_factor_change: bool [1.., default(true), ignorable],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        responses: Vec<ReassignableTopicResponse> [0..],
    }

    /// `responses` of [`AlterPartitionReassignmentsResponse`].
    struct ReassignableTopicResponse {
        name: String [0..],
        partitions: Vec<ReassignablePartitionResponse> [0..],
    }

    /// `partitions` of [`ReassignableTopicResponse`].
    struct ReassignablePartitionResponse {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
