//! CreateTopics: create topics.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Creates topics with partitions and configs.
    message CreateTopicsRequest [2..=7, flexible 5] {
        topics: Vec<CreatableTopic> [0..],
        timeout_ms: i32 [0.., default(60_000)],
        validate_only: bool [1..],
    }

    /// `topics` of [`CreateTopicsRequest`].
    struct CreatableTopic {
        name: String [0..],
        num_partitions: i32 [0..],
        replication_factor: i16 [0..],
        assignments: Vec<CreatableReplicaAssignment> [0..],
        configs: Vec<CreatableTopicConfig> [0..],
    }

    /// `configs` of [`CreatableTopic`].
    struct CreatableTopicConfig {
        name: String [0..],
        value: Option<String> [0.., nullable(0..)],
    }

    /// `assignments` of [`CreatableTopic`].
    struct CreatableReplicaAssignment {
        partition_index: i32 [0..],
        broker_ids: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`CreateTopicsRequest`].
    message CreateTopicsResponse [2..=7, flexible 5] {
        throttle_time_ms: i32 [2.., ignorable],
        topics: Vec<CreatableTopicResult> [0..],
    }

    /// `topics` of [`CreateTopicsResponse`].
    struct CreatableTopicResult {
        name: String [0..],
        topic_id: Uuid [7.., ignorable],
        error_code: ErrorCode [0..],
        error_message: Option<String> [1.., nullable(0..), ignorable],
        topic_config_error_code: ErrorCode [5.., tag(0), ignorable],
        num_partitions: i32 [5.., default(-1), ignorable],
        replication_factor: i16 [5.., default(-1), ignorable],
        configs: Option<Vec<CreatableTopicConfigs>> [5.., nullable(5..), ignorable],
    }

    /// `configs` of [`CreatableTopicResult`].
    struct CreatableTopicConfigs {
        name: String [5..],
        value: Option<String> [5.., nullable(5..)],
        read_only: bool [5..],
        config_source: i8 [5.., default(-1), ignorable],
        is_sensitive: bool [5..],
    }
}
