//! Heartbeat: stay a member of a classic group.

use crate::message;
use crate::wire::error::ErrorCode;

message! {
    /// Tells the coordinator that a member is alive.
    message HeartbeatRequest [0..=4, flexible 4] {
        group_id: String [0..],
        generation_id: i32 [0..],
        member_id: String [0..],
        group_instance_id: Option<String> [3.., nullable(3..)],
    }
}

message! {
    /// Answers [`HeartbeatRequest`].
    message HeartbeatResponse [0..=4, flexible 4] {
        throttle_time_ms: i32 [1.., ignorable],
        error_code: ErrorCode [0..],
    }
}
