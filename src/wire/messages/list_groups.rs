//! ListGroups: the groups that a broker coordinates.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Lists groups, filtered by state and type.
    message ListGroupsRequest [0..=5, flexible 3] {
        states_filter: Vec<String> [4..],
        types_filter: Vec<String> [5..],
    }
}

message! {
    /// Answers [`ListGroupsRequest`].
    message ListGroupsResponse [0..=5, flexible 3] {
        throttle_time_ms: i32 [1.., ignorable],
        error_code: ErrorCode [0..],
        groups: Vec<ListedGroup> [0..],
    }

    /// `groups` of [`ListGroupsResponse`].
    struct ListedGroup {
        group_id: String [0..],
        protocol_type: String [0..],
        group_state: String [4.., ignorable],
        group_type: String [5.., ignorable],
    }
}
