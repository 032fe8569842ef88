//! The store: a data directory, the storage threads that write to it, and its committer.
//!
//! Threads: `threads` writers, each the only one to touch the logs that are hosted on it, and one
//! committer that syncs for all of them. Replies and listeners are called on these threads.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::checkpoint::OffsetCheckpoint;
use super::committer::{COMMITS_WAITING, Commit, Committer, Poison};
use super::config::{Durability, LogConfig, StoreOptions};
use super::directory::{self, DELETED_SUFFIX, PartitionId};
use super::error::StorageError;
use super::files::FileCache;
use super::log::{Log, LogHome};
use super::parallel::in_parallel;
use super::partition::{Command, Listener, OpenPartitions, PartitionLog, Published};
use super::queue::Queue;
use super::recovery::{Checkpoints, recover};
use super::writer::{COMMANDS_WAITING, Writer};
use crate::base::disk::Disk;
use crate::base::uuid::Uuid;

const RECOVERY_POINTS: &str = "recovery-point-offset-checkpoint";
const LOG_START_OFFSETS: &str = "log-start-offset-checkpoint";
/// Stands in the data directory between a clean stop and the next start.
const CLEAN_MARKER: &str = ".kafka_cleanshutdown";
const CLEAN_MARKER_TEXT: &[u8] = br#"{"version":0,"brokerEpoch":-1}"#;

/// A data directory that is open.
///
/// Dropping it leaves the directory as a crash of the process would; [`Store::close`] ends it
/// cleanly.
pub struct Store {
    disk: Arc<dyn Disk>,
    options: StoreOptions,
    cache: Arc<FileCache>,
    poison: Poison,
    next_number: AtomicU64,
    /// Logs that were on disk at the start and that nobody has opened yet.
    recovered: Mutex<HashMap<PartitionId, Result<Log, StorageError>>>,
    open: OpenPartitions,
    writers: Vec<Running<Command, Result<(), StorageError>>>,
    committer: Option<Running<Commit, ()>>,
}

/// A thread and the queue that it serves.
struct Running<T, R> {
    queue: Arc<Queue<T>>,
    thread: JoinHandle<R>,
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

impl Store {
    /// Opens a data directory, creating it if need be, and recovers the logs that are in it.
    ///
    /// A log that cannot be recovered does not keep the others from being opened.
    ///
    /// # Errors
    /// The directory cannot be read or written, or a checkpoint has an unknown version.
    pub fn open(disk: Arc<dyn Disk>, options: StoreOptions) -> Result<Self, StorageError> {
        let directory = options.directory.as_path();
        disk.create_dir_all(directory).map_err(StorageError::io(directory))?;
        let mut recovery_points = OffsetCheckpoint::load(&*disk, directory.join(RECOVERY_POINTS))?;
        let log_start_offsets = OffsetCheckpoint::load(&*disk, directory.join(LOG_START_OFFSETS))?;
        let durably = options.durability == Durability::Synced;
        let clean = take_clean_marker(&*disk, directory, durably)?;
        let found = list_partitions(&*disk, directory)?;

        let cache = FileCache::new(disk.clone(), options.open_files);
        let recovered = in_parallel(options.threads, &found, |partition| {
            let checkpoints = Checkpoints {
                recovery_point: recovery_points.get(partition).unwrap_or(0),
                log_start_offset: log_start_offsets.get(partition).unwrap_or(0),
                clean,
            };
            let recovered = recover(LogHome::new(partition.clone(), &cache, &options), checkpoints);
            recovered.inspect_err(|error| {
                tracing::error!(%partition, %error, "the partition is not available");
            })
        });
        let recovered: HashMap<_, _> = found.into_iter().zip(recovered).collect();
        if durably {
            for (partition, log) in &recovered {
                if let Ok(log) = log {
                    recovery_points.set(partition, log.view.log_end_offset);
                }
            }
            recovery_points.store(&*disk, durably)?;
        }

        let mut store = Self {
            disk,
            options,
            cache,
            poison: Poison::default(),
            next_number: AtomicU64::new(0),
            recovered: Mutex::new(recovered),
            open: OpenPartitions::default(),
            writers: Vec::new(),
            committer: None,
        };
        store.start_threads(recovery_points, log_start_offsets)?;
        Ok(store)
    }

    fn start_threads(
        &mut self,
        recovery_points: OffsetCheckpoint,
        log_start_offsets: OffsetCheckpoint,
    ) -> Result<(), StorageError> {
        let commits = Arc::new(Queue::new(COMMITS_WAITING));
        let committer = Committer {
            disk: self.disk.clone(),
            durability: self.options.durability,
            poison: self.poison.clone(),
            recovery_points,
            log_start_offsets,
        };
        let queue = commits.clone();
        let thread = spawn("kf-commit", &self.options, move || committer.run(&queue))?;
        self.committer = Some(Running { queue: commits.clone(), thread });
        for number in 0..self.options.threads.max(1) {
            let writer = Writer {
                commits: commits.clone(),
                durability: self.options.durability,
                poison: self.poison.clone(),
                logs: HashMap::new(),
            };
            let queue = Arc::new(Queue::new(COMMANDS_WAITING));
            let commands = queue.clone();
            let name = format!("kf-storage-{number}");
            let thread = spawn(&name, &self.options, move || writer.run(&commands))?;
            self.writers.push(Running { queue, thread });
        }
        Ok(())
    }

