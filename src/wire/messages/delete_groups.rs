//! DeleteGroups: delete groups with their offsets.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Deletes empty groups.
    message DeleteGroupsRequest [0..=2, flexible 2] {
        groups_names: Vec<String> [0..],
    }
}

message! {
    /// Answers [`DeleteGroupsRequest`].
    message DeleteGroupsResponse [0..=2, flexible 2] {
        throttle_time_ms: i32 [0..],
        results: Vec<DeletableGroupResult> [0..],
    }

    /// `results` of [`DeleteGroupsResponse`].
    struct DeletableGroupResult {
        group_id: String [0..],
        error_code: ErrorCode [0..],
    }
}
