//! The settings of one log and of the whole store.

use std::path::PathBuf;
use std::time::Duration;

use super::compaction::Compaction;
use super::retention::Retention;

/// The topic settings that a log obeys; the defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment never grows beyond this. At most `i32::MAX`.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment that spans more time than this is closed by the next append.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: segments live shorter than `segment_ms` by up to this, each by another
    /// time, so that logs do not all roll at once.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is closed when an index of it would grow beyond this.
    pub segment_index_bytes: u32,
    /// `preallocate`: room for all of `segment_bytes` is reserved when a segment is begun, and what
    /// was not used is given back when it is closed. The files look the same.
    pub preallocate: bool,
    /// `index.interval.bytes`: bytes of batches between two index entries.
    pub index_interval_bytes: u32,
    /// How much is kept; `None` if only [`PartitionLog::delete_records_before`] deletes
    /// (`cleanup.policy` without `delete`).
    ///
    /// [`PartitionLog::delete_records_before`]: super::PartitionLog::delete_records_before
    pub retention: Option<Retention>,
    /// How the log is compacted; `None` if it is not (`cleanup.policy` without `compact`).
    pub compaction: Option<Compaction>,
    /// `file.delete.delay.ms`: how long the files of a deleted segment stay, renamed to
    /// `.deleted`, for those who still read them.
    pub file_delete_delay: Duration,
    /// `durability`: readers see records once they are durable, or with [`Durability::Async`] once
    /// they are appended. What readers have seen is never taken back by a power cut, unless it is
    /// so asked.
    pub durability: Durability,
    /// `flush.messages`: once this many records are not synced, the append that brings the last of
    /// them waits for a sync, whatever its [`Ack`](super::Ack).
    pub flush_messages: u64,
    /// `flush.ms`: nothing stays unsynced for longer; `Duration::MAX` sets no limit.
    pub flush_interval: Duration,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 60 * 60 * 1000,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            preallocate: false,
            index_interval_bytes: 4096,
            retention: None,
            compaction: None,
            file_delete_delay: Duration::from_secs(60),
            durability: Durability::Synced,
            flush_messages: u64::MAX,
            flush_interval: Duration::MAX,
        }
    }
}

/// What "durable" means for a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Durable is what survives a power cut: data, file length and directory entry are synced.
    Synced,
    /// Nothing is ever synced, not even at a clean stop: data survives the process, not a power
    /// cut. So the directory is never marked as clean, and the next start walks all of it. For
    /// data that need not outlive the process; a topic that is only to be answered early asks for
    /// [`Ack::Appended`](super::Ack).
    Async,
}

/// The settings of a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data directory; created if missing.
    pub directory: PathBuf,
    /// What [`Ack::Durable`](super::Ack::Durable) waits for.
    pub durability: Durability,
    /// Threads that write; each partition belongs to one of them. At least 1.
    pub threads: usize,
    /// Files kept open at most, apart from those in use at the moment.
    pub open_files: usize,
    /// `producer.id.expiration.ms`: an idle producer's sequence numbers are forgotten after this.
    pub producer_id_expiration_ms: i64,
    /// `disk.reserve.bytes`: room that is kept free for what the broker writes itself while the
    /// disk is full; `None` stands for 1 % of the file system, at most 64 MiB. There is none with
    /// [`Durability::Async`].
    pub reserve_bytes: Option<u64>,
}

impl StoreOptions {
    /// The defaults for a data directory: synced, two threads, 1000 open files, producers kept
    /// for a day.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            durability: Durability::Synced,
            threads: 2,
            open_files: 1000,
            producer_id_expiration_ms: 24 * 60 * 60 * 1000,
            reserve_bytes: None,
        }
    }
}
