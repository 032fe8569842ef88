//! SyncGroup 0-5: the leader of a classic group hands out assignments, everyone receives theirs.

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::sync_group::*;

/// Answers when the leader's assignment is durable.
pub async fn handle(context: &Context, _: &Caller, request: SyncGroupRequest) -> SyncGroupResponse {
    let reply =
        context.groups.request(move |groups, ticket, now| groups.sync(ticket, &request, now));
    match reply.await {
        Some(Reply::Sync(response)) => response,
        _ => SyncGroupResponse {
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ..SyncGroupResponse::default()
        },
    }
}
