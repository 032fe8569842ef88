//! One partition that this broker leads: its log, its settings, and the fetches that wait for it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::waiting::Waiters;
use crate::base::uuid::Uuid;
use crate::config::broker::BrokerConfig;
use crate::config::topic::{Durability, TopicConfig};
use crate::storage::{
    self, Ack, Append, Appended, CleanerOptions, Compaction, LogConfig, LogView, Origin,
    PartitionLog, Retention, StorageError,
};
use crate::wire::error::ErrorCode;
use crate::wire::records::Batch;

/// One partition.
pub struct Partition {
    /// Name of its topic.
    pub topic: Arc<str>,
    /// Id of its topic.
    pub topic_id: Uuid,
    /// Its index in the topic.
    pub index: i32,
    /// The epoch in which this broker leads it.
    pub leader_epoch: i32,
    /// Fetches that wait for data.
    pub waiters: Arc<Waiters>,
    pub(super) log: PartitionLog,
    pub(super) config: RwLock<Arc<TopicConfig>>,
    pub(super) is_removed: AtomicBool,
}

impl Partition {
    /// Puts other settings into effect.
    pub(super) fn configure(&self, config: &Arc<TopicConfig>) {
        if self.config() != *config {
            self.log.set_config(log_config(config));
            *self.config.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = config.clone();
        }
    }

    /// Deletes the log. Fetches that wait for it are told that it is gone.
    pub(super) fn remove(&self) -> oneshot::Receiver<Result<(), StorageError>> {
        self.is_removed.store(true, Ordering::Release);
        self.waiters.wake();
        let (reply, outcome) = oneshot::channel();
        self.log.remove(move |result| drop(reply.send(result)));
        outcome
    }

    /// The log as it is now.
    pub fn view(&self) -> Arc<LogView> {
        self.log.view()
    }

    /// The topic's configs as they are now.
    pub fn config(&self) -> Arc<TopicConfig> {
        // Held for the length of a pointer's copy; a panic cannot happen while it is.
        self.config.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Whether the partition is still here, and a client that says it knows `epoch` is up to date;
    /// -1 says nothing (KIP-320).
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION if its topic was deleted, FENCED_LEADER_EPOCH if the client is
    /// behind, UNKNOWN_LEADER_EPOCH if it is ahead.
    pub fn check_leader(&self, epoch: i32) -> Result<(), ErrorCode> {
        if self.is_removed.load(Ordering::Acquire) {
            return Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        }
        match epoch {
            ..=-1 => Ok(()),
            epoch if epoch < self.leader_epoch => Err(ErrorCode::FENCED_LEADER_EPOCH),
            epoch if epoch > self.leader_epoch => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
            _ => Ok(()),
        }
    }

    /// The largest leader epoch that is at most `epoch`, and where it ends in `view`. The current
    /// epoch ends where the log does, even if nothing was appended in it.
    pub fn end_offset_for_epoch(&self, view: &LogView, epoch: i32) -> Option<(i32, i64)> {
        match epoch == self.leader_epoch {
            true => Some((epoch, view.log_end_offset())),
            false => view.end_offset_for_epoch(epoch),
        }
    }

    /// Puts a valid batch into the queue of the log; batches are appended in the order of the calls. The
    /// outcome comes when `ack` holds.
    pub fn append(
        &self,
        batch: &Batch,
        ack: Ack,
        now_ms: i64,
    ) -> oneshot::Receiver<Result<Appended, StorageError>> {
        let (reply, outcome) = oneshot::channel();
        let append = Append {
            batches: batch.bytes().clone(),
            leader_epoch: self.leader_epoch,
            now_ms,
            origin: Origin::Client,
        };
        // If nobody waits for the outcome any more, the client went away.
        self.log.append(append, ack, move |result| drop(reply.send(result)));
        outcome
    }

    /// Appends a batch of the broker's own, stamped with `now_ms`. `reply` is called on a storage
    /// thread when the batch is durable; for one partition in the order of the calls.
    pub fn append_internal(
        &self,
        batch: Bytes,
        now_ms: i64,
        reply: impl FnOnce(Result<Appended, StorageError>) + Send + 'static,
    ) {
        let append = Append {
            batches: batch,
            leader_epoch: self.leader_epoch,
            now_ms,
            origin: Origin::Internal,
        };
        let ack = match self.config().durability {
            Durability::Synced => Ack::Durable,
            Durability::Async => Ack::Appended,
        };
        self.log.append(append, ack, reply);
    }

    /// Deletes all records below `offset`, durably. Returns the new log start offset.
    pub async fn delete_records_before(
        &self,
        offset: i64,
        now_ms: i64,
    ) -> Result<i64, StorageError> {
        let (reply, outcome) = oneshot::channel();
        self.log.delete_records_before(offset, now_ms, move |result| drop(reply.send(result)));
        outcome.await.unwrap_or(Err(StorageError::Removed))
    }
}

/// What a client is told when storage fails.
pub fn error_code(error: &StorageError) -> ErrorCode {
    match error {
        StorageError::OffsetOutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
        StorageError::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
        StorageError::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
        StorageError::InvalidBatch(_) | StorageError::Corrupt { .. } => ErrorCode::CORRUPT_MESSAGE,
        StorageError::RecordListTooLarge { .. } => ErrorCode::RECORD_LIST_TOO_LARGE,
        StorageError::Removed => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        _ => ErrorCode::KAFKA_STORAGE_ERROR,
    }
}

/// What of a topic's configs its logs obey.
pub(super) fn log_config(config: &TopicConfig) -> LogConfig {
    // Negative numbers set no limit.
    let retention = Retention {
        bytes: u64::try_from(config.retention_bytes).ok(),
        age_ms: Some(config.retention_ms).filter(|age_ms| *age_ms >= 0),
    };
    LogConfig {
        segment_bytes: config.segment_bytes.unsigned_abs(),
        segment_ms: config.segment_ms,
        segment_jitter_ms: config.segment_jitter_ms,
        segment_index_bytes: config.segment_index_bytes.unsigned_abs(),
        preallocate: config.preallocate,
        index_interval_bytes: config.index_interval_bytes.unsigned_abs(),
        compaction: config.cleanup_policy.compact.then_some(Compaction {
            delete_retention_ms: config.delete_retention_ms,
            min_lag_ms: config.min_compaction_lag_ms,
            max_lag_ms: config.max_compaction_lag_ms,
            min_dirty_ratio: config.min_cleanable_dirty_ratio,
        }),
        retention: config.cleanup_policy.delete.then_some(retention),
        file_delete_delay: Duration::from_millis(config.file_delete_delay_ms.unsigned_abs()),
        durability: match config.durability {
            Durability::Synced => storage::Durability::Synced,
            Durability::Async => storage::Durability::Async,
        },
        flush_messages: config.flush_messages.unsigned_abs(),
        flush_interval: match config.flush_ms {
            i64::MAX => Duration::MAX,
            flush_ms => Duration::from_millis(flush_ms.unsigned_abs()),
        },
    }
}

/// What of the broker's configs the cleaner obeys.
pub(super) fn cleaner_options(config: &BrokerConfig) -> CleanerOptions {
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    CleanerOptions {
        threads: count(config.log_cleaner_threads.into()),
        backoff: Duration::from_millis(config.log_cleaner_backoff_ms.unsigned_abs()),
        dedupe_buffer_bytes: count(config.log_cleaner_dedupe_buffer_size),
        io_buffer_bytes: count(config.log_cleaner_io_buffer_size.into()),
    }
}
