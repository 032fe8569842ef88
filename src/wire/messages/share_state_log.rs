//! Keys and values of `__share_group_state` (KIP-932).
//!
//! A key is preceded by the number of its kind, a value by a version, both as an int16.

use crate::base::uuid::Uuid;
use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a share partition's whole state (0).
    message ShareSnapshotKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        topic_id: Uuid [0..=0],
        partition: i32 [0..=0],
    }
}

message! {
    /// The whole state of a share partition.
    message ShareSnapshotValue [0..=0, flexible 0] {
        snapshot_epoch: i32 [0..],
        state_epoch: i32 [0..],
        leader_epoch: i32 [0..],
        start_offset: i64 [0..],
        delivery_complete_count: i32 [0.., default(-1), tag(0)],
        create_timestamp: i64 [0..],
        write_timestamp: i64 [0..],
        state_batches: Vec<SnapshotStateBatch> [0..],
    }

    /// `state_batches` of [`ShareSnapshotValue`].
    struct SnapshotStateBatch {
        first_offset: i64 [0..],
        last_offset: i64 [0..],
        delivery_state: i8 [0..],
        delivery_count: i16 [0..],
    }
}

message! {
    /// Key of a change of a share partition's state (1).
    message ShareUpdateKey [0..=0, flexible NEVER] {
        group_id: String [0..=0],
        topic_id: Uuid [0..=0],
        partition: i32 [0..=0],
    }
}

message! {
    /// What changed in the state of a share partition.
    message ShareUpdateValue [0..=0, flexible 0] {
        snapshot_epoch: i32 [0..],
        leader_epoch: i32 [0..],
        start_offset: i64 [0..],
        delivery_complete_count: i32 [0.., default(-1), tag(0)],
        state_batches: Vec<UpdateStateBatch> [0..],
    }

    /// `state_batches` of [`ShareUpdateValue`].
    struct UpdateStateBatch {
        first_offset: i64 [0..],
        last_offset: i64 [0..],
        delivery_state: i8 [0..],
        delivery_count: i16 [0..],
    }
}
