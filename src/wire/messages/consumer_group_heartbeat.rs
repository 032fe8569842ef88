//! ConsumerGroupHeartbeat: membership in a group of the consumer protocol (KIP-848).

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Joins, stays in or leaves a group of the consumer protocol.
    message ConsumerGroupHeartbeatRequest [0..=1, flexible 0] {
        group_id: String [0..],
        member_id: String [0..],
        member_epoch: i32 [0..],
        instance_id: Option<String> [0.., nullable(0..)],
        rack_id: Option<String> [0.., nullable(0..)],
        rebalance_timeout_ms: i32 [0.., default(-1)],
        subscribed_topic_names: Option<Vec<String>> [0.., nullable(0..)],
        subscribed_topic_regex: Option<String> [1.., nullable(1..)],
        server_assignor: Option<String> [0.., nullable(0..)],
        topic_partitions: Option<Vec<TopicPartitions>> [0.., nullable(0..)],
    }

    /// `topic_partitions` of [`ConsumerGroupHeartbeatRequest`].
    struct TopicPartitions {
        topic_id: Uuid [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Answers [`ConsumerGroupHeartbeatRequest`].
    message ConsumerGroupHeartbeatResponse [0..=1, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        member_id: Option<String> [0.., nullable(0..)],
        member_epoch: i32 [0..],
        heartbeat_interval_ms: i32 [0..],
        assignment: Option<Assignment> [0.., nullable(0..)],
    }

    /// `assignment` of [`ConsumerGroupHeartbeatResponse`].
    struct Assignment {
        topic_partitions: Vec<TopicPartitions> [0..],
    }
}
