//! CreateAcls: add access rules.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Adds access rules.
    message CreateAclsRequest [1..=3, flexible 2] {
        creations: Vec<AclCreation> [0..],
    }

    /// `creations` of [`CreateAclsRequest`].
    struct AclCreation {
        resource_type: i8 [0..],
        resource_name: String [0..],
        resource_pattern_type: i8 [1.., default(3)],
        principal: String [0..],
        host: String [0..],
        operation: i8 [0..],
        permission_type: i8 [0..],
    }
}

message! {
    /// Answers [`CreateAclsRequest`].
    message CreateAclsResponse [1..=3, flexible 2] {
        throttle_time_ms: i32 [0..],
        results: Vec<AclCreationResult> [0..],
    }

    /// `results` of [`CreateAclsResponse`].
    struct AclCreationResult {
        error_code: ErrorCode [0..],
        error_message: Option<String> [0.., nullable(0..)],
    }
}
