//! ElectLeaders: elect leaders of partitions.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Elects preferred or unclean leaders.
    message ElectLeadersRequest [0..=2, flexible 2] {
        election_type: i8 [1..],
        topic_partitions: Option<Vec<TopicPartitions>> [0.., nullable(0..)],
        timeout_ms: i32 [0.., default(60_000)],
    }

    /// `topic_partitions` of [`ElectLeadersRequest`].
    struct TopicPartitions {
        topic: String [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`ElectLeadersRequest`].
    message ElectLeadersResponse [0..=2, flexible 2] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [1..],
        replica_election_results: Vec<ReplicaElectionResult> [0..],
    }

    /// `replica_election_results` of [`ElectLeadersResponse`].
    struct ReplicaElectionResult {
        topic: String [0..],
        partition_result: Vec<PartitionResult> [0..],
    }

    /// `partition_result` of [`ReplicaElectionResult`].
    struct PartitionResult {
        partition_id: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
