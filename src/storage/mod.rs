//! One partition's log in Kafka's on-disk layout, and the threads that own the logs.
//!
//! A [`Store`] owns a data directory. It gives out a [`PartitionLog`] per partition: a handle to
//! append, to delete from the front, and to take a [`LogView`], the immutable state that reads
//! use. Appends are queued for the one thread that writes to the log, which assigns offsets,
//! checks producers' sequence numbers, writes, and publishes the next view. Appends that must be
//! durable then wait for the committer, which syncs for all of them together.
//!
//! | module | holds |
//! |---|---|
//! | `store`, `writer`, `flushes`, `committer`, `commit`, `sync`, `queue`, `parallel`, `partition` | the threads, and the way to them |
//! | `predecessors`, `poison` | removed logs and their successors; the end of all syncs |
//! | `housekeeping`, `retention`, `clock_guard` | what is done by itself from time to time: deleting what is too old |
//! | `space` | who may write when the disk is nearly full, and the reserve |
//! | `compaction`, `swap` | keeping the newest record of each key alone |
//! | `startup` | what is done with a data directory before it is served |
//! | `log`, `append`, `view`, `recovery` | one log: writing, reading, opening |
//! | `segment`, `index`, `scan`, `files` | the files of a segment |
//! | `walk`, `damage`, `torn` | reading past what is damaged; what was cut off |
//! | `verify`, `repair` | proving a data directory that nobody serves, and taking damage out of it |
//! | `producers`, `producer_snapshot`, `epochs` | what a log knows besides its records |
//! | `directory`, `checkpoint`, `durable_ends` | names and small files of the data directory |
//!
//! Nothing here is async; replies are callbacks on storage threads. All I/O goes through
//! [`Disk`](crate::base::disk::Disk), and time comes with each append.
//!
#![doc = include_str!("../docs/storage.md")]

mod append;
mod checkpoint;
mod clock_guard;
mod commit;
mod committer;
mod compaction;
mod config;
mod damage;
mod directory;
mod durable_ends;
mod epochs;
mod error;
mod files;
mod flushes;
mod housekeeping;
mod index;
mod log;
mod parallel;
mod partition;
mod poison;
mod predecessors;
mod producer_snapshot;
mod producers;
mod queue;
mod recovery;
mod repair;
mod retention;
mod scan;
mod segment;
mod space;
mod startup;
mod store;
mod swap;
mod sync;
mod torn;
mod verify;
mod view;
mod walk;
mod writer;

pub use append::{Append, Appended, Origin};
pub use compaction::{CleanerOptions, Compaction};
pub use config::{Durability, LogConfig, StoreOptions};
pub use directory::PartitionId;
pub use error::StorageError;
pub use housekeeping::HousekeepingOptions;
pub use partition::{Ack, Listener, PartitionLog};
pub use repair::{Loss, RepairPlan, repair};
pub use retention::Retention;
pub use segment::TimestampOffset;
pub use startup::RecoveredPartition;
pub use store::Store;
pub use verify::{Finding, FindingKind, PartitionReport, Verification, verify};
pub use view::LogView;

#[cfg(test)]
mod tests;
