//! OffsetDelete 0: delete a group's positions for some partitions (KIP-496).

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_delete::*;

/// Answers when the deletion is durable.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let reply = context
        .groups
        .request(move |groups, ticket, now| groups.delete_offsets(ticket, &request, now));
    match reply.await {
        Some(Reply::OffsetDelete(response)) => response,
        _ => OffsetDeleteResponse {
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ..OffsetDeleteResponse::default()
        },
    }
}
