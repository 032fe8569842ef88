//! Produce 3-13, advertised from 0: append record batches.
//!
//! - Each partition succeeds or fails by itself.
//! - acks=all (-1) is answered when the batches are durable, acks=1 when they are appended, acks=0
//!   not at all; if something fails with acks=0, the connection is closed, so that the client
//!   notices.
//! - A topic's codec, if it has one of its own, replaces the producer's; the answer is the same.
//! - Version 7 allows zstd, 8 names the records that are to blame (KIP-467), 10 the current leader
//!   (KIP-951), 13 names topics by id (KIP-516).
//! - Internal topics are the broker's own. Kafka lets a client write to them that calls itself
//!   `__admin_client`; here that would let anybody end the broker's ability to start again.
//! - Transactional batches are refused until there is a transaction coordinator.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::super::catalog::{Image, Topic, is_internal};
use super::super::context::{Caller, Context};
use super::super::dispatch::Answer;
use super::super::partition::{Partition, error_code};
use super::super::validation::{Invalid, is_costly, validate};
use crate::config::topic::Durability;
use crate::storage::{Ack, Appended, StorageError};
use crate::wire::error::ErrorCode;
use crate::wire::messages::produce::*;
use crate::wire::records::DECOMPRESSED_LIMIT;

/// What all batches of a request may decompress to: more than any client sends on purpose.
const DECOMPRESSIBLE_BYTES: usize = 4 * DECOMPRESSED_LIMIT;

/// A partition's part of the answer: there, or when its append has an outcome.
enum Outcome {
    Known(PartitionProduceResponse),
    Appending {
        index: i32,
        partition: Arc<Partition>,
        result: oneshot::Receiver<Result<Appended, StorageError>>,
    },
}

/// Appends the batches. The next request of the connection may be read as soon as they are in the
/// queues of their logs.
pub async fn handle(
    context: &Context,
    caller: &Caller,
    request: ProduceRequest,
) -> Answer<ProduceResponse> {
    let ack = match request.acks {
        -1 => Ok(Ack::Durable),
        0 | 1 => Ok(Ack::Appended),
        _ => Err(ErrorCode::INVALID_REQUIRED_ACKS),
    };
    let image = context.catalog.image();
    let mut decompressible_bytes = DECOMPRESSIBLE_BYTES;
    let mut topics = Vec::with_capacity(request.topic_data.len());
    for data in request.topic_data {
        let topic = find_topic(&image, caller, &data);
        let mut outcomes = Vec::with_capacity(data.partition_data.len());
        for partition in data.partition_data {
            let started = ack.and_then(|ack| Ok((ack, topic.clone()?)));
            outcomes.push(match started {
                Ok((ack, topic)) => {
                    let produced = Produced { topic: &topic, ack, data: partition };
                    produced.append(context, caller, &mut decompressible_bytes).await
                }
                Err(code) => Outcome::Known(refused(partition.index, code)),
            });
        }
        topics.push((data.name, data.topic_id, outcomes));
    }
    let answer = async move {
        let mut response = ProduceResponse::default();
        for (name, topic_id, outcomes) in topics {
            let mut partition_responses = Vec::with_capacity(outcomes.len());
            for outcome in outcomes {
                partition_responses.push(outcome.wait().await);
            }
            response.responses.push(TopicProduceResponse { name, topic_id, partition_responses });
        }
        response
    };
    if request.acks != 0 {
        return Answer::Later(Box::pin(answer));
    }
    match has_errors(&answer.await) {
        true => Answer::Close,
        false => Answer::Nothing,
    }
}

fn has_errors(response: &ProduceResponse) -> bool {
    let mut partitions = response.responses.iter().flat_map(|topic| &topic.partition_responses);
    partitions.any(|partition| partition.error_code.is_error())
}

