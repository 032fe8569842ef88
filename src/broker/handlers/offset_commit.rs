//! OffsetCommit 2-9: store a group's positions.
//!
//! Partitions that do not exist are refused by themselves; the coordinator decides about the rest.

use super::super::context::{Caller, Context};
use crate::coordinator::group::Reply;
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_commit::*;

/// Answers when the offsets are durable.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    mut request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let mut unknown = take_unknown(context, &mut request);
    if request.topics.is_empty() && !unknown.is_empty() {
        return OffsetCommitResponse { topics: unknown, ..OffsetCommitResponse::default() };
    }
    let version = caller.api_version;
    let asked = request.topics.clone();
    let reply = context
        .groups
        .request(move |groups, ticket, now| groups.commit_offsets(ticket, &request, version, now));
    let mut response = match reply.await {
        Some(Reply::OffsetCommit(response)) => response,
        _ => refused(asked, ErrorCode::COORDINATOR_NOT_AVAILABLE),
    };
    response.topics.append(&mut unknown);
    response
}

/// Takes partitions that do not exist out of the request, and answers for them.
fn take_unknown(
    context: &Context,
    request: &mut OffsetCommitRequest,
) -> Vec<OffsetCommitResponseTopic> {
    let image = context.catalog.image();
    let mut unknown = Vec::new();
    for topic in &mut request.topics {
        let count = image.topic(&topic.name).map_or(0, |topic| topic.partitions.len() as i32);
        let exists = |partition: &OffsetCommitRequestPartition| {
            (0..count).contains(&partition.partition_index)
        };
        let (known, missing) = std::mem::take(&mut topic.partitions).into_iter().partition(exists);
        topic.partitions = known;
        let missing: Vec<OffsetCommitRequestPartition> = missing;
        if !missing.is_empty() {
            unknown.push(OffsetCommitRequestTopic { partitions: missing, ..topic.clone() });
        }
    }
    request.topics.retain(|topic| !topic.partitions.is_empty());
    refused(unknown, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION).topics
}

fn refused(topics: Vec<OffsetCommitRequestTopic>, error_code: ErrorCode) -> OffsetCommitResponse {
    let partition = |partition: OffsetCommitRequestPartition| OffsetCommitResponsePartition {
        partition_index: partition.partition_index,
        error_code,
    };
    let topics = topics.into_iter().map(|topic| OffsetCommitResponseTopic {
        name: topic.name,
        topic_id: topic.topic_id,
        partitions: topic.partitions.into_iter().map(partition).collect(),
    });
    let topics = topics.collect();
    OffsetCommitResponse { topics, ..OffsetCommitResponse::default() }
}
