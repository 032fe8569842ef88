//! ListOffsets 1-11: find offsets by time.
//!
//! Negative timestamps have meanings of their own: -1 the end (the last stable offset with
//! read_committed), -2 the start, -3 the record with the largest timestamp (version 7), -4 the
//! start of what is on local disks (8), -5 the end of what is in tiered storage (9), -6 the start
//! of what is not there yet (11). Without tiered storage -4 is the start, -5 nothing, -6 the start.
//! Where there is no such offset, offset and timestamp are both -1.

use super::super::catalog::Image;
use super::super::context::{Caller, Context};
use super::super::partition::{Partition, error_code};
use crate::storage::StorageError;
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_offsets::*;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// An offset, its record's timestamp, and its leader epoch; -1 stands for none.
type Position = (i64, i64, i32);

const NOWHERE: Position = (-1, -1, -1);

/// Answers for each partition by itself.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let image = context.catalog.image();
    let mut response = ListOffsetsResponse::default();
    for topic in request.topics {
        let mut partitions = Vec::with_capacity(topic.partitions.len());
        for asked in topic.partitions {
            let found = find(context, &image, caller, &topic.name, &asked).await;
            let (error_code, (offset, timestamp, leader_epoch)) = match found {
                Ok(position) => (ErrorCode::NONE, position),
                Err(code) => (code, NOWHERE),
            };
            partitions.push(ListOffsetsPartitionResponse {
                partition_index: asked.partition_index,
                error_code,
                timestamp,
                offset,
                // Only version 4 has a place for it.
                leader_epoch: if caller.api_version >= 4 { leader_epoch } else { -1 },
            });
        }
        response.topics.push(ListOffsetsTopicResponse { name: topic.name, partitions });
    }
    response
}

async fn find(
    context: &Context,
    image: &Image,
    caller: &Caller,
    topic: &str,
    asked: &ListOffsetsPartition,
) -> Result<Position, ErrorCode> {
    let partition = context.partition(image, topic, asked.partition_index)?;
    partition.check_leader(asked.current_leader_epoch)?;
    let view = partition.view();
    let start = view.log_start_offset();
    let known_since = |first_version| match caller.api_version >= first_version {
        true => Ok(()),
        false => Err(ErrorCode::UNSUPPORTED_VERSION),
    };
    let position = |offset: i64, epoch: Option<i32>| (offset, -1, epoch.unwrap_or(-1));
    match asked.timestamp {
        LATEST => Ok(position(view.high_watermark(), Some(partition.leader_epoch))),
        EARLIEST => {
            Ok(position(start, Some(view.epoch_at(start).unwrap_or(partition.leader_epoch))))
        }
        MAX_TIMESTAMP => {
            known_since(7)?;
            search(partition, None).await
        }
        EARLIEST_LOCAL | EARLIEST_PENDING_UPLOAD => {
            known_since(if asked.timestamp == EARLIEST_LOCAL { 8 } else { 11 })?;
            Ok(position(start, Some(view.epoch_at(start).unwrap_or(partition.leader_epoch))))
        }
        LATEST_TIERED => {
            known_since(9)?;
            Ok(NOWHERE)
        }
        ..0 => Err(ErrorCode::UNSUPPORTED_VERSION),
        timestamp => search(partition, Some(timestamp)).await,
    }
}

/// Looks through the log for the first record of at least `timestamp`, or for the largest one, on
/// a thread that may wait for the disk.
async fn search(
    partition: std::sync::Arc<Partition>,
    timestamp: Option<i64>,
) -> Result<Position, ErrorCode> {
    let found = tokio::task::spawn_blocking(move || -> Result<Position, StorageError> {
        let view = partition.view();
        let found = match timestamp {
            Some(timestamp) => view.offset_for_timestamp(timestamp)?,
            None => view.max_timestamp()?,
        };
        let found = found.filter(|found| found.offset < view.high_watermark());
        Ok(found.map_or(NOWHERE, |found| {
            (found.offset, found.timestamp, view.epoch_at(found.offset).unwrap_or(-1))
        }))
    });
    match found.await {
        Ok(Ok(position)) => Ok(position),
        Ok(Err(error)) => {
            tracing::error!(%error, "a search by time failed");
            Err(error_code(&error))
        }
        Err(error) => {
            tracing::error!(%error, "a search by time failed");
            Err(ErrorCode::UNKNOWN_SERVER_ERROR)
        }
    }
}
