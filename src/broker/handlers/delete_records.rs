//! DeleteRecords 0-2: move the start of partitions forward.
//!
//! -1 stands for the high watermark. An offset below the start changes nothing. A topic that is
//! only compacted refuses: what it keeps is decided by keys.

use super::super::catalog::{Image, is_internal};
use super::super::context::{Caller, Context};
use super::super::partition::error_code;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_records::*;

const HIGH_WATERMARK: i64 = -1;

/// Deletes durably; each partition succeeds or fails by itself.
pub async fn handle(
    context: &Context,
    _: &Caller,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let image = context.catalog.image();
    let mut response = DeleteRecordsResponse::default();
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in topic.partitions {
            let outcome = delete(context, &image, &topic.name, &asked).await;
            let (error_code, low_watermark) = match outcome {
                Ok(low_watermark) => (ErrorCode::NONE, low_watermark),
                Err(code) => (code, -1),
            };
            partitions.push(DeleteRecordsPartitionResult {
                partition_index: asked.partition_index,
                low_watermark,
                error_code,
            });
        }
        response.topics.push(DeleteRecordsTopicResult { name: topic.name, partitions });
    }
    response
}

async fn delete(
    context: &Context,
    image: &Image,
    name: &str,
    asked: &DeleteRecordsPartition,
) -> Result<i64, ErrorCode> {
    if is_internal(name) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let partition = context.partition(image, name, asked.partition_index)?;
    if !partition.config().cleanup_policy.delete {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    let high_watermark = partition.view().high_watermark();
    let offset = if asked.offset == HIGH_WATERMARK { high_watermark } else { asked.offset };
    if offset < 0 || offset > high_watermark {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    partition.delete_records_before(offset, context.clock.wall_ms()).await.map_err(|error| {
        tracing::error!(topic = name, partition = asked.partition_index, %error,
            "records could not be deleted");
        error_code(&error)
    })
}
