//! Keys and values of `__transaction_state`.
//!
//! Each key and each value is preceded by a version as an int16.

use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Key of a transactional id (version prefix 0).
    message TransactionLogKey [0..=0, flexible NEVER] {
        transactional_id: String [0..],
    }
}

message! {
    /// A transactional id, its producer, and the partitions of its transaction (KIP-98, KIP-890).
    message TransactionLogValue [0..=1, flexible 1] {
        producer_id: i64 [0..],
        previous_producer_id: i64 [1.., default(-1), tag(0)],
        next_producer_id: i64 [1.., default(-1), tag(1)],
        producer_epoch: i16 [0..],
        next_producer_epoch: i16 [1.., default(-1), tag(3)],
        transaction_timeout_ms: i32 [0..],
        transaction_status: i8 [0..],
        transaction_partitions: Option<Vec<PartitionsSchema>> [0.., nullable(0..)],
        transaction_last_update_timestamp_ms: i64 [0..],
        transaction_start_timestamp_ms: i64 [0..],
        client_transaction_version: i16 [1.., tag(2)],
    }

    /// `transaction_partitions` of [`TransactionLogValue`].
    struct PartitionsSchema {
        topic: String [0..],
        partition_ids: Vec<i32> [0..],
    }
}
