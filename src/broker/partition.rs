//! The partitions that this broker leads, each with its log and the fetches that wait for it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::catalog::{Image, ResourceKind, Topic};
use super::waiting::Waiters;
use crate::base::uuid::Uuid;
use crate::config::broker::BrokerConfig;
use crate::config::topic::TopicConfig;
use crate::storage::{
    Ack, Append, Appended, Listener, LogConfig, LogView, Origin, PartitionId, PartitionLog,
    StorageError, Store,
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
    log: PartitionLog,
    config: RwLock<Arc<TopicConfig>>,
    is_removed: AtomicBool,
}

impl Partition {
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
        self.log.append(append, Ack::Durable, reply);
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

/// All partitions, by topic id and index.
pub struct Partitions {
    /// Gone once the broker has stopped.
    store: Mutex<Option<Store>>,
    all: RwLock<HashMap<(Uuid, i32), Arc<Partition>>>,
}

impl Partitions {
    /// No partitions yet; their logs will be kept in `store`.
    pub fn new(store: Store) -> Self {
        Self { store: Mutex::new(Some(store)), all: RwLock::default() }
    }

    /// The partition of an index; `None` if it is not here, which a client is told as
    /// UNKNOWN_TOPIC_OR_PARTITION.
    pub fn get(&self, topic: &Topic, index: i32) -> Option<Arc<Partition>> {
        self.read().get(&(topic.id, index)).cloned()
    }

    /// Opens the partitions that the metadata has and this broker has not, and puts the configs of
    /// all into effect.
    pub fn adopt(&self, image: &Image, broker: &BrokerConfig) {
        for topic in image.topics() {
            let overrides = image.overrides(ResourceKind::Topic, &topic.name);
            match TopicConfig::from_overrides(broker, &overrides) {
                Ok(config) => self.adopt_topic(topic, &Arc::new(config)),
                // They were checked before they were stored: this is another version's metadata.
                Err(error) => {
                    tracing::error!(topic = %topic.name, %error, "the topic's configs are invalid");
                }
            }
        }
    }

    fn adopt_topic(&self, topic: &Topic, config: &Arc<TopicConfig>) {
        for (index, state) in (0..).zip(&topic.partitions) {
            if let Some(partition) = self.get(topic, index) {
                if partition.config() != *config {
                    partition.log.set_config(log_config(config));
                    *partition.config.write().unwrap_or_else(|poisoned| poisoned.into_inner()) =
                        config.clone();
                }
                continue;
            }
            let waiters = Arc::new(Waiters::default());
            let woken = waiters.clone();
            let opened = self.open(topic, index, config, Arc::new(move |_| woken.wake()));
            match opened {
                Ok(log) => {
                    let partition = Partition {
                        topic: topic.name.clone(),
                        topic_id: topic.id,
                        index,
                        leader_epoch: state.leader_epoch,
                        waiters,
                        log,
                        config: RwLock::new(config.clone()),
                        is_removed: AtomicBool::new(false),
                    };
                    self.all
                        .write()
                        .unwrap_or_else(|poisoned| poisoned.into_inner())
                        .insert((topic.id, index), Arc::new(partition));
                }
                // The others go on; clients are told that this one is not here.
                Err(error) => {
                    tracing::error!(topic = %topic.name, partition = index, %error,
                        "the partition is unavailable");
                }
            }
        }
    }

    fn open(
        &self,
        topic: &Topic,
        index: i32,
        config: &TopicConfig,
        listener: Listener,
    ) -> Result<PartitionLog, StorageError> {
        let store = self.store();
        let store = store.as_ref().ok_or(StorageError::Removed)?;
        let partition = PartitionId::new(&*topic.name, index)?;
        store.open_partition(partition, topic.id, log_config(config), listener)
    }

    /// Closes and deletes the logs of a topic.
    pub async fn remove(&self, topic: &Topic) {
        for index in 0..topic.partitions.len() as i32 {
            let removed = self
                .all
                .write()
                .unwrap_or_else(|poisoned| poisoned.into_inner())
                .remove(&(topic.id, index));
            let Some(partition) = removed else { continue };
            // Fetches that wait for it find out that it is gone.
            partition.is_removed.store(true, Ordering::Release);
            partition.waiters.wake();
            let (reply, outcome) = oneshot::channel();
            partition.log.remove(move |result| drop(reply.send(result)));
            if let Ok(Err(error)) = outcome.await {
                tracing::error!(topic = %topic.name, partition = index, %error,
                    "the log of a deleted topic could not be removed");
            }
        }
    }

    /// Writes out everything and ends the storage threads; waits for the disk.
    ///
    /// # Errors
    /// Something could not be made durable; the next start will check the logs.
    pub fn close(&self) -> Result<(), StorageError> {
        let store = self.store().take();
        store.map_or(Ok(()), Store::close)
    }

    fn store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, HashMap<(Uuid, i32), Arc<Partition>>> {
        self.all.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// What a client is told when storage fails.
pub fn error_code(error: &StorageError) -> ErrorCode {
    match error {
        StorageError::OffsetOutOfRange { .. } => ErrorCode::OFFSET_OUT_OF_RANGE,
        StorageError::OutOfOrderSequence { .. } => ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER,
        StorageError::InvalidProducerEpoch { .. } => ErrorCode::INVALID_PRODUCER_EPOCH,
        StorageError::InvalidBatch(_) => ErrorCode::CORRUPT_MESSAGE,
        StorageError::RecordListTooLarge { .. } => ErrorCode::RECORD_LIST_TOO_LARGE,
        StorageError::Removed => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        _ => ErrorCode::KAFKA_STORAGE_ERROR,
    }
}

/// What of a topic's configs its logs obey.
fn log_config(config: &TopicConfig) -> LogConfig {
    LogConfig {
        segment_bytes: config.segment_bytes.unsigned_abs(),
        segment_ms: config.segment_ms,
        segment_index_bytes: config.segment_index_bytes.unsigned_abs(),
        index_interval_bytes: config.index_interval_bytes.unsigned_abs(),
    }
}
