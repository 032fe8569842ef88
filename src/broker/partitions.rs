//! All partitions that this broker leads, and how they follow the metadata.
//!
//! The metadata says what there is; this opens, configures and deletes logs accordingly, while
//! nobody else can change the metadata: a successor of a deleted topic is opened behind its
//! predecessor's deletion, never beside it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::oneshot;

use super::catalog::{Image, MetadataRecord, PartitionState, ResourceKind, Topic};
use super::partition::{Partition, cleaner_options, log_config};
use super::waiting::Waiters;
use crate::base::uuid::Uuid;
use crate::config::broker::BrokerConfig;
use crate::config::topic::TopicConfig;
use crate::storage::{PartitionId, StorageError, Store};
use crate::wire::error::ErrorCode;

/// In place of a leader's node id.
const NO_LEADER: i32 = -1;

/// A partition, or why its log cannot be used.
type Hosted = Result<Arc<Partition>, StorageError>;

/// All partitions, by topic id and index.
pub struct Partitions {
    /// Gone once the broker has stopped.
    store: Mutex<Option<Store>>,
    hosted: RwLock<HashMap<(Uuid, i32), Hosted>>,
}

/// Logs that are being deleted.
#[must_use = "a deletion is done when it has been waited for"]
#[derive(Default)]
pub struct Removals(Vec<oneshot::Receiver<Result<(), StorageError>>>);

impl Removals {
    /// Starts the deletion of a log that could not be opened, if there is one.
    fn remove_unopened(&mut self, store: &Store, partition: &PartitionId, topic_id: Uuid) {
        let (reply, outcome) = oneshot::channel();
        let reply = move |result| drop(reply.send(result));
        match store.remove_recovered(partition, topic_id, reply) {
            Ok(()) => self.0.push(outcome),
            // It has left nothing that is its own.
            Err(error) => tracing::warn!(%partition, %error, "nothing is removed"),
        }
    }

    /// Waits until no restart can bring the logs back.
    pub async fn finish(self) {
        for removal in self.0 {
            if let Ok(Err(error)) = removal.await {
                tracing::error!(%error, "the log of a deleted topic could not be removed");
            }
        }
    }
}

impl Partitions {
    /// No partitions yet; their logs will be kept in `store`.
    pub fn new(store: Store) -> Self {
        Self { store: Mutex::new(Some(store)), hosted: RwLock::default() }
    }

    /// The partition of an index.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION if there is none, KAFKA_STORAGE_ERROR if its log is damaged.
    pub fn get(&self, topic: &Topic, index: i32) -> Result<Arc<Partition>, ErrorCode> {
        match self.read().get(&(topic.id, index)) {
            Some(Ok(partition)) => Ok(partition.clone()),
            Some(Err(_)) => Err(ErrorCode::KAFKA_STORAGE_ERROR),
            None => Err(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        }
    }

    /// The partitions of a topic as clients are to see them: one whose log is damaged has no leader.
    pub fn states<'a>(&'a self, topic: &'a Topic) -> impl Iterator<Item = (i32, PartitionState)> {
        (0..).zip(&topic.partitions).map(|(index, state)| {
            let mut state = state.clone();
            if self.get(topic, index).is_err() {
                state.leader = NO_LEADER;
                state.isr.clear();
            }
            (index, state)
        })
    }

    /// At start: deletes what a deletion that was cut short has left, and opens everything else.
    ///
    /// `deleted` are the ids of all topics that were ever deleted: a log of an id that the metadata
    /// has never heard of is not touched.
    pub fn load(&self, image: &Image, broker: &BrokerConfig, deleted: &HashSet<Uuid>) -> Removals {
        let mut removals = Removals::default();
        if let Some(store) = &*self.store() {
            for left in store.recovered() {
                if let Some(topic_id) = left.topic_id.filter(|id| deleted.contains(id)) {
                    removals.remove_unopened(store, &left.partition, topic_id);
                }
            }
        }
        self.configure_all(image, broker);
        removals
    }

    /// Puts the cleaner's settings into effect.
    pub fn configure_cleaner(&self, broker: &BrokerConfig) {
        if let Some(store) = &*self.store()
            && let Err(error) = store.configure_cleaner(cleaner_options(broker))
        {
            tracing::error!(%error, "the cleaner's settings are not in effect");
        }
    }

