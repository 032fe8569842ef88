//! OffsetDelete 0: delete a group's positions for some partitions (KIP-496).
//!
//! Partitions that do not exist are refused by themselves; the coordinator decides about the rest.

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_delete::*;

/// Answers when the deletion is durable.
pub async fn handle(
    context: &Context,
    _: &Caller,
    mut request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let mut unknown = take_unknown(context, &mut request);
    let reply = context
        .groups
        .request(move |groups, ticket, now| groups.delete_offsets(ticket, &request, now));
    match reply.await {
        Some(Reply::OffsetDelete(mut response)) => {
            if !response.error_code.is_error() {
                response.topics.append(&mut unknown);
            }
            response
        }
        _ => OffsetDeleteResponse {
            error_code: ErrorCode::COORDINATOR_NOT_AVAILABLE,
            ..OffsetDeleteResponse::default()
        },
    }
}

/// Takes partitions that do not exist out of the request, and answers for them.
fn take_unknown(
    context: &Context,
    request: &mut OffsetDeleteRequest,
) -> Vec<OffsetDeleteResponseTopic> {
    let image = context.catalog.image();
    let mut unknown = Vec::new();
    for topic in &mut request.topics {
        let count = image.topic(&topic.name).map_or(0, |topic| topic.partitions.len() as i32);
        let (known, missing): (Vec<_>, Vec<_>) = std::mem::take(&mut topic.partitions)
            .into_iter()
            .partition(|partition| (0..count).contains(&partition.partition_index));
        topic.partitions = known;
        if !missing.is_empty() {
            let refused = missing.into_iter().map(|partition| OffsetDeleteResponsePartition {
                partition_index: partition.partition_index,
                error_code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            });
            let partitions = refused.collect();
            unknown.push(OffsetDeleteResponseTopic { name: topic.name.clone(), partitions });
        }
    }
    request.topics.retain(|topic| !topic.partitions.is_empty());
    unknown
}
