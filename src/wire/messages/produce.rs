//! Produce: append record batches to partitions.

use bytes::Bytes;

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Appends record batches, one per partition.
    message ProduceRequest [3..=13, flexible 9] {
        transactional_id: Option<String> [3.., nullable(3..)],
        acks: i16 [0..],
        timeout_ms: i32 [0..],
        topic_data: Vec<TopicProduceData> [0..],
    }

    /// `topic_data` of [`ProduceRequest`].
    struct TopicProduceData {
        name: String [0..=12, ignorable],
        topic_id: Uuid [13.., ignorable],
        partition_data: Vec<PartitionProduceData> [0..],
    }

    /// `partition_data` of [`TopicProduceData`].
    struct PartitionProduceData {
        index: i32 [0..],
        records: Option<Bytes> [0.., nullable(0..)],
    }
}

message! {
    /// Answers [`ProduceRequest`].
    message ProduceResponse [3..=13, flexible 9] {
        responses: Vec<TopicProduceResponse> [0..],
        throttle_time_ms: i32 [1.., ignorable],
        node_endpoints: Vec<NodeEndpoint> [10.., tag(0)],
    }

    /// `node_endpoints` of [`ProduceResponse`].
    struct NodeEndpoint {
        node_id: i32 [10..],
        host: String [10..],
        port: i32 [10..],
        rack: Option<String> [10.., nullable(10..)],
    }

    /// `responses` of [`ProduceResponse`].
    struct TopicProduceResponse {
        name: String [0..=12, ignorable],
        topic_id: Uuid [13.., ignorable],
        partition_responses: Vec<PartitionProduceResponse> [0..],
    }

    /// `partition_responses` of [`TopicProduceResponse`].
    struct PartitionProduceResponse {
        index: i32 [0..],
        error_code: ErrorCode [0..],
        base_offset: i64 [0..],
        log_append_time_ms: i64 [2.., default(-1), ignorable],
        log_start_offset: i64 [5.., default(-1), ignorable],
        record_errors: Vec<BatchIndexAndErrorMessage> [8.., ignorable],
        error_message: Option<String> [8.., nullable(8..), ignorable],
        current_leader: LeaderIdAndEpoch [10.., tag(0)],
    }

    /// `current_leader` of [`PartitionProduceResponse`].
    struct LeaderIdAndEpoch {
        leader_id: i32 [10.., default(-1)],
        leader_epoch: i32 [10.., default(-1)],
    }

    /// `record_errors` of [`PartitionProduceResponse`].
    struct BatchIndexAndErrorMessage {
        batch_index: i32 [8..],
        batch_index_error_message: Option<String> [8.., nullable(8..)],
    }
}
