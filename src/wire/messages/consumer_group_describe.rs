//! ConsumerGroupDescribe: state and members of groups of the consumer protocol (KIP-848).

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks for the state and the members of groups of the consumer protocol.
    message ConsumerGroupDescribeRequest [0..=1, flexible 0] {
        group_ids: Vec<String> [0..],
        include_authorized_operations: bool [0..],
    }
}

message! {
    /// Answers [`ConsumerGroupDescribeRequest`].
    message ConsumerGroupDescribeResponse [0..=1, flexible 0] {
        throttle_time_ms: i32 [0..],
        groups: Vec<DescribedGroup> [0..],
    }

    /// `groups` of [`ConsumerGroupDescribeResponse`].
    struct DescribedGroup {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        group_id: String [0..],
        group_state: String [0..],
        group_epoch: i32 [0..],
        assignment_epoch: i32 [0..],
        assignor_name: String [0..],
        members: Vec<Member> [0..],
        authorized_operations: i32 [0.., default(i32::MIN)],
    }

    /// `members` of [`DescribedGroup`].
    struct Member {
        member_id: String [0..],
        instance_id: Option<String> [0.., nullable(0..)],
        rack_id: Option<String> [0.., nullable(0..)],
        member_epoch: i32 [0..],
        client_id: String [0..],
        client_host: String [0..],
        subscribed_topic_names: Vec<String> [0..],
        subscribed_topic_regex: Option<String> [0.., nullable(0..)],
        assignment: Assignment [0..],
        target_assignment: Assignment [0..],
        member_type: i8 [1.., default(-1), ignorable],
    }

    /// `assignment` of [`Member`].
    struct Assignment {
        topic_partitions: Vec<TopicPartitions> [0..],
    }

    /// `topic_partitions` of [`Assignment`].
    struct TopicPartitions {
        topic_id: Uuid [0..],
        topic_name: String [0..],
        partitions: Vec<i32> [0..],
    }
}
