//! What is done with a data directory before it is served: its checkpoints and the mark of a
//! clean stop are read, its logs recovered.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::checkpoint::OffsetCheckpoint;
use super::config::{Durability, StoreOptions};
use super::directory::{self, DELETED_SUFFIX, PartitionId};
use super::durable_ends::DurableEnds;
use super::error::StorageError;
use super::files::FileCache;
use super::log::{Log, LogHome};
use super::parallel::in_parallel;
use super::recovery::{LogCheckpoints, recover};
use super::space::Space;
use super::sync::sync;
use crate::base::disk::Disk;
use crate::base::uuid::Uuid;

pub(super) const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
pub(super) const LOG_START_OFFSETS: &str = "log-start-offset-checkpoint";
pub(super) const LOG_START_OFFSETS_COPY: &str = "kf-log-start-offset-checkpoint";
pub(super) const CLEANER_OFFSETS: &str = "cleaner-offset-checkpoint";
/// Stands in the data directory between a clean stop and the next start.
pub(super) const CLEAN_MARKER: &str = ".kafka_cleanshutdown";
const CLEAN_MARKER_TEXT: &[u8] = br#"{"version":0,"brokerEpoch":-1}"#;

/// What a data directory holds.
pub(super) struct Startup {
    pub(super) logs: RecoveredLogs,
    pub(super) checkpoints: Checkpoints,
    pub(super) space: Arc<Space>,
}

/// What the data directory says of all its logs.
pub(super) struct Checkpoints {
    /// Where recovery starts: all below was durable when the file was written.
    pub(super) recovery_points: OffsetCheckpoint,
    /// The first offset that may be read, of the logs in which it was moved.
    pub(super) log_start_offsets: OffsetCheckpoint,
    /// Up to where each log is compacted.
    pub(super) cleaner_offsets: OffsetCheckpoint,
    /// Up to where each log is durable.
    pub(super) durable_ends: DurableEnds,
}

/// A log that was on disk when the store was opened and that nobody has opened yet.
#[derive(Clone, Debug)]
pub struct RecoveredPartition {
    /// Which partition it is.
    pub partition: PartitionId,
    /// The topic's id, if its file could be read.
    pub topic_id: Option<Uuid>,
    /// Why it cannot be opened, if it cannot.
    pub error: Option<StorageError>,
}

