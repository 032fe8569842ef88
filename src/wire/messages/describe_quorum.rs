//! DescribeQuorum: state of the metadata quorum (KIP-595).

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks for the leader and the voters of the metadata quorum.
    message DescribeQuorumRequest [0..=2, flexible 0] {
        topics: Vec<TopicData> [0..],
    }

    /// `topics` of [`DescribeQuorumRequest`].
    struct TopicData {
        topic_name: String [0..],
        partitions: Vec<PartitionData> [0..],
    }

    /// `partitions` of [`TopicData`].
    struct PartitionData {
        partition_index: i32 [0..],
    }
}

message! {
    /// Answers [`DescribeQuorumRequest`].
    message DescribeQuorumResponse [0..=2, flexible 0] {
        error_code: ErrorCode [0..],
        error_message: Option<String> [2.., nullable(2..), ignorable],
        topics: Vec<ResponseTopicData> [0..],
        nodes: Vec<Node> [2..],
    }

    /// `nodes` of [`DescribeQuorumResponse`].
    struct Node {
        node_id: i32 [2..],
        listeners: Vec<Listener> [2..],
    }

    /// `listeners` of [`Node`].
    struct Listener {
        name: String [2..],
        host: String [2..],
        port: u16 [2..],
    }

    /// `topics` of [`DescribeQuorumResponse`].
    struct ResponseTopicData {
        topic_name: String [0..],
        partitions: Vec<ResponsePartitionData> [0..],
    }

    /// `partitions` of [`ResponseTopicData`].
    struct ResponsePartitionData {
        partition_index: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [2.., nullable(2..), ignorable],
        leader_id: i32 [0..],
        leader_epoch: i32 [0..],
        high_watermark: i64 [0..],
        current_voters: Vec<ReplicaState> [0..],
        observers: Vec<ReplicaState> [0..],
    }

    /// `current_voters` and `observers` of [`ResponsePartitionData`].
    struct ReplicaState {
        replica_id: i32 [0..],
        replica_directory_id: Uuid [2..],
        log_end_offset: i64 [0..],
        last_fetch_timestamp: i64 [1.., default(-1), ignorable],
        last_caught_up_timestamp: i64 [1.., default(-1), ignorable],
    }
}
