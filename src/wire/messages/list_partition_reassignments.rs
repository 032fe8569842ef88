//! ListPartitionReassignments: moves of replicas under way (KIP-455).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Lists the moves of replicas that are under way.
    message ListPartitionReassignmentsRequest [0..=0, flexible 0] {
        timeout_ms: i32 [0.., default(60_000)],
        topics: Option<Vec<ListPartitionReassignmentsTopics>> [0.., nullable(0..)],
    }

    /// `topics` of [`ListPartitionReassignmentsRequest`].
    struct ListPartitionReassignmentsTopics {
        name: String [0..],
        partition_indexes: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`ListPartitionReassignmentsRequest`].
    message ListPartitionReassignmentsResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        topics: Vec<OngoingTopicReassignment> [0..],
    }

    /// `topics` of [`ListPartitionReassignmentsResponse`].
    struct OngoingTopicReassignment {
        name: String [0..],
        partitions: Vec<OngoingPartitionReassignment> [0..],
    }

    /// `partitions` of [`OngoingTopicReassignment`].
    struct OngoingPartitionReassignment {
        partition_index: i32 [0..],
        replicas: Vec<i32> [0..],
        adding_replicas: Vec<i32> [0..],
        removing_replicas: Vec<i32> [0..],
    }
}
