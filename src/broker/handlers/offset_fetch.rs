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
    let found = answer.await.unwrap_or_else(|| {
        let refuse =
            |group| offset_fetch_refusal(group, ErrorCode::COORDINATOR_NOT_AVAILABLE, version);
        asked.iter().map(refuse).collect()
    });
    offset_fetch_response(found, version)
}
