//! The producers of a partition, as a `.snapshot` file holds them.

use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// The producers of a partition at an offset.
    message ProducerSnapshot [1..=1, flexible NEVER] {
        crc: u32 [1..=1],
        producer_entries: Vec<ProducerEntry> [1..=1],
    }

    /// `producer_entries` of [`ProducerSnapshot`].
    struct ProducerEntry {
        producer_id: i64 [1..=1],
        epoch: i16 [1..=1],
        last_sequence: i32 [1..=1],
        last_offset: i64 [1..=1],
        offset_delta: i32 [1..=1],
        timestamp: i64 [1..=1],
        coordinator_epoch: i32 [1..=1],
        current_txn_first_offset: i64 [1..=1],
    }
}
