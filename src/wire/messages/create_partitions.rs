//! CreatePartitions: add partitions to topics.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Raises the number of partitions of topics.
    message CreatePartitionsRequest [0..=3, flexible 2] {
        topics: Vec<CreatePartitionsTopic> [0..],
        timeout_ms: i32 [0..],
        validate_only: bool [0..],
    }

    /// `topics` of [`CreatePartitionsRequest`].
    struct CreatePartitionsTopic {
        name: String [0..],
        count: i32 [0..],
        assignments: Option<Vec<CreatePartitionsAssignment>> [0.., nullable(0..)],
    }

    /// `assignments` of [`CreatePartitionsTopic`].
    struct CreatePartitionsAssignment {
        broker_ids: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`CreatePartitionsRequest`].
    message CreatePartitionsResponse [0..=3, flexible 2] {
        throttle_time_ms: i32 [0..],
        results: Vec<CreatePartitionsTopicResult> [0..],
    }

    /// `results` of [`CreatePartitionsResponse`].
    struct CreatePartitionsTopicResult {
        name: String [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