/// Opens a data directory, creating it if need be, and recovers the logs that are in it.
///
/// # Errors
/// The directory cannot be read or written, or a checkpoint has an unknown version.
pub(super) fn load(disk: &Arc<dyn Disk>, options: &StoreOptions) -> Result<Startup, StorageError> {
    let directory = options.directory.as_path();
    let durably = options.durability == Durability::Synced;
    create_directory(&**disk, directory, durably)?;
    let space = Arc::new(Space::open(disk, options)?);
    let mut recovery_points = OffsetCheckpoint::load(&**disk, directory.join(RECOVERY_POINTS))?;
    let mut log_start_offsets = OffsetCheckpoint::load_either(
        &**disk,
        directory.join(LOG_START_OFFSETS),
        directory.join(LOG_START_OFFSETS_COPY),
    )?;
    let mut cleaner_offsets = OffsetCheckpoint::load(&**disk, directory.join(CLEANER_OFFSETS))?;
    let mut durable_ends = DurableEnds::load(disk, directory)?;
    let clean = take_clean_marker(&**disk, directory, durably)?;
    let found = list_partitions(&**disk, directory)?;

    let file_system = disk.file_system(directory).map_err(StorageError::io(directory))?;
    // If that fails, each file tells for itself.
    let is_written = clean || !durably || file_system.sync().is_ok();
    let is_foreign = recovery_points.is_foreign();
    let cache = FileCache::new(disk.clone(), options.open_files);
    let recovered = in_parallel(options.threads, &found, |partition| {
        let home = LogHome::new(partition.clone(), &cache, options);
        let recovered = directory::read_metadata(&**disk, &home.directory).and_then(|topic_id| {
            let id = topic_id.map(|id| (id, partition.partition()));
            let point = recovery_points.get(partition);
            let checkpoints = LogCheckpoints {
                recovery_point: point.or(recovery_points.is_complete().then_some(0)),
                durable_end: id.filter(|_| !is_foreign).and_then(|id| durable_ends.get(&id)),
                is_foreign,
                log_start_offset: log_start_offsets.get(partition).unwrap_or(0),
                clean,
                is_written,
            };
            recover(home, topic_id, checkpoints)
        });
        recovered.inspect_err(|error| {
            tracing::error!(%partition, %error, "the partition is not available");
        })
    });
    // What a removed partition has left must not be taken for its successor's.
    recovery_points.retain(&found);
    if log_start_offsets.retain(&found) {
        log_start_offsets.store(&**disk, durably)?;
    }
    if cleaner_offsets.retain(&found) {
        cleaner_offsets.store(&**disk, durably)?;
    }
    let mut logs: HashMap<_, _> = found.into_iter().zip(recovered).collect();
    for (partition, log) in &mut logs {
        if let Ok(log) = log {
            // What was compacted is durable. If it is not there, the file is of another time.
            let cleaned_to = cleaner_offsets.get(partition);
            log.cleaned_to = cleaned_to.filter(|offset| *offset <= log.view.log_end_offset);
        }
    }
    let recovered: Vec<_> = logs.values_mut().flatten().map(Log::take_dirty).collect();
    if durably {
        sync(&**disk, directory, &*file_system, &recovered)?;
        recovery_points.store(&**disk, durably)?;
    }
    let known: Option<HashSet<_>> =
        logs.values().map(|log| log.as_ref().ok().and_then(Log::topic_partition)).collect();
    // A log that cannot be opened may be another time.
    if let Some(known) = known {
        durable_ends.retain(|partition| known.contains(partition));
    }
    // What was served once must not be taken for a torn tail later.
    durable_ends.note(&recovered.iter().filter_map(|dirty| dirty.durable_end).collect::<Vec<_>>());
    let logs = RecoveredLogs { disk: disk.clone(), options: options.clone(), cache, logs };
    let checkpoints =
        Checkpoints { recovery_points, log_start_offsets, cleaner_offsets, durable_ends };
    Ok(Startup { logs, checkpoints, space })
}

/// Says that the directory was closed cleanly: all that is in it is durable, so it need not be
/// proved. What was never synced cannot be said to be.
pub(super) fn mark_clean(disk: &dyn Disk, options: &StoreOptions) -> Result<(), StorageError> {
    if options.durability == Durability::Async {
        return Ok(());
    }
    let path = options.directory.join(CLEAN_MARKER);
    disk.replace(&path, CLEAN_MARKER_TEXT, true).map_err(StorageError::io(&path))
}

/// The logs that were on disk at the start and that nobody has opened yet.
pub(super) struct RecoveredLogs {
    disk: Arc<dyn Disk>,
    options: StoreOptions,
    cache: Arc<FileCache>,
    pub(super) logs: HashMap<PartitionId, Result<Log, StorageError>>,
}

impl RecoveredLogs {
    /// What there is, in order.
    pub(super) fn list(&self) -> Vec<RecoveredPartition> {
        let found = |(partition, log): (&PartitionId, &Result<Log, _>)| RecoveredPartition {
            partition: partition.clone(),
            topic_id: self.topic_id(partition, log),
            error: log.as_ref().err().cloned(),
        };
        let mut partitions: Vec<_> = self.logs.iter().map(found).collect();
        partitions.sort_unstable_by(|a, b| a.partition.cmp(&b.partition));
        partitions
    }

    /// The topic's id, also of a log that cannot be opened.
    fn topic_id(&self, partition: &PartitionId, log: &Result<Log, StorageError>) -> Option<Uuid> {
        let directory = self.options.directory.join(partition.to_string());
        match log {
            Ok(log) => log.topic_id,
            Err(_) => directory::read_metadata(&*self.disk, &directory).ok().flatten(),
        }
    }