    /// The logs that were on disk at the start and that nobody has opened yet, in order.
    pub fn recovered(&self) -> Vec<RecoveredPartition> {
        let mut partitions: Vec<_> = self
            .not_opened()
            .iter()
            .map(|(partition, log)| RecoveredPartition {
                partition: partition.clone(),
                topic_id: log.as_ref().ok().and_then(|log| log.topic_id),
                error: log.as_ref().err().cloned(),
            })
            .collect();
        partitions.sort_unstable_by(|a, b| a.partition.cmp(&b.partition));
        partitions
    }

    /// Opens a partition's log: the one that was on disk at the start, or else an empty one whose
    /// directory is created by the first append. `listener` is called with each new view.
    ///
    /// # Errors
    /// The log is open already, belongs to another topic id, or could not be recovered.
    pub fn open_partition(
        &self,
        partition: PartitionId,
        topic_id: Uuid,
        config: LogConfig,
        listener: Listener,
    ) -> Result<PartitionLog, StorageError> {
        let mut log = self.take_recovered(&partition, topic_id)?;
        log.config = config;
        let number = self.next_number.fetch_add(1, Ordering::Relaxed);
        if !self.open.insert(&partition, number) {
            return Err(StorageError::AlreadyOpen(partition.to_string()));
        }
        let published = Published::new(log.view.clone(), listener);
        let mut hasher = DefaultHasher::new();
        partition.hash(&mut hasher);
        // By name: a topic that is created anew must find its predecessor's directory gone.
        let writer = hasher.finish() as usize % self.writers.len().max(1);
        let Running { queue, .. } = self.writers.get(writer).ok_or(StorageError::Removed)?;
        let open = Command::Open { number, log: Box::new(log), published: published.clone() };
        queue.push(open).map_err(|_| StorageError::Removed)?;
        Ok(PartitionLog {
            number,
            partition: Arc::new(partition),
            queue: queue.clone(),
            published,
            open: self.open.clone(),
        })
    }

    fn take_recovered(&self, partition: &PartitionId, topic_id: Uuid) -> Result<Log, StorageError> {
        let mut recovered = self.not_opened();
        match recovered.get(partition) {
            Some(Err(error)) => return Err(error.clone()),
            Some(Ok(log)) if log.topic_id.is_some_and(|known| known != topic_id) => {
                let path = log.home.directory.to_path_buf();
                return Err(StorageError::TopicIdMismatch { path });
            }
            _ => {}
        }
        let Some(Ok(mut log)) = recovered.remove(partition) else {
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

    /// Deletes a log that is among [`Store::recovered`], whether it can be opened or not. Waits
    /// for the disk.
    ///
    /// # Errors
    /// [`StorageError::Removed`] if it is not among them, or I/O.
    pub fn remove_recovered(&self, partition: &PartitionId) -> Result<(), StorageError> {
        self.not_opened().remove(partition).ok_or(StorageError::Removed)?.ok();
        let directory = self.options.directory.join(partition.to_string());
        let deleted = self.options.directory.join(partition.deleted_directory(Uuid::random()));
        self.disk.rename(&directory, &deleted).map_err(StorageError::io(&directory))?;
        let parent = self.options.directory.as_path();
        self.disk.sync_dir(parent).map_err(StorageError::io(parent))?;
        self.disk.remove_dir_all(&deleted).map_err(StorageError::io(&deleted))
    }

    /// # Errors
    /// [`StorageError::Poisoned`] once a sync has failed: nothing more is accepted, and what the
    /// disk holds is unknown until the next start.
    pub fn check(&self) -> Result<(), StorageError> {
        self.poison.check()
    }

    /// Finishes what is queued, writes out all logs, makes all durable, and marks the directory
    /// as clean. Handles that are still around get [`StorageError::Removed`].
    ///
    /// # Errors
    /// Something could not be made durable; the next start will then recover.
    pub fn close(mut self) -> Result<(), StorageError> {
        for Running { queue, .. } in &self.writers {
            // A closed queue has lost its thread, which is noticed when it is joined.
            queue.push(Command::Close).ok();
        }
        self.join()?;
        self.poison.check()?;
        let path = self.options.directory.join(CLEAN_MARKER);
        let durably = self.options.durability == Durability::Synced;
        let marked = self.disk.replace(&path, CLEAN_MARKER_TEXT, durably);
        marked.map_err(StorageError::io(&path))
    }

    /// Ends the threads, writers first.
    fn join(&mut self) -> Result<(), StorageError> {
        let mut closed = Ok(());
        self.writers.iter().for_each(|writer| writer.queue.close());
        for Running { thread, .. } in self.writers.drain(..) {
            closed = closed.and(thread.join().unwrap_or(Err(StorageError::Removed)));
        }
        if let Some(Running { queue, thread }) = self.committer.take() {
            queue.close();
            closed = closed.and(thread.join().map_err(|_| StorageError::Removed));
        }
        closed
    }

    fn not_opened(&self) -> MutexGuard<'_, HashMap<PartitionId, Result<Log, StorageError>>> {
        self.recovered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.join().ok();
    }
}

/// The partitions that have a directory; removes those of deleted topics.
fn list_partitions(disk: &dyn Disk, directory: &Path) -> Result<Vec<PartitionId>, StorageError> {
    let mut partitions = HashSet::new();
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

fn spawn<R: Send + 'static>(
    name: &str,
    options: &StoreOptions,
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<JoinHandle<R>, StorageError> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned.map_err(StorageError::io(&options.directory))
}

#[cfg(test)]
mod tests;
