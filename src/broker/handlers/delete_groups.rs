//! DeleteGroups 0-2: delete empty groups with their offsets.

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_groups::*;

/// Deletes durably; each group succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group_id in request.groups_names {
        let asked = group_id.clone();
        let reply = context
            .groups
            .request(move |groups, ticket, now| groups.delete_group(ticket, &asked, now));
        results.push(match reply.await {
            Some(Reply::DeleteGroup(result)) => result,
            _ => {
                DeletableGroupResult { group_id, error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE }
            }
        });
    }
    DeleteGroupsResponse { results, ..DeleteGroupsResponse::default() }
}
