//! Heartbeat 0-4: stay a member of a classic group, and learn of rebalances.

use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::heartbeat::*;

/// Answers at once.
pub async fn handle(context: &Context, _: &Caller, request: HeartbeatRequest) -> HeartbeatResponse {
    let answer = context.groups.ask(move |groups, now| groups.heartbeat(&request, now));
    answer.await.unwrap_or_else(|| HeartbeatResponse {
        error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ..HeartbeatResponse::default()
    })
}
