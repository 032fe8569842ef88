//! OffsetFetch 1-9: up to where groups have read; from version 8 on for several groups at once.

use super::super::context::{Caller, Context};
use crate::coordinator::group::{offset_fetch_groups, offset_fetch_refusal, offset_fetch_response};
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_fetch::*;

/// Answers at once.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let version = caller.api_version;
    let require_stable = request.require_stable;
    let asked = offset_fetch_groups(request, version);
    let questions = asked.clone();
    let answer = context.groups.ask(move |groups, _| {
        let fetch = |group| groups.fetch_offsets(group, require_stable);
        questions.iter().map(fetch).collect()
    });
    let refuse = |group| offset_fetch_refusal(group, ErrorCode::COORDINATOR_NOT_AVAILABLE, version);
    let mut found: Vec<_> = answer.await.unwrap_or_else(|| asked.iter().map(refuse).collect());
    for (group, found) in asked.iter().zip(&mut found) {
        if context.check_coordinates(&group.group_id).is_err() {
            *found = refuse(group);
        }
    }
    offset_fetch_response(found, version)
}
