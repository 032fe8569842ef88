//! Bodies of control records.

use crate::message;
use crate::wire::schema::NEVER;

message! {
    /// Ends a transaction in a partition.
    message EndTxnMarker [0..=0, flexible NEVER] {
        coordinator_epoch: i32 [0..],
    }
}
