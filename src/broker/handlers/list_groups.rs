//! ListGroups 0-5: the groups that this broker coordinates, filtered by state (version 4) and type
//! (version 5).

use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_groups::*;

/// Answers at once.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let answer = context.groups.ask(move |groups, _| groups.list(&request));
    answer.await.unwrap_or_else(|| ListGroupsResponse {
        error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ..ListGroupsResponse::default()
    })
}
