//! SaslAuthenticate: one step of a SASL exchange.

use bytes::Bytes;

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Carries one message of the chosen SASL mechanism.
    message SaslAuthenticateRequest [0..=2, flexible 2] {
        auth_bytes: Bytes [0..],
    }
}

message! {
    /// Answers [`SaslAuthenticateRequest`].
    message SaslAuthenticateResponse [0..=2, flexible 2] {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        auth_bytes: Bytes [0..],
        session_lifetime_ms: i64 [1.., ignorable],
    }
}
