//! DescribeUserScramCredentials: which users have SCRAM credentials (KIP-554).

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Asks which SCRAM credentials users have.
    message DescribeUserScramCredentialsRequest [0..=0, flexible 0] {
        users: Option<Vec<UserName>> [0.., nullable(0..)],
    }

    /// `users` of [`DescribeUserScramCredentialsRequest`].
    struct UserName {
        name: String [0..],
    }
}

message! {
    /// Answers [`DescribeUserScramCredentialsRequest`].
    message DescribeUserScramCredentialsResponse [0..=0, flexible 0] {
        throttle_time_ms: i32 [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        results: Vec<DescribeUserScramCredentialsResult> [0..],
    }

    /// `results` of [`DescribeUserScramCredentialsResponse`].
    struct DescribeUserScramCredentialsResult {
        user: String [0..],
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
        credential_infos: Vec<CredentialInfo> [0..],
    }

    /// `credential_infos` of [`DescribeUserScramCredentialsResult`].
    struct CredentialInfo {
        mechanism: i8 [0..],
        iterations: i32 [0..],
    }
}
