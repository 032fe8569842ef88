//! AlterUserScramCredentials: change SCRAM credentials (KIP-554).

use bytes::Bytes;

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Sets and deletes SCRAM credentials of users.
    message AlterUserScramCredentialsRequest [0..=0, flexible 0] {
        deletions: Vec<ScramCredentialDeletion> [0..],
        upsertions: Vec<ScramCredentialUpsertion> [0..],
    }

    /// `upsertions` of [`AlterUserScramCredentialsRequest`].
    struct ScramCredentialUpsertion {
        name: String [0..],
        mechanism: i8 [0..],
        iterations: i32 [0..],
        salt: Bytes [0..],
        salted_password: Bytes [0..],
    }

    /// `deletions` of [`AlterUserScramCredentialsRequest`].
    struct ScramCredentialDeletion {
        name: String [0..],
        mechanism: i8 [0..],
    }
}

message! {
    /// Answers [`AlterUserScramCredentialsRequest`].
    message AlterUserScramCredentialsResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0..],
        results: Vec<AlterUserScramCredentialsResult> [0..],
    }

    /// `results` of [`AlterUserScramCredentialsResponse`].
    struct AlterUserScramCredentialsResult {
        user: String [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
