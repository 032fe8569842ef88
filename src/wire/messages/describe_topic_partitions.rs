//! DescribeTopicPartitions: topics and partitions, page by page (KIP-966).

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks for topics and their partitions, a page at a time.
    message DescribeTopicPartitionsRequest [0..=0, flexible 0] {
        topics: Vec<TopicRequest> [0..],
        response_partition_limit: i32 [0.., default(2000)],
        cursor: Option<Cursor> [0.., nullable(0..)],
    }

    /// `cursor` of [`DescribeTopicPartitionsRequest`].
    struct Cursor {
        topic_name: String [0..],
        partition_index: i32 [0..],
    }

    /// `topics` of [`DescribeTopicPartitionsRequest`].
    struct TopicRequest {
        name: String [0..],
    }
}

message! {
    /// Answers [`DescribeTopicPartitionsRequest`].
    message DescribeTopicPartitionsResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0.., ignorable],
        topics: Vec<DescribeTopicPartitionsResponseTopic> [0..],
        next_cursor: Option<Cursor> [0.., nullable(0..)],
    }

    /// `topics` of [`DescribeTopicPartitionsResponse`].
    struct DescribeTopicPartitionsResponseTopic {
        error_code: ErrorCode [0..],
        name: Option<String> [0.., nullable(0..)],
        topic_id: Uuid [0.., ignorable],
        is_internal: bool [0.., ignorable],
        partitions: Vec<DescribeTopicPartitionsResponsePartition> [0..],
        topic_authorized_operations: i32 [0.., default(i32::MIN)],
    }

    /// `partitions` of [`DescribeTopicPartitionsResponseTopic`].
    struct DescribeTopicPartitionsResponsePartition {
        error_code: ErrorCode [0..],
        partition_index: i32 [0..],
        leader_id: i32 [0..],
        leader_epoch: i32 [0.., default(-1), ignorable],
        replica_nodes: Vec<i32> [0..],
        isr_nodes: Vec<i32> [0..],
        eligible_leader_replicas: Option<Vec<i32>> [0.., nullable(0..)],
        last_known_elr: Option<Vec<i32>> [0.., nullable(0..)],
        offline_replicas: Vec<i32> [0.., ignorable],
    }
}
