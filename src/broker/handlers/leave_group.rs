//! LeaveGroup 0-5: leave a classic group; from version 3 on several members at once (KIP-345).

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::leave_group::*;

/// Takes the members out.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let version = caller.api_version;
    let reply = context
        .groups
        .request(move |groups, ticket, now| groups.leave(ticket, &request, version, now));
    match reply.await {
        Some(Reply::Leave(response)) => response,
        _ => LeaveGroupResponse {
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ..LeaveGroupResponse::default()
        },
    }
}
