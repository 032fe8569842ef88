//! DescribeProducers: producers that are active on partitions (KIP-664).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks which producers are active on partitions.
    message DescribeProducersRequest [0..=0, flexible 0] {
        topics: Vec<TopicRequest> [0..],
    }

    /// `topics` of [`DescribeProducersRequest`].
    struct TopicRequest {
        name: String [0..],
        partition_indexes: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`DescribeProducersRequest`].
    message DescribeProducersResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0..],
        topics: Vec<TopicResponse> [0..],
    }

    /// `topics` of [`DescribeProducersResponse`].
    struct TopicResponse {
        name: String [0..],
        partitions: Vec<PartitionResponse> [0..],
    }

    /// `partitions` of [`TopicResponse`].
    struct PartitionResponse {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        active_producers: Vec<ProducerState> [0..],
    }

    /// `active_producers` of [`PartitionResponse`].
    struct ProducerState {
        producer_id: i64 [0..],
        producer_epoch: i32 [0..],
        last_sequence: i32 [0.., default(-1)],
        last_timestamp: i64 [0.., default(-1)],
        coordinator_epoch: i32 [0..],
        current_txn_start_offset: i64 [0.., default(-1)],
    }
}
