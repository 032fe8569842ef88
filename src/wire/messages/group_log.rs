//! Keys and values of `__consumer_offsets`.
//!
//! Each key and each value is preceded by a version as an int16; a key's version says what kind of
//! record it is.

use bytes::Bytes;

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a committed offset (version prefix 1).
    message OffsetCommitKey [0..=0, flexible NEVER] {
        group: String [0..=0],
        topic: String [0..=0],
        partition: i32 [0..=0],
    }
}

message! {
    /// A committed offset.
    message OffsetCommitValue [0..=4, flexible 4] {
        offset: i64 [0..],
        leader_epoch: i32 [3.., default(-1), ignorable],
        metadata: String [0..],
        commit_timestamp: i64 [0..],
        expire_timestamp: i64 [1..=1, default(-1), ignorable],
        topic_id: Uuid [4.., tag(0), ignorable],
    }
}

message! {
    /// Key of a classic group (version prefix 2).
    message GroupMetadataKey [0..=0, flexible NEVER] {
        group: String [0..=0],
    }
}

message! {
    /// A classic group and its members.
    message GroupMetadataValue [0..=4, flexible 4] {
        protocol_type: String [0..],
        generation: i32 [0..],
        protocol: Option<String> [0.., nullable(0..)],
        leader: Option<String> [0.., nullable(0..)],
        current_state_timestamp: i64 [2.., default(-1), ignorable],
        members: Vec<MemberMetadata> [0..],
    }

    /// `members` of [`GroupMetadataValue`].
    struct MemberMetadata {
        member_id: String [0..],
        group_instance_id: Option<String> [3.., nullable(3..), ignorable],
        client_id: String [0..],
        client_host: String [0..],
        rebalance_timeout: i32 [1.., default(-1), ignorable],
        session_timeout: i32 [0..],
        subscription: Bytes [0..],
        assignment: Bytes [0..],
    }
}

message! {
    /// Key of a committed offset as Kafka wrote it before 0.9 (version prefix 0).
    message LegacyOffsetCommitKey [0..=0, flexible NEVER] {
        group: String [0..=0],
        topic: String [0..=0],
        partition: i32 [0..=0],
    }
}

message! {
    /// A committed offset as Kafka wrote it before 0.9.
    message LegacyOffsetCommitValue [0..=0, flexible NEVER] {
        offset: i64 [0..=0],
        metadata: String [0..=0],
        commit_timestamp: i64 [0..=0],
    }
}
