//! CreateDelegationToken: create a delegation token (KIP-48).

use bytes::Bytes;

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Creates a delegation token.
    message CreateDelegationTokenRequest [1..=3, flexible 2] {
        owner_principal_type: Option<String> [3.., nullable(3..)],
        owner_principal_name: Option<String> [3.., nullable(3..)],
        renewers: Vec<CreatableRenewers> [0..],
        max_lifetime_ms: i64 [0..],
    }

    /// `renewers` of [`CreateDelegationTokenRequest`].
    struct CreatableRenewers {
        principal_type: String [0..],
        principal_name: String [0..],
    }
}

message! {
    /// Answers [`CreateDelegationTokenRequest`].
    message CreateDelegationTokenResponse [1..=3, flexible 2] {
        error_code: ErrorCode [0..],
        principal_type: String [0..],
        principal_name: String [0..],
        token_requester_principal_type: String [3..],
        token_requester_principal_name: String [3..],
        issue_timestamp_ms: i64 [0..],
        expiry_timestamp_ms: i64 [0..],
        max_timestamp_ms: i64 [0..],
        token_id: String [0..],
        hmac: Bytes [0..],
        throttle_time_ms: i32 [0..],
    }
}
