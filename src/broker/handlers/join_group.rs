//! JoinGroup 0-9: become a member of a classic group, or join again in a rebalance.
//!
//! Advertised from 0 because librdkafka takes a broker without it for one without groups
//! (KAFKA-19444). The rules are in [`coordinator::group`](crate::coordinator::group).

use super::super::context::{Caller, Context};
use crate::base::uuid::Uuid;
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::join_group::*;

/// Answers when the group has a generation that the member belongs to, or at once if it cannot.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: JoinGroupRequest,
) -> JoinGroupResponse {
    let (version, client) = (caller.api_version, caller.identity());
    let member_id = request.member_id.clone();
    let reply = context.groups.request(move |groups, ticket, now| {
        groups.join(ticket, &request, version, &client, Uuid::random(), now)
    });
    match reply.await {
        Some(Reply::Join(response)) => response,
        _ => JoinGroupResponse {
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            protocol_name: Some(String::new()),
            member_id,
            ..JoinGroupResponse::default()
        },
    }
}
