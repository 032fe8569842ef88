//! Records of consumer groups (KIP-848) in `__consumer_offsets`.
//!
//! A key is preceded by the number of its kind, a value by a version, both as an int16.

use bytes::Bytes;

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a group (3).
    message ConsumerGroupMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// A group and its epoch.
    message ConsumerGroupMetadataValue [0..=0, flexible 0] {
        epoch: i32 [0..],
        metadata_hash: i64 [0.., tag(0)],
    }
}

message! {
    /// Key of the partitions of a group's topics (4); written before Kafka 4.1 only.
    message ConsumerGroupPartitionMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The partitions of the topics that a group is subscribed to.
    message ConsumerGroupPartitionMetadataValue [0..=0, flexible 0] {
        topics: Vec<TopicMetadata> [0..],
    }

    /// `topics` of [`ConsumerGroupPartitionMetadataValue`].
    struct TopicMetadata {
        topic_id: Uuid [0..],
        topic_name: String [0..],
        num_partitions: i32 [0..],
        partition_metadata: Vec<PartitionMetadata> [0..],
    }

    /// `partition_metadata` of [`TopicMetadata`].
    struct PartitionMetadata {
        partition: i32 [0..],
        racks: Vec<String> [0..],
    }
}

message! {
    /// Key of a member (5).
    message ConsumerGroupMemberMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// A member and what it is subscribed to.
    message ConsumerGroupMemberMetadataValue [0..=0, flexible 0] {
        instance_id: Option<String> [0.., nullable(0..)],
        rack_id: Option<String> [0.., nullable(0..)],
        client_id: String [0..],
        client_host: String [0..],
        subscribed_topic_names: Vec<String> [0..],
        subscribed_topic_regex: Option<String> [0.., nullable(0..)],
        rebalance_timeout_ms: i32 [0.., default(-1)],
        server_assignor: Option<String> [0.., nullable(0..)],
        classic_member_metadata: Option<ClassicMemberMetadata> [0.., nullable(0..), tag(0)],
    }

    /// `classic_member_metadata` of [`ConsumerGroupMemberMetadataValue`].
    struct ClassicMemberMetadata {
        session_timeout_ms: i32 [0..],
        supported_protocols: Vec<ClassicProtocol> [0..],
    }

    /// `supported_protocols` of [`ClassicMemberMetadata`].
    struct ClassicProtocol {
        name: String [0..],
        metadata: Bytes [0..],
    }
}

message! {
    /// Key of a group's target assignment (6).
    message ConsumerGroupTargetAssignmentMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The epoch of a target assignment.
    message ConsumerGroupTargetAssignmentMetadataValue [0..=0, flexible 0] {
        assignment_epoch: i32 [0..],
    }
}

message! {
    /// Key of what a member is to have (7).
    message ConsumerGroupTargetAssignmentMemberKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// What a member is to have.
    message ConsumerGroupTargetAssignmentMemberValue [0..=0, flexible 0] {
        topic_partitions: Vec<TopicPartition> [0..],
    }

    /// `topic_partitions` of [`ConsumerGroupTargetAssignmentMemberValue`].
    struct TopicPartition {
        topic_id: Uuid [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Key of what a member has (8).
    message ConsumerGroupCurrentMemberAssignmentKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// What a member has, and how far it is on the way to its target.
    message ConsumerGroupCurrentMemberAssignmentValue [0..=0, flexible 0] {
        member_epoch: i32 [0..],
        previous_member_epoch: i32 [0..],
        state: i8 [0..],
        assigned_partitions: Vec<TopicPartitions> [0..],
        partitions_pending_revocation: Vec<TopicPartitions> [0..],
    }

    /// `assigned_partitions` of [`ConsumerGroupCurrentMemberAssignmentValue`].
    struct TopicPartitions {
        topic_id: Uuid [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Key of a subscription by regular expression (16).
    message ConsumerGroupRegularExpressionKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        regular_expression: String [0..=0],
    }
}

message! {
    /// The topics that a regular expression matched.
    message ConsumerGroupRegularExpressionValue [0..=0, flexible 0] {
        topics: Vec<String> [0..],
        version: i64 [0..],
        timestamp: i64 [0..],
    }
}
