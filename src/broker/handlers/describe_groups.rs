//! DescribeGroups 0-6: state and members of classic groups.
//!
//! A group that does not exist is "Dead" without an error up to version 5, and GROUP_ID_NOT_FOUND
//! from 6 on (KIP-1043).

use super::super::access::{GROUP_OPERATIONS, authorized};
use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_groups::*;

/// Answers at once.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let version = caller.api_version;
    let asked = request.groups.clone();
    let answer = context.groups.ask(move |groups, _| {
        let groups = asked.iter().map(|group_id| groups.describe(group_id, version));
        groups.collect::<Vec<_>>()
    });
    let mut groups = answer.await.unwrap_or_else(|| {
        let unavailable = |group_id| DescribedGroup {
            group_id,
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ..DescribedGroup::default()
        };
        request.groups.into_iter().map(unavailable).collect()
    });
    for group in &mut groups {
        group.authorized_operations =
            authorized(request.include_authorized_operations, GROUP_OPERATIONS);
    }
    DescribeGroupsResponse { groups, ..DescribeGroupsResponse::default() }
}
