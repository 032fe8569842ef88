//! What can go wrong in storage.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::wire::records::{BatchError, DecompressError, RecordError};

/// Why storage did not do what was asked. Cheap to clone: one failed sync answers many.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// No record has or will soon have this offset.
    #[error("offset {offset} is not within {log_start_offset} and {log_end_offset}")]
    OffsetOutOfRange {
        /// What was asked for.
        offset: i64,
        /// First offset there is.
        log_start_offset: i64,
        /// The offset that the next record gets.
        log_end_offset: i64,
    },
    /// The producer's batch does not follow its last one.
    #[error("producer {producer_id} sent sequence {sequence} after {last_sequence}")]
    OutOfOrderSequence {
        /// The producer.
        producer_id: i64,
        /// First sequence of the refused batch.
        sequence: i32,
        /// Last sequence that was appended; −1 if none of this epoch was.
        last_sequence: i32,
    },
    /// A newer instance of the producer has written already.
    #[error("producer {producer_id} has epoch {current_epoch}, {epoch} is fenced")]
    InvalidProducerEpoch {
        /// The producer.
        producer_id: i64,
        /// Epoch of the refused batch.
        epoch: i16,
        /// Newest epoch.
        current_epoch: i16,
    },
    /// What was to be appended is not whole batches.
    #[error("not a record batch: {0}")]
    InvalidBatch(#[from] BatchError),
    /// The batches do not fit into one segment.
    #[error("{size} bytes do not fit into a segment of {segment_bytes}")]
    RecordListTooLarge {
        /// Bytes that were to be appended.
        size: usize,
        /// The topic's `segment.bytes`.
        segment_bytes: u32,
    },
    /// A file does not hold what was written to it.
    #[error("{} is damaged at {position}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Byte in the file.
        position: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A file has a format that this version does not know.
    #[error("{} has the unknown version {version:?}", path.display())]
    UnknownVersion {
        /// The file.
        path: PathBuf,
        /// The version marker that it has.
        version: String,
    },
    /// The operating system failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: Arc<io::Error>,
    },
    /// There is too little room for a client's records; the caller may try again.
    #[error("the disk of {} is nearly full: {free_bytes} bytes are free", directory.display())]
    DiskFull {
        /// The data directory.
        directory: PathBuf,
        /// What is free on its file system.
        free_bytes: u64,
    },
    /// An earlier sync failed, so nothing can be promised any more until a restart.
    #[error("the disk has failed: {0}")]
    Poisoned(Arc<str>),
    /// Too much is waiting to be written; the caller may try again.
    #[error("too many requests are waiting for the disk")]
    Busy,
    /// The partition was removed, or the store was closed.
    #[error("the partition's log is gone")]
    Removed,
    /// The directory belongs to another topic of the same name.
    #[error("{} belongs to another topic id", path.display())]
    TopicIdMismatch {
        /// The partition's directory.
        path: PathBuf,
    },
    /// The partition's log is open already.
    #[error("the log of {0} is open already")]
    AlreadyOpen(String),
    /// A topic name that cannot be a directory's.
    #[error("{0:?} cannot be a topic name")]
    InvalidTopicName(String),
}

impl StorageError {
    /// Turns an I/O error on `path` into a storage error.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |source| match source.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            // A disk that refuses says why itself.
            Some(refusal) => refusal.clone(),
            None => Self::Io { path: path.to_path_buf(), source: Arc::new(source) },
        }
    }

    /// Whether the system had no room, or the process's owner may not use more.
    pub(super) fn is_disk_full(&self) -> bool {
        let kind = match self {
            Self::Io { source, .. } => source.kind(),
            _ => return false,
        };
        matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Says that `path` is damaged at `position`.
    pub(super) fn corrupt(path: &Path, position: u64, reason: impl ToString) -> Self {
        Self::Corrupt { path: path.to_path_buf(), position, reason: reason.to_string() }
    }
}

/// Why a batch whose CRC was right cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableBatch {
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    #[error(transparent)]
    Record(#[from] RecordError),
}
