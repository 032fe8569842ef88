//! LeaveGroup: leave a classic group.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Takes members out of a classic group.
    message LeaveGroupRequest [0..=5, flexible 4] {
        group_id: String [0..],
        member_id: String [0..=2],
        members: Vec<MemberIdentity> [3..],
    }

    /// `members` of [`LeaveGroupRequest`].
    struct MemberIdentity {
        member_id: String [3..],
        group_instance_id: Option<String> [3.., nullable(3..)],
        reason: Option<String> [5.., nullable(5..), ignorable],
    }
}

message! {
    /// Answers [`LeaveGroupRequest`].
    message LeaveGroupResponse [0..=5, flexible 4] {
        throttle_time_ms: i32 [1.., ignorable],
        error_code: ErrorCode [0..],
        members: Vec<MemberResponse> [3..],
    }

    /// `members` of [`LeaveGroupResponse`].
    struct MemberResponse {
        member_id: String [3..],
        group_instance_id: Option<String> [3.., nullable(3..)],
        error_code: ErrorCode [3..],
    }
}
