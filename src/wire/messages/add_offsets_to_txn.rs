//! AddOffsetsToTxn: tell that a transaction commits a group's offsets.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Adds a group's offsets to a transaction.
    message AddOffsetsToTxnRequest [0..=4, flexible 3] {
        transactional_id: String [0..],
        producer_id: i64 [0..],
        producer_epoch: i16 [0..],
        group_id: String [0..],
    }
}

message! {
    /// Answers [`AddOffsetsToTxnRequest`].
    message AddOffsetsToTxnResponse [0..=4, flexible 3] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
    }
}
