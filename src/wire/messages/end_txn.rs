//! EndTxn: commit or abort a transaction.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Ends a transaction.
    message EndTxnRequest [0..=5, flexible 3] {
        transactional_id: String [0..],
        producer_id: i64 [0..],
        producer_epoch: i16 [0..],
        committed: bool [0..],
    }
}

message! {
    /// Answers [`EndTxnRequest`].
    message EndTxnResponse [0..=5, flexible 3] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        producer_id: i64 [5.., default(-1), ignorable],
        producer_epoch: i16 [5.., default(-1), ignorable],
    }
}