fn find_topic(
    image: &Image,
    caller: &Caller,
    data: &TopicProduceData,
) -> Result<Arc<Topic>, ErrorCode> {
    let topic = if caller.api_version >= 13 {
        image.topic_by_id(data.topic_id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID)?
    } else {
        image.topic(&data.name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?
    };
    match is_internal(&topic.name) {
        true => Err(ErrorCode::INVALID_TOPIC_EXCEPTION),
        false => Ok(topic.clone()),
    }
}

/// What was sent for one partition.
struct Produced<'a> {
    topic: &'a Topic,
    ack: Ack,
    data: PartitionProduceData,
}

impl Produced<'_> {
    async fn append(
        self,
        context: &Context,
        caller: &Caller,
        decompressible_bytes: &mut usize,
    ) -> Outcome {
        let index = self.data.index;
        let partition = match context.partitions.get(self.topic, index) {
            Ok(partition) => partition,
            Err(code) => return Outcome::Known(refused(index, code)),
        };
        let config = partition.config();
        let in_sync = self.topic.partitions.get(index as usize).map_or(0, |state| state.isr.len());
        if self.ack == Ack::Durable && in_sync < config.min_insync_replicas as usize {
            return Outcome::Known(refused(index, ErrorCode::NOT_ENOUGH_REPLICAS));
        }
        let ack = match config.durability {
            Durability::Synced => self.ack,
            Durability::Async => Ack::Appended,
        };
        let now_ms = context.clock.wall_ms();
        let records = self.data.records.unwrap_or_default();
        let mut validate =
            || validate(&records, &config, caller.api_version, now_ms, decompressible_bytes);
        let validated = match is_costly(&records, &config) {
            false => validate(),
            true => {
                // The semaphore is never closed.
                let _place = context.decompressing.acquire().await;
                // Other connections go on while this thread is busy with a codec.
                tokio::task::block_in_place(validate)
            }
        };
        match validated {
            Ok(batch) if batch.header().is_transactional() => {
                Outcome::Known(refused(index, ErrorCode::INVALID_TXN_STATE))
            }
            Ok(batch) => Outcome::Appending {
                index,
                result: partition.append(&batch, ack, now_ms),
                partition,
            },
            Err(invalid) => Outcome::Known(blamed(index, invalid)),
        }
    }
}

impl Outcome {
    async fn wait(self) -> PartitionProduceResponse {
        let (index, partition, result) = match self {
            Self::Known(response) => return response,
            Self::Appending { index, partition, result } => (index, partition, result),
        };
        match result.await.unwrap_or(Err(StorageError::Removed)) {
            Ok(appended) => PartitionProduceResponse {
                index,
                base_offset: appended.base_offset,
                log_append_time_ms: appended.log_append_time_ms,
                log_start_offset: appended.log_start_offset,
                ..PartitionProduceResponse::default()
            },
            Err(error) => {
                let code = error_code(&error);
                // That the disk is nearly full is said once.
                if code == ErrorCode::KAFKA_STORAGE_ERROR
                    && !matches!(error, StorageError::DiskFull { .. })
                {
                    tracing::error!(topic = %partition.topic, partition = index, %error,
                        "an append failed");
                }
                PartitionProduceResponse {
                    error_message: Some(error.to_string()),
                    log_start_offset: partition.view().log_start_offset(),
                    ..refused(index, code)
                }
            }
        }
    }
}

fn refused(index: i32, error_code: ErrorCode) -> PartitionProduceResponse {
    PartitionProduceResponse {
        index,
        error_code,
        base_offset: -1,
        ..PartitionProduceResponse::default()
    }
}

fn blamed(index: i32, invalid: Invalid) -> PartitionProduceResponse {
    let records = invalid.records.into_iter().map(|(batch_index, sentence)| {
        BatchIndexAndErrorMessage { batch_index, batch_index_error_message: Some(sentence) }
    });
    PartitionProduceResponse {
        record_errors: records.collect(),
        error_message: Some(invalid.message),
        ..refused(index, invalid.code)
    }
}
