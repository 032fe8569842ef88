//! Proving a data directory without a broker: every batch, and what the other files say of them.
//!
//! Nothing is changed, not even opened for writing if the disk is a
//! [`ReadOnlyDisk`](crate::base::disk::ReadOnlyDisk). The directory may be Apache Kafka's. Segments
//! are proved several at a time, each in memory of fixed size; what the system holds of them in
//! memory is forgotten first, so that it is the disk that is proved.
//!
//! | module | holds |
//! |---|---|
//! | `finding` | what can be found, and a partition's report |
//! | `partition` | the small files of a partition |
//! | `segment` | one segment, batch by batch |
//! | `indexes`, `entries` | the indexes of a segment, beside the batches |

mod entries;
mod finding;
mod indexes;
mod partition;
mod segment;

pub use finding::{Finding, FindingKind, PartitionReport};

use std::path::Path;
use std::sync::Arc;

use super::checkpoint::OffsetCheckpoint;
use super::directory::{DELETED_SUFFIX, PartitionId};
use super::durable_ends::DurableEnds;
use super::error::StorageError;
use super::files::FileCache;
use super::parallel::in_parallel;
use super::startup::{
    CLEAN_MARKER, CLEANER_OFFSETS, Checkpoints, LOG_START_OFFSETS, LOG_START_OFFSETS_COPY,
    RECOVERY_POINTS,
};
use crate::base::disk::Disk;
use partition::LogFacts;

/// Files of segments that each thread has open at a time.
const FILES_PER_THREAD: usize = 4;

/// What was found in a data directory.
#[derive(Clone, Debug)]
pub struct Verification {
    /// The partitions, in order.
    pub partitions: Vec<PartitionReport>,
    /// What is to be said of the directory itself.
    pub findings: Vec<Finding>,
}

/// Proves the partitions that `selects` takes, on at most `threads` threads.
///
/// # Errors
/// The directory or one of its checkpoints cannot be read, or a checkpoint has an unknown version.
/// What is the matter with one partition is told in its report.
pub fn verify(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    threads: usize,
    selects: impl Fn(&PartitionId) -> bool,
) -> Result<Verification, StorageError> {
    let checkpoints = Checkpoints {
        recovery_points: OffsetCheckpoint::load(&**disk, directory.join(RECOVERY_POINTS))?,
        log_start_offsets: OffsetCheckpoint::load_either(
            &**disk,
            directory.join(LOG_START_OFFSETS),
            directory.join(LOG_START_OFFSETS_COPY),
        )?,
        cleaner_offsets: OffsetCheckpoint::load(&**disk, directory.join(CLEANER_OFFSETS))?,
        durable_ends: DurableEnds::load(disk, directory)?,
    };
    let mut entries = disk.list(directory).map_err(StorageError::io(directory))?;
    entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    let is_clean = entries.iter().any(|entry| entry.name == CLEAN_MARKER);
    let directories = entries.iter().filter(|entry| entry.is_directory);
    let mut partitions: Vec<_> =
        directories.filter_map(|entry| PartitionId::from_directory(&entry.name)).collect();
    partitions.retain(&selects);
    partitions.sort_unstable();

    let cache = FileCache::new(disk.clone(), threads.max(1) * FILES_PER_THREAD);
    let logs = in_parallel(threads, &partitions, |partition| {
        LogFacts::read(partition, directory, &cache, &checkpoints, is_clean)
    });
    let places: Vec<_> =
        logs.iter().flat_map(|log| log.segments().map(move |place| (log, place))).collect();
    let proved = in_parallel(threads, &places, |(log, place)| segment::prove(log, *place));
    let mut proved = proved.into_iter();
    let report = |log: LogFacts| {
        let segments = proved.by_ref().take(log.segments().count()).collect();
        log.report(segments)
    };
    let partitions = logs.into_iter().map(report).collect();

    let mut findings: Vec<_> =
        entries.iter().filter_map(|entry| leftover(directory, &entry.name)).collect();
    for (name, checkpoint) in [
        (RECOVERY_POINTS, &checkpoints.recovery_points),
        (LOG_START_OFFSETS, &checkpoints.log_start_offsets),
        (CLEANER_OFFSETS, &checkpoints.cleaner_offsets),
    ] {
        // Kafka's are empty until there is something to write.
        let length = disk.open(&directory.join(name)).and_then(|file| file.len()).unwrap_or(0);
        if length > 0 && !checkpoint.is_complete() {
            let damaged = "it is damaged and not used";
            findings.push(Finding::new(FindingKind::Rebuild, directory.join(name), damaged));
        }
    }
    Ok(Verification { partitions, findings })
}

fn leftover(directory: &Path, name: &str) -> Option<Finding> {
    let what = match name {
        name if name.ends_with(DELETED_SUFFIX) => "a deleted partition; the next start removes it",
        name if name.ends_with(".tmp") => "an interrupted write",
        _ => return None,
    };
    Some(Finding::new(FindingKind::Leftover, directory.join(name), what))
}

#[cfg(test)]
pub(super) mod tests;
