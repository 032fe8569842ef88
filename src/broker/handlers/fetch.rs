//! Fetch 4-18: read record batches, waiting for data if asked to.
//!
//! - Answered at once if the client does not want to wait, wants nothing, gets `min_bytes`, or
//!   something is wrong with any partition; else when enough has been appended or the time is up.
//! - Batches come whole: the one that holds the offset first, even if it alone is larger than the
//!   limits (KIP-74). Partitions are served in the order of the request.
//! - Nothing from the high watermark on is returned; with read_committed nothing from the last
//!   stable offset on. They are the same while there are no transactions.
//! - Version 7 adds fetch sessions (KIP-227), which this broker declines by answering session 0;
//!   9 leader epochs (KIP-320), 12 the divergence check (KIP-595), 13 topic ids (KIP-516).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::super::catalog::{Image, Topic};
use super::super::context::{Caller, Context};
use super::super::partition::{Partition, error_code};
use crate::storage::LogView;
use crate::wire::error::ErrorCode;
use crate::wire::messages::fetch::*;

/// `isolation_level` of a client that wants no records of open or aborted transactions.
const READ_COMMITTED: i8 = 1;
/// `session_epoch` of a client that wants no session.
const SESSIONLESS: i32 = -1;
/// `session_epoch` of a client that wants a new session.
const NEW_SESSION: i32 = 0;

/// What is asked of one partition.
struct Question {
    /// Place of its topic in the request.
    topic: usize,
    /// The partition, or why it cannot be read.
    partition: Result<Arc<Partition>, ErrorCode>,
    wish: FetchPartition,
    read_committed: bool,
}

/// What there is to say of one partition.
struct Found {
    data: PartitionData,
    /// Whether the answer leaves at once, because waiting would not change this part of it.
    is_final: bool,
}

