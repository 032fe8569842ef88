//! Compaction: of each key, a log keeps the newest record (`cleanup.policy=compact`).
//!
//! A log is compacted from its start to a point that moves on with each pass: what lies behind it
//! is clean, what lies between it and the active segment is dirty. A pass reads the dirty part and
//! notes the newest offset of each key, then writes every segment before the end of the dirty part
//! anew, without records that have a newer one, without data of aborted transactions, and without
//! tombstones and transaction markers whose time is over. Offsets never change: batches that lose
//! records leave gaps.
//!
//! | module | holds | |
//! |---|---|---|
//! | `plan` | what of a log is to be compacted, and which segments become one | pure |
//! | `key_offsets` | the newest offset of each key | pure |
//! | `transactions` | which data was aborted, which markers are still needed | pure |
//! | `filter` | what is left of one batch | pure |
//! | `pass` | one log: reads immutable views, writes new segment files | I/O |
//! | `round` | one log: a pass, and the new files in the place of the old ones | |
//! | `cleaner` | the threads: which log is next, and when | |
//!
//! Nothing here changes a log. The thread that writes to a log is asked for a view, and is given
//! new segments to put in the place of old ones; see `swap`.

pub(super) mod cleaner;
mod filter;
mod key_offsets;
pub(super) mod pass;
mod plan;
pub(super) mod round;
mod transactions;

pub use cleaner::CleanerOptions;
pub(super) use pass::Replacement;

use std::collections::HashMap;
use std::sync::Arc;

use super::config::LogConfig;
use super::files::{FileCache, LogDirectory};
use super::view::LogView;

/// How a topic is compacted; the defaults are Kafka's.
#[derive(Clone, Debug, PartialEq)]
pub struct Compaction {
    /// `delete.retention.ms`: how long tombstones and transaction markers stay after they were
    /// first compacted.
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`: a record is not compacted before it is as old.
    pub min_lag_ms: i64,
    /// `max.compaction.lag.ms`: a record is compacted as soon as it is as old, but for those of the
    /// active segment, which is rolled for this reason by the next append.
    pub max_lag_ms: i64,
    /// `min.cleanable.dirty.ratio`: share of the log, 0 to 1, that has to be dirty.
    pub min_dirty_ratio: f64,
}

impl Default for Compaction {
    fn default() -> Self {
        Self {
            delete_retention_ms: 24 * 60 * 60 * 1000,
            min_lag_ms: 0,
            max_lag_ms: i64::MAX,
            min_dirty_ratio: 0.5,
        }
    }
}

/// A log as the thread that writes to it hands it out to be compacted.
pub(super) struct CompactedLog {
    /// The log's number.
    pub(super) number: u64,
    pub(super) directory: Arc<LogDirectory>,
    pub(super) cache: Arc<FileCache>,
    /// Whether anything of the log is synced.
    pub(super) is_synced: bool,
    pub(super) config: LogConfig,
    pub(super) compaction: Compaction,
    pub(super) view: LogView,
    /// All before this offset has been compacted, if it ever was.
    pub(super) cleaned_to: Option<i64>,
    /// The high watermark, or where the first open transaction starts.
    pub(super) stable_end_offset: i64,
}

/// The last batches of the producers that a log remembers, by producer id.
pub(super) type LastBatches = HashMap<i64, LastBatch>;

/// The last batch of a producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastBatch {
    /// Last offset of its last batch with data in this epoch, if there is one.
    pub(super) data_offset: Option<i64>,
    pub(super) epoch: i16,
}
