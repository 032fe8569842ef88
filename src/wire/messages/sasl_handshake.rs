//! SaslHandshake: choose a SASL mechanism.

use crate::message;
use crate::wire::error::ErrorCode;
use crate::wire::schema::NEVER;

message! {
    /// Names the SASL mechanism that the client wants to use.
    message SaslHandshakeRequest [0..=1, flexible NEVER] {
        mechanism: String [0..],
    }
}

message! {
    /// Answers [`SaslHandshakeRequest`].
    message SaslHandshakeResponse [0..=1, flexible NEVER] {
        error_code: ErrorCode [0..],
        mechanisms: Vec<String> [0..],
    }
}