/// Answers with batches, or waits for them.
pub async fn handle(context: &Context, caller: &Caller, request: FetchRequest) -> FetchResponse {
    if request.session_id != 0 {
        return failed(ErrorCode::FETCH_SESSION_ID_NOT_FOUND);
    }
    if request.session_epoch != SESSIONLESS && request.session_epoch != NEW_SESSION {
        return failed(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
    }
    let deadline = Instant::now() + Duration::from_millis(request.max_wait_ms.max(0) as u64);
    let limit = request.max_bytes.min(context.config().fetch_max_bytes).max(0) as usize;
    let min_bytes = request.min_bytes.max(0) as usize;
    let mut topics = request.topics;
    let read_committed = request.isolation_level == READ_COMMITTED;
    let questions = Arc::new(questions(context, caller, &mut topics, read_committed));

    let appended = Arc::new(Notify::new());
    let readable = questions.iter().filter_map(|question| question.partition.as_ref().ok());
    let _subscriptions: Vec<_> =
        readable.map(|partition| partition.waiters.subscribe(appended.clone())).collect();
    loop {
        let size = size(&questions);
        let Some(found) = read(&questions, limit).await else {
            return failed(ErrorCode::UNKNOWN_SERVER_ERROR);
        };
        let bytes: usize = found.iter().map(Found::length).sum();
        let is_complete = questions.is_empty()
            || bytes >= min_bytes
            || found.iter().any(|found| found.is_final)
            || Instant::now() >= deadline;
        if is_complete {
            return respond(topics, &questions, found);
        }
        // What cannot be enough is not read again. At the deadline there is a last look.
        let enough = size.map(|size| size + (min_bytes - bytes) as u64);
        let may_be_enough = || self::size(&questions).is_none_or(|size| Some(size) >= enough);
        while timeout_at(deadline, appended.notified()).await.is_ok() && !may_be_enough() {}
    }
}

/// Bytes in all logs that are read; `None` if one of them is not here.
fn size(questions: &[Question]) -> Option<u64> {
    let size = |question: &Question| {
        let partition = question.partition.as_ref().ok()?;
        partition.check_leader(question.wish.current_leader_epoch).ok()?;
        Some(partition.view().size_bytes())
    };
    questions.iter().map(size).sum()
}

fn failed(error_code: ErrorCode) -> FetchResponse {
    FetchResponse { error_code, ..FetchResponse::default() }
}

fn questions(
    context: &Context,
    caller: &Caller,
    topics: &mut [FetchTopic],
    read_committed: bool,
) -> Vec<Question> {
    let image = context.catalog.image();
    let mut questions = Vec::new();
    for (place, asked) in topics.iter_mut().enumerate() {
        let topic = find_topic(&image, caller, asked);
        for wish in std::mem::take(&mut asked.partitions) {
            let partition = topic
                .as_ref()
                .map_err(|code| *code)
                .and_then(|topic| context.partitions.get(topic, wish.partition));
            questions.push(Question { topic: place, partition, wish, read_committed });
        }
    }
    questions
}

fn find_topic(image: &Image, caller: &Caller, topic: &FetchTopic) -> Result<Arc<Topic>, ErrorCode> {
    match caller.api_version {
        13.. => image.topic_by_id(topic.topic_id).ok_or(ErrorCode::UNKNOWN_TOPIC_ID),
        _ => image.topic(&topic.topic).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
    }
    .cloned()
}

/// Looks at every partition once, on a thread that may wait for the disk if there is anything to
/// read. `None` if that thread died.
async fn read(questions: &Arc<Vec<Question>>, limit: usize) -> Option<Vec<Found>> {
    if !questions.iter().any(Question::has_data) {
        return Some(read_all(questions, limit));
    }
    let questions = questions.clone();
    tokio::task::spawn_blocking(move || read_all(&questions, limit))
        .await
        .inspect_err(|error| tracing::error!(%error, "a fetch failed"))
        .ok()
}

fn read_all(questions: &[Question], limit: usize) -> Vec<Found> {
    let mut left = limit;
    let mut found_any = false;
    let read_one = |question: &Question| {
        let found = question.read(left, !found_any);
        left = left.saturating_sub(found.length());
        found_any |= found.length() > 0;
        found
    };
    questions.iter().map(read_one).collect()
}

impl Question {
    fn has_data(&self) -> bool {
        let has_data =
            |partition: &Arc<Partition>| self.wish.fetch_offset < partition.view().high_watermark();
        self.partition.as_ref().is_ok_and(has_data)
    }

    /// Reads at most `left` bytes, but for a first batch that is larger if `at_least_one_batch`.
    fn read(&self, left: usize, at_least_one_batch: bool) -> Found {
        let found = self.partition.as_ref().map_err(|code| *code).and_then(|partition| {
            partition.check_leader(self.wish.current_leader_epoch)?;
            self.read_partition(partition, left, at_least_one_batch)
        });
        found.unwrap_or_else(|error_code| Found {
            data: PartitionData {
                partition_index: self.wish.partition,
                error_code,
                high_watermark: -1,
                records: Some(Bytes::new()),
                ..PartitionData::default()
            },
            is_final: true,
        })
    }

    fn read_partition(
        &self,
        partition: &Partition,
        left: usize,
        at_least_one_batch: bool,
    ) -> Result<Found, ErrorCode> {
        let view = partition.view();
        let offset = self.wish.fetch_offset;
        let diverging_epoch = self.divergence(partition, &view)?;
        let records = match diverging_epoch {
            Some(_) => Bytes::new(),
            None => {
                let most = left.min(self.wish.partition_max_bytes.max(0) as usize);
                view.read(offset, most, view.high_watermark(), at_least_one_batch).map_err(
                    |error| {
                        let code = error_code(&error);
                        if code == ErrorCode::KAFKA_STORAGE_ERROR {
                            tracing::error!(topic = %partition.topic,
                                partition = partition.index, offset, %error, "a read failed");
                        }
                        code
                    },
                )?
            }
        };
        let is_final = diverging_epoch.is_some();
        let data = PartitionData {
            partition_index: self.wish.partition,
            high_watermark: view.high_watermark(),
            last_stable_offset: view.high_watermark(),
            log_start_offset: view.log_start_offset(),
            diverging_epoch: diverging_epoch.unwrap_or_default(),
            aborted_transactions: self.read_committed.then(Vec::new),
            records: Some(records),
            ..PartitionData::default()
        };
        Ok(Found { data, is_final })
    }

    /// Where the client's log and this one part: the client has read records of an epoch that
    /// ends earlier here (KIP-595). A client that has read an epoch which nobody knows here is
    /// out of range.
    fn divergence(
        &self,
        partition: &Partition,
        view: &LogView,
    ) -> Result<Option<EpochEndOffset>, ErrorCode> {
        let last_fetched = self.wish.last_fetched_epoch;
        if last_fetched < 0 {
            return Ok(None);
        }
        let (epoch, end_offset) = partition
            .end_offset_for_epoch(view, last_fetched)
            .ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
        let parted = epoch < last_fetched || end_offset < self.wish.fetch_offset;
        Ok(parted.then_some(EpochEndOffset { epoch, end_offset }))
    }
}

impl Found {
    fn length(&self) -> usize {
        self.data.records.as_ref().map_or(0, Bytes::len)
    }
}

fn respond(topics: Vec<FetchTopic>, questions: &[Question], found: Vec<Found>) -> FetchResponse {
    let mut responses: Vec<FetchableTopicResponse> = topics
        .into_iter()
        .map(|topic| FetchableTopicResponse {
            topic: topic.topic,
            topic_id: topic.topic_id,
            partitions: Vec::new(),
        })
        .collect();
    for (question, found) in questions.iter().zip(found) {
        if let Some(response) = responses.get_mut(question.topic) {
            response.partitions.push(found.data);
        }
    }
    FetchResponse { responses, ..FetchResponse::default() }
}