    /// Takes out a partition's log, or makes an empty one.
    ///
    /// # Errors
    /// It belongs to another topic id, or could not be recovered.
    pub(super) fn take(
        &mut self,
        partition: &PartitionId,
        topic_id: Uuid,
    ) -> Result<Log, StorageError> {
        match self.logs.get(partition) {
            Some(Err(error)) => return Err(error.clone()),
            Some(Ok(log)) if log.topic_id.is_some_and(|known| known != topic_id) => {
                let path = log.home.directory.to_path_buf();
                return Err(StorageError::TopicIdMismatch { path });
            }
            _ => {}
        }
        let Some(Ok(mut log)) = self.logs.remove(partition) else {
            let home = LogHome::new(partition.clone(), &self.cache, &self.options);
            return Ok(Log::new(home, Some(topic_id)));
        };
        if log.topic_id.is_none() {
            let durably = log.home.is_synced();
            directory::write_metadata(&*self.disk, &log.home.directory, topic_id, durably)?;
            log.topic_id = Some(topic_id);
        }
        Ok(log)
    }

    /// Gives up a topic's log, whether it can be opened or not.
    ///
    /// # Errors
    /// [`StorageError::Removed`] if it is not there, or it belongs to another topic id.
    pub(super) fn give_up(
        &mut self,
        partition: &PartitionId,
        topic_id: Uuid,
    ) -> Result<LogHome, StorageError> {
        let log = self.logs.get(partition).ok_or(StorageError::Removed)?;
        let home = LogHome::new(partition.clone(), &self.cache, &self.options);
        if self.topic_id(partition, log).is_some_and(|known| known != topic_id) {
            return Err(StorageError::TopicIdMismatch { path: home.directory.to_path_buf() });
        }
        self.logs.remove(partition);
        Ok(home)
    }
}

/// Creates the data directory and those above it. Durably, so that what is synced in it has a name;
/// whoever created it before need not have cared.
fn create_directory(disk: &dyn Disk, directory: &Path, durably: bool) -> Result<(), StorageError> {
    let exists = |path: &Path| disk.list(path).is_ok();
    let known = directory.ancestors().skip(1).position(exists).unwrap_or(0);
    disk.create_dir_all(directory).map_err(StorageError::io(directory))?;
    for parent in directory.ancestors().skip(1).take(known + 1).filter(|_| durably) {
        // The parent of a relative path's first name is the working directory.
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        disk.sync_dir(parent).map_err(StorageError::io(parent))?;
    }
    Ok(())
}

/// The partitions that have a directory, in order; removes those of deleted topics.
fn list_partitions(disk: &dyn Disk, directory: &Path) -> Result<Vec<PartitionId>, StorageError> {
    let mut partitions = BTreeSet::new();
    for entry in disk.list(directory).map_err(StorageError::io(directory))? {
        if !entry.is_directory {
            continue;
        }
        if entry.name.ends_with(DELETED_SUFFIX) {
            let path = directory.join(&entry.name);
            disk.remove_dir_all(&path).map_err(StorageError::io(&path))?;
        } else {
            partitions.extend(PartitionId::from_directory(&entry.name));
        }
    }
    Ok(partitions.into_iter().collect())
}

/// Whether the directory was closed cleanly. The marker is gone for good before anything is
/// changed, so that a crash from now on is noticed.
fn take_clean_marker(
    disk: &dyn Disk,
    directory: &Path,
    durably: bool,
) -> Result<bool, StorageError> {
    let path = directory.join(CLEAN_MARKER);
    match disk.remove_file(&path) {
        Ok(()) if durably => disk.sync_dir(directory).map_err(StorageError::io(directory))?,
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(StorageError::io(&path)(error)),
    }
    Ok(true)
}
