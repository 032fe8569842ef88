//! Records of share groups (KIP-932) in `__consumer_offsets`.
//!
//! A key is preceded by the number of its kind, a value by a version, both as an int16.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a member (10).
    message ShareGroupMemberMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// A member and what it is subscribed to.
    message ShareGroupMemberMetadataValue [0..=0, flexible 0] {
        rack_id: Option<String> [0.., nullable(0..)],
        client_id: String [0..],
        client_host: String [0..],
        subscribed_topic_names: Vec<String> [0..],
    }
}

message! {
    /// Key of a group (11).
    message ShareGroupMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// A group and its epoch.
    message ShareGroupMetadataValue [0..=0, flexible 0] {
        epoch: i32 [0..],
        metadata_hash: i64 [0..],
    }
}

message! {
    /// Key of a group's target assignment (12).
    message ShareGroupTargetAssignmentMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The epoch of a target assignment.
    message ShareGroupTargetAssignmentMetadataValue [0..=0, flexible 0] {
        assignment_epoch: i32 [0..],
    }
}

message! {
    /// Key of what a member is to have (13).
    message ShareGroupTargetAssignmentMemberKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// What a member is to have.
    message ShareGroupTargetAssignmentMemberValue [0..=0, flexible 0] {
        topic_partitions: Vec<TopicPartition> [0..],
    }

    /// `topic_partitions` of [`ShareGroupTargetAssignmentMemberValue`].
    struct TopicPartition {
        topic_id: Uuid [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Key of what a member has (14).
    message ShareGroupCurrentMemberAssignmentKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        member_id: String [0..=0],
    }
}

message! {
    /// What a member has.
    message ShareGroupCurrentMemberAssignmentValue [0..=0, flexible 0] {
        member_epoch: i32 [0..],
        previous_member_epoch: i32 [0..],
        state: i8 [0..],
        assigned_partitions: Vec<TopicPartitions> [0..],
    }

    /// `assigned_partitions` of [`ShareGroupCurrentMemberAssignmentValue`].
    struct TopicPartitions {
        topic_id: Uuid [0..],
        partitions: Vec<i32> [0..],
    }
}

message! {
    /// Key of the partitions whose share state a group has (15).
    message ShareGroupStatePartitionMetadataKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
    }
}

message! {
    /// The partitions whose share state is being made, is there, or is being deleted.
    message ShareGroupStatePartitionMetadataValue [0..=0, flexible 0] {
        initializing_topics: Vec<TopicPartitionsInfo> [0..],
        initialized_topics: Vec<TopicPartitionsInfo> [0..],
        deleting_topics: Vec<TopicInfo> [0..],
    }

    /// `initializing_topics` of [`ShareGroupStatePartitionMetadataValue`].
    struct TopicPartitionsInfo {
        topic_id: Uuid [0..],
        topic_name: String [0..],
        partitions: Vec<i32> [0..],
    }

    /// `deleting_topics` of [`ShareGroupStatePartitionMetadataValue`].
    struct TopicInfo {
        topic_id: Uuid [0..],
        topic_name: String [0..],
    }
}
