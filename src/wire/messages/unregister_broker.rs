//! UnregisterBroker: forget a broker (KIP-631).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Removes a broker's registration from the cluster.
    message UnregisterBrokerRequest [0..=0, flexible 0] {
        broker_id: i32 [0..],
    }
}

message! {
    /// Answers [`UnregisterBrokerRequest`].
    message UnregisterBrokerResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
