//! The cluster's metadata: the owner of `__cluster_metadata-0`.
//!
//! A change is decided from the current [`Image`], written to the log, and applied once it is
//! durable; only then does anybody see it. Changes happen one after the other. Readers hold an
//! image, which never changes under them.

mod image;
mod records;
mod topics;

use std::collections::HashSet;
use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, oneshot};

pub use image::{Image, Overrides, PartitionState, ResourceKind, Topic};
pub use records::{MetadataRecord, RecordError};
pub use topics::{
    MAX_NEW_PARTITIONS, NewTopic, Refusal, TopicDefaults, check_topic_name, is_internal,
    plan_partitions, plan_topic,
};

use super::internal_log::{ReadError, build_batch, read_records};
use crate::base::clock::Clock;
use crate::base::uuid::Uuid;
use crate::storage::{Ack, Append, Origin, PartitionLog, StorageError};
use crate::wire::codec::EncodeError;
use crate::wire::records::BuildError;

/// Name of the topic whose only partition is the metadata log.
pub const METADATA_TOPIC: &str = "__cluster_metadata";

/// Id of that topic, the same in every cluster (KIP-516).
pub const METADATA_TOPIC_ID: Uuid = Uuid([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// The leader epoch of the metadata log while there is one controller.
const LEADER_EPOCH: i32 = 1;

/// Why a change of the metadata did not happen.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The log could not be written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A name or value is longer than a record can hold.
    #[error("the change cannot be recorded: {0}")]
    Encode(#[from] EncodeError),
    /// The change is larger than a batch can be.
    #[error("the change cannot be recorded: {0}")]
    TooLarge(#[from] BuildError),
}

/// Owner of the metadata.
pub struct Catalog {
    log: PartitionLog,
    clock: Arc<dyn Clock>,
    image: RwLock<Arc<Image>>,
    changing: Mutex<()>,
}

impl Catalog {
    /// Reads the metadata log from its start. The ids are those of all topics that were deleted.
    ///
    /// # Errors
    /// The log cannot be read, or holds a record that this version does not understand.
    pub fn open(
        log: PartitionLog,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, HashSet<Uuid>), ReadError<RecordError>> {
        let mut image = Image::default();
        let mut deleted = HashSet::new();
        read_records(&log.view(), |(_, value)| {
            let record = MetadataRecord::decode(value.unwrap_or_default())?;
            if let MetadataRecord::RemoveTopic(removed) = &record {
                deleted.insert(removed.topic_id);
            }
            image.apply(&record);
            Ok(())
        })?;
        let changing = Mutex::new(());
        Ok((Self { log, clock, image: RwLock::new(image.into()), changing }, deleted))
    }

    /// The metadata as it is now.
    pub fn image(&self) -> Arc<Image> {
        // Held for the length of a pointer's copy; a panic cannot happen while it is.
        self.image.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Changes the metadata: `decide` gives records and a result from the current image. The
    /// records take effect together, after they are durable. `before_publishing` sees the images
    /// before and after, and the records, first: whoever finds a topic in an image also finds its
    /// partitions. What it returns comes back, the default if nothing changes.
    ///
    /// # Errors
    /// The change has not happened.
    pub async fn change<T, E: Default>(
        &self,
        decide: impl FnOnce(&Image) -> (Vec<MetadataRecord>, T),
        before_publishing: impl FnOnce(&Image, &Image, &[MetadataRecord]) -> E,
    ) -> Result<(T, E), ChangeError> {
        let _one_at_a_time = self.changing.lock().await;
        let before = self.image();
        let (records, result) = decide(&before);
        if records.is_empty() {
            return Ok((result, E::default()));
        }
        self.append(&records).await?;
        let mut after = Image::clone(&before);
        records.iter().for_each(|record| after.apply(record));
        let effect = before_publishing(&before, &after, &records);
        *self.image.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = after.into();
        Ok((result, effect))
    }

    async fn append(&self, records: &[MetadataRecord]) -> Result<(), ChangeError> {
        let now_ms = self.clock.wall_ms();
        let values = records.iter().map(|record| Ok((None, Some(record.encode()?))));
        let batch = build_batch(&values.collect::<Result<Vec<_>, EncodeError>>()?, now_ms)?;
        let append =
            Append { batches: batch, leader_epoch: LEADER_EPOCH, now_ms, origin: Origin::Internal };
        let (reply, outcome) = oneshot::channel();
        self.log.append(append, Ack::Durable, move |result| drop(reply.send(result)));
        outcome.await.unwrap_or(Err(StorageError::Removed))?;
        Ok(())
    }
}
