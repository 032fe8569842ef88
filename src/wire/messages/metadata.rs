//! Metadata: brokers, topics, partitions and their leaders.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks where topics live; may create them on the way.
    message MetadataRequest [0..=13, flexible 9] {
        topics: Option<Vec<MetadataRequestTopic>> [0.., nullable(1..)],
        allow_auto_topic_creation: bool [4.., default(true)],
        include_cluster_authorized_operations: bool [8..=10],
        include_topic_authorized_operations: bool [8..],
    }

    /// `topics` of [`MetadataRequest`].
    struct MetadataRequestTopic {
        topic_id: Uuid [10.., ignorable],
        name: Option<String> [0.., nullable(10..)],
    }
}

message! {
    /// Answers [`MetadataRequest`].
    message MetadataResponse [0..=13, flexible 9] {
        throttle_time_ms: i32 [3.., ignorable],
        brokers: Vec<MetadataResponseBroker> [0..],
        cluster_id: Option<String> [2.., nullable(2..), ignorable],
        controller_id: i32 [1.., default(-1), ignorable],
        topics: Vec<MetadataResponseTopic> [0..],
        cluster_authorized_operations: i32 [8..=10, default(i32::MIN)],
        error_code: ErrorCode [13.., ignorable],
    }

    /// `topics` of [`MetadataResponse`].
    struct MetadataResponseTopic {
        error_code: ErrorCode [0..],
        name: Option<String> [0.., nullable(12..)],
        topic_id: Uuid [10.., ignorable],
        is_internal: bool [1.., ignorable],
        partitions: Vec<MetadataResponsePartition> [0..],
        topic_authorized_operations: i32 [8.., default(i32::MIN)],
    }

    /// `partitions` of [`MetadataResponseTopic`].
    struct MetadataResponsePartition {
        error_code: ErrorCode [0..],
        partition_index: i32 [0..],
        leader_id: i32 [0..],
        leader_epoch: i32 [7.., default(-1), ignorable],
        replica_nodes: Vec<i32> [0..],
        isr_nodes: Vec<i32> [0..],
        offline_replicas: Vec<i32> [5.., ignorable],
    }

    /// `brokers` of [`MetadataResponse`].
    struct MetadataResponseBroker {
        node_id: i32 [0..],
        host: String [0..],
        port: i32 [0..],
        rack: Option<String> [1.., nullable(1..), ignorable],
    }
}