    /// Opens partitions that are not open yet, and puts the configs of all into effect.
    pub fn configure_all(&self, image: &Image, broker: &BrokerConfig) {
        image.topics().for_each(|topic| self.adopt(topic, image, broker));
    }

    /// Does what `records` mean, which lead from the metadata `before` to that `after`.
    pub fn follow(
        &self,
        before: &Image,
        after: &Image,
        records: &[MetadataRecord],
        broker: &BrokerConfig,
    ) -> Removals {
        let mut removals = Removals::default();
        let mut changed = BTreeSet::new();
        for record in records {
            match record {
                MetadataRecord::RemoveTopic(record) => {
                    if let Some(topic) = before.topic_by_id(record.topic_id) {
                        self.remove(topic, &mut removals);
                    }
                }
                MetadataRecord::Partition(record) => {
                    changed.extend(after.topic_by_id(record.topic_id).map(|topic| &topic.name));
                }
                MetadataRecord::Config(record)
                    if record.resource_type == ResourceKind::Topic as i8 =>
                {
                    changed.extend(after.topic(&record.resource_name).map(|topic| &topic.name));
                }
                _ => {}
            }
        }
        for topic in changed.into_iter().filter_map(|name| after.topic(name)) {
            self.adopt(topic, after, broker);
        }
        removals
    }

    fn adopt(&self, topic: &Topic, image: &Image, broker: &BrokerConfig) {
        let overrides = image.overrides(ResourceKind::Topic, &topic.name);
        let config = match TopicConfig::from_overrides(broker, &overrides) {
            Ok(config) => Arc::new(config),
            // They were checked before they were stored: this is another version's metadata.
            Err(error) => {
                tracing::error!(topic = %topic.name, %error, "the topic's configs are invalid");
                return;
            }
        };
        for (index, state) in (0..).zip(&topic.partitions) {
            if let Ok(partition) = self.get(topic, index) {
                partition.configure(&config);
                continue;
            }
            let opened = self.open(topic, index, state.leader_epoch, &config);
            if let Err(error) = &opened {
                tracing::error!(topic = %topic.name, partition = index, %error,
                    "the partition is unavailable");
            }
            self.write().insert((topic.id, index), opened.map(Arc::new));
        }
    }

    fn open(
        &self,
        topic: &Topic,
        index: i32,
        leader_epoch: i32,
        config: &Arc<TopicConfig>,
    ) -> Result<Partition, StorageError> {
        let store = self.store();
        let store = store.as_ref().ok_or(StorageError::Removed)?;
        let waiters = Arc::new(Waiters::default());
        let woken = waiters.clone();
        let log = store.open_partition(
            PartitionId::new(&*topic.name, index)?,
            topic.id,
            log_config(config),
            Arc::new(move |_| woken.wake()),
        )?;
        Ok(Partition {
            topic: topic.name.clone(),
            topic_id: topic.id,
            index,
            leader_epoch,
            waiters,
            log,
            config: RwLock::new(config.clone()),
            is_removed: AtomicBool::new(false),
        })
    }

    /// Takes a partition out of service: what it holds cannot be read.
    pub fn withdraw(&self, topic: &Topic, index: i32, error: StorageError) {
        tracing::error!(topic = %topic.name, partition = index, %error, "the partition is unavailable");
        self.write().insert((topic.id, index), Err(error));
    }

    fn remove(&self, topic: &Topic, removals: &mut Removals) {
        for index in 0..topic.partitions.len() as i32 {
            match self.write().remove(&(topic.id, index)) {
                Some(Ok(partition)) => removals.0.push(partition.remove()),
                Some(Err(_)) => {
                    if let Some(store) = &*self.store()
                        && let Ok(partition) = PartitionId::new(&*topic.name, index)
                    {
                        removals.remove_unopened(store, &partition, topic.id);
                    }
                }
                None => {}
            }
        }
    }

    /// Whether the disk can still be trusted.
    ///
    /// # Errors
    /// A sync has failed: nothing that is written from now on is safe.
    pub fn check(&self) -> Result<(), StorageError> {
        self.store().as_ref().map_or(Ok(()), Store::check)
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

    fn read(&self) -> RwLockReadGuard<'_, HashMap<(Uuid, i32), Hosted>> {
        self.hosted.read().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<(Uuid, i32), Hosted>> {
        self.hosted.write().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
