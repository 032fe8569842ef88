//! JoinGroup: become a member of a classic group.

use bytes::Bytes;

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Joins a classic group, or joins again in a rebalance.
    message JoinGroupRequest [0..=9, flexible 6] {
        group_id: String [0..],
        session_timeout_ms: i32 [0..],
        rebalance_timeout_ms: i32 [1.., default(-1), ignorable],
        member_id: String [0..],
        group_instance_id: Option<String> [5.., nullable(5..)],
        protocol_type: String [0..],
        protocols: Vec<JoinGroupRequestProtocol> [0..],
        reason: Option<String> [8.., nullable(8..), ignorable],
    }

    /// `protocols` of [`JoinGroupRequest`].
    struct JoinGroupRequestProtocol {
        name: String [0..],
        metadata: Bytes [0..],
    }
}

message! {
    /// Answers [`JoinGroupRequest`].
    message JoinGroupResponse [0..=9, flexible 6] {
        throttle_time_ms: i32 [2.., ignorable],
        error_code: ErrorCode [0..],
        generation_id: i32 [0.., default(-1)],
        protocol_type: Option<String> [7.., nullable(7..), ignorable],
        protocol_name: Option<String> [0.., nullable(7..)],
        leader: String [0..],
        skip_assignment: bool [9..],
        member_id: String [0..],
        members: Vec<JoinGroupResponseMember> [0..],
    }

    /// `members` of [`JoinGroupResponse`].
    struct JoinGroupResponseMember {
        member_id: String [0..],
        group_instance_id: Option<String> [5.., nullable(5..), ignorable],
        metadata: Bytes [0..],
    }
}
