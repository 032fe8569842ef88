//! The consumer's own messages inside JoinGroup and SyncGroup.
//!
//! Each is preceded by its version as an int16.

use bytes::Bytes;

use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// What a consumer subscribes to.
    message ConsumerProtocolSubscription [0..=3, flexible NEVER] {
        topics: Vec<String> [0..],
        user_data: Option<Bytes> [0.., nullable(0..)],
        owned_partitions: Vec<TopicPartition> [1.., ignorable],
        generation_id: i32 [2.., default(-1), ignorable],
        rack_id: Option<String> [3.., nullable(3..), ignorable],
    }

    /// `owned_partitions` of [`ConsumerProtocolSubscription`].
    struct TopicPartition {
        topic: String [1..],
        partitions: Vec<i32> [1..],
    }
}

message! {
    /// Which partitions a consumer is given.
    message ConsumerProtocolAssignment [0..=3, flexible NEVER] {
        assigned_partitions: Vec<ConsumerProtocolAssignmentTopicPartition> [0..],
        user_data: Option<Bytes> [0.., nullable(0..)],
    }

    /// `assigned_partitions` of [`ConsumerProtocolAssignment`].
    struct ConsumerProtocolAssignmentTopicPartition {
        topic: String [0..],
        partitions: Vec<i32> [0..],
    }
}
