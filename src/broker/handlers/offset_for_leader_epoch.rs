//! OffsetForLeaderEpoch 2-4: where leader epochs end, so that clients notice truncation (KIP-320).

use super::super::context::{Caller, Context};
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_for_leader_epoch::*;

/// Answers with the largest epoch that is at most the one asked for, and where it ends.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let image = context.catalog.image();
    let topics = request.topics.into_iter().map(|topic| {
        let partitions = topic.partitions.into_iter().map(|asked| {
            let end =
                context.partition(&image, &topic.topic, asked.partition).and_then(|partition| {
                    partition.check_leader(asked.current_leader_epoch)?;
                    Ok(partition.end_offset_for_epoch(&partition.view(), asked.leader_epoch))
                });
            let (error_code, (leader_epoch, end_offset)) = match end {
                Ok(end) => (ErrorCode::NONE, end.unwrap_or((-1, -1))),
                Err(code) => (code, (-1, -1)),
            };
            EpochEndOffset { error_code, partition: asked.partition, leader_epoch, end_offset }
        });
        let partitions = partitions.collect();
        OffsetForLeaderTopicResult { topic: topic.topic, partitions }
    });
    let topics = topics.collect();
    OffsetForLeaderEpochResponse { topics, ..OffsetForLeaderEpochResponse::default() }
}
