//! The cluster's metadata: the owner of `__cluster_metadata-0`.
//!
//! A change is decided from the current [`Image`], written to the log, and applied once it is
//! durable; only then does anybody see it. Changes happen one after the other. Readers hold an
//! image, which never changes under them.

mod image;
mod records;
mod topics;

use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, oneshot};

pub use image::{Image, Overrides, PartitionState, ResourceKind, Topic};
pub use records::{MetadataRecord, RecordError};
pub use topics::{
    NewTopic, Refusal, TopicDefaults, check_topic_name, is_internal, plan_partitions, plan_topic,
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
    /// Reads the metadata log from its start.
    ///
    /// # Errors
    /// The log cannot be read, or holds a record that this version does not understand.
    pub fn open(log: PartitionLog, clock: Arc<dyn Clock>) -> Result<Self, ReadError<RecordError>> {
        let mut image = Image::default();
        read_records(&log.view(), |(_, value)| {
            image.apply(&MetadataRecord::decode(value.unwrap_or_default())?);
            Ok(())
        })?;
        Ok(Self { log, clock, image: RwLock::new(image.into()), changing: Mutex::new(()) })
    }

    /// The metadata as it is now.
    pub fn image(&self) -> Arc<Image> {
        // Held for the length of a pointer's copy; a panic cannot happen while it is.
        self.image.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Changes the metadata: `decide` gives records and a result from the current image. The
    /// records take effect together, after they are durable. `before_publishing` sees the new
    /// image first: whoever finds a topic in an image also finds its partitions.
    ///
    /// # Errors
    /// The change has not happened.
    pub async fn change<T>(
        &self,
        decide: impl FnOnce(&Image) -> (Vec<MetadataRecord>, T),
        before_publishing: impl FnOnce(&Image),
    ) -> Result<T, ChangeError> {
        let _one_at_a_time = self.changing.lock().await;
        let mut image = Image::clone(&self.image());
        let (records, result) = decide(&image);
        if records.is_empty() {
            return Ok(result);
        }
        self.append(&records).await?;
        records.iter().for_each(|record| image.apply(record));
        before_publishing(&image);
        *self.image.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = image.into();
        Ok(result)
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
