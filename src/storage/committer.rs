//! Group commit: one thread per data directory that makes durable what many appends wait for.
//!
//! All that waits when the thread looks becomes one group. Each file of the group is synced once,
//! then all that wait are answered; what arrives meanwhile becomes the next group. The first sync
//! that fails poisons the store: what the disk holds is unknown from then on, and asking again
//! proves nothing.
//!
//! Few files are synced at the same time; for many, the whole file system is, which costs one wait.
//!
//! The thread also owns the checkpoints of the data directory and the notes of how far each log is
//! durable, and removes files once nothing durable refers to them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::config::{Durability, StoreOptions};
use super::directory::PartitionId;
use super::durable_ends::TopicPartition;
use super::error::StorageError;
use super::files::{Stage, StoredFile};
use super::log::Dirty;
use super::parallel::in_parallel;
use super::queue::Queue;
use super::startup::Checkpoints;
use crate::base::disk::{Disk, FileSystem};

/// Groups that wait at most; storage threads pause when there are more.
pub(super) const COMMITS_WAITING: usize = 65_536;
/// Files and directories that are synced one by one, all at the same time. 1,000 files take 40 ms on
/// 16 threads, their file system as a whole 9 ms.
const SYNCED_ONE_BY_ONE: usize = 8;
/// Threads that sync one by one, where the file system cannot be synced as a whole.
const SYNC_THREADS: usize = 16;
/// Notes of durable ends that a power cut may lose while there is more to do.
const NOTES_UNSYNCED: usize = 32;
/// The same when there is nothing else to do.
const NOTES_UNSYNCED_FOR: Duration = Duration::from_millis(100);

/// Called once what was asked is durable, or cannot be.
pub(super) type Done = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

/// Something to be made durable.
pub(super) struct Commit {
    pub(super) partition: PartitionId,
    pub(super) dirty: Dirty,
    /// The partition's new log start offset.
    pub(super) log_start_offset: Option<i64>,
    /// What may go after that.
    pub(super) garbage: Garbage,
    pub(super) deleted: Option<Deleted>,
    pub(super) done: Option<Done>,
}

/// What there was of a deleted partition.
pub(super) struct Deleted {
    /// Its directory, renamed already.
    pub(super) directory: PathBuf,
    pub(super) topic_partition: Option<TopicPartition>,
}

impl Commit {
    /// Makes durable what is dirty.
    pub(super) fn new(partition: &PartitionId, dirty: Dirty, done: Option<Done>) -> Self {
        Self {
            partition: partition.clone(),
            dirty,
            log_start_offset: None,
            garbage: Garbage::default(),
            deleted: None,
            done,
        }
    }

    fn changes_checkpoints(&self) -> bool {
        self.dirty.recovery_point.is_some()
            || self.log_start_offset.is_some()
            || self.deleted.is_some()
    }

    fn answer(&mut self, result: Result<(), StorageError>) {
        if let Some(done) = self.done.take() {
            done(result);
        }
    }
}

/// Files of segments that are no part of a log any more.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    pub(super) files: Vec<Arc<StoredFile>>,
    /// How long they stay for those who still read them.
    pub(super) delay: Duration,
}

/// Remembers the sync that failed.
#[derive(Clone, Debug, Default)]
pub(super) struct Poison(Arc<OnceLock<Arc<str>>>);

impl Poison {
    /// # Errors
    /// [`StorageError::Poisoned`] once a sync has failed.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        match self.0.get() {
            None => Ok(()),
            Some(reason) => Err(StorageError::Poisoned(reason.clone())),
        }
    }

    fn set(&self, error: &StorageError) {
        tracing::error!(%error, "a sync failed; nothing more is accepted");
        self.0.get_or_init(|| error.to_string().into());
    }
}

/// The thread's state.
pub(super) struct Committer {
    pub(super) disk: Arc<dyn Disk>,
    /// The data directory.
    pub(super) directory: PathBuf,
    pub(super) durability: Durability,
    pub(super) file_system: Box<dyn FileSystem>,
    pub(super) poison: Poison,
    pub(super) checkpoints: Checkpoints,
    /// Where files go whose removal has to wait.
    pub(super) discarded: Sender<Garbage>,
}

impl Committer {
    /// # Errors
    /// The data directory cannot be opened.
    pub(super) fn new(
        disk: &Arc<dyn Disk>,
        options: &StoreOptions,
        poison: Poison,
        checkpoints: Checkpoints,
        discarded: Sender<Garbage>,
    ) -> Result<Self, StorageError> {
        let directory = options.directory.clone();
        let file_system = disk.file_system(&directory).map_err(StorageError::io(&directory))?;
        let (disk, durability) = (disk.clone(), options.durability);
        Ok(Self { disk, directory, durability, file_system, poison, checkpoints, discarded })
    }

    /// Commits what is in `queue` until it is closed and empty.
    pub(super) fn run(mut self, queue: &Queue<Commit>) {
        loop {
            let patience = match self.checkpoints.durable_ends.notes_unsynced() {
                0 => Duration::MAX,
                _ => NOTES_UNSYNCED_FOR,
            };
            let Some(group) = queue.take_all_within(patience) else { break };
            match group.is_empty() {
                true => self.sync_notes(),
                false => self.commit(group.into()),
            }
        }
        self.sync_notes();
    }

    /// Makes the notes of durable ends durable themselves.
    pub(super) fn sync_notes(&mut self) {
        if self.poison.check().is_ok()
            && let Err(error) = self.checkpoints.durable_ends.sync()
        {
            self.poison.set(&error);
        }
    }

    /// Makes durable all that `group` asks for, and answers.
    pub(super) fn commit(&mut self, mut group: Vec<Commit>) {
        let synced = self.sync(&group);
        // Most wait for data alone, so they need not wait for the checkpoints.
        for commit in group.iter_mut().filter(|commit| !commit.changes_checkpoints()) {
            commit.answer(synced.clone());
        }
        if synced.is_ok() && self.durability == Durability::Synced {
            self.note_durable_ends(&group);
        }
        let stored = synced.and_then(|()| self.store_checkpoints(&group));
        if stored.is_ok() {
            // Before anyone may open a log of the same name, whose files have the same names.
            group.iter_mut().for_each(|commit| self.discard(std::mem::take(&mut commit.garbage)));
        }
        for commit in &mut group {
            commit.answer(stored.clone());
        }
        if stored.is_ok() {
            group.iter().for_each(|commit| self.remove_directory(commit));
        }
    }

    /// Syncs all files and directories of the group, each once.
    fn sync(&self, group: &[Commit]) -> Result<(), StorageError> {
        if self.durability == Durability::Async {
            return Ok(());
        }
        self.poison.check()?;
        let mut files = BTreeMap::new();
        let mut directories = Vec::new();
        for commit in group {
            files.extend(commit.dirty.files.iter().map(|file| (file.id(), &**file)));
            directories.extend(commit.dirty.directories.iter().map(|path| &**path));
        }
        directories.sort_unstable();
        directories.dedup();
        let files = files.into_values().map(Target::File);
        let targets: Vec<_> = files.chain(directories.into_iter().map(Target::Directory)).collect();
        self.sync_targets(&targets).inspect_err(|error| self.poison.set(error))
    }

    fn sync_targets(&self, targets: &[Target<'_>]) -> Result<(), StorageError> {
        if targets.len() > SYNCED_ONE_BY_ONE {
            match self.file_system.sync() {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                result => return result.map_err(StorageError::io(&self.directory)),
            }
        }
        in_parallel(SYNC_THREADS, targets, |target| self.sync_one(target)).into_iter().collect()
    }

    fn note_durable_ends(&mut self, group: &[Commit]) {
        let ends: Vec<_> = group.iter().filter_map(|commit| commit.dirty.durable_end).collect();
        self.checkpoints.durable_ends.note(&ends);
        if self.checkpoints.durable_ends.notes_unsynced() >= NOTES_UNSYNCED {
            self.sync_notes();
        }
    }

    fn sync_one(&self, target: &Target<'_>) -> Result<(), StorageError> {
        match target {
            Target::File(file) => match file.get().and_then(|open| open.sync_data()) {
                Err(error) if file.is_removed() && error.kind() == io::ErrorKind::NotFound => {
                    Ok(())
                }
                result => result.map_err(StorageError::io(&file.path())),
            },
            Target::Directory(path) => match self.disk.sync_dir(path) {
                // The topic was deleted meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                result => result.map_err(StorageError::io(path)),
            },
        }
    }

    fn store_checkpoints(&mut self, group: &[Commit]) -> Result<(), StorageError> {
        let (mut points_changed, mut starts_changed) = (false, false);
        for commit in group {
            if let Some(offset) = commit.dirty.recovery_point {
                self.checkpoints.recovery_points.set(&commit.partition, offset);
                points_changed = true;
            }
            if let Some(offset) = commit.log_start_offset {
                self.checkpoints.log_start_offsets.set(&commit.partition, offset);
                starts_changed = true;
            }
            if let Some(deleted) = &commit.deleted {
                deleted.topic_partition.map(|id| self.checkpoints.durable_ends.remove(&id));
                self.checkpoints.recovery_points.remove(&commit.partition);
                self.checkpoints.log_start_offsets.remove(&commit.partition);
                (points_changed, starts_changed) = (true, true);
            }
        }
        let durably = self.durability == Durability::Synced;
        if points_changed {
            self.checkpoints.recovery_points.store(&*self.disk, durably)?;
        }
        if starts_changed {
            self.checkpoints.log_start_offsets.store(&*self.disk, durably)?;
        }
        Ok(())
    }

    /// Removes files, or gives them the names of deleted ones until their delay is over.
    fn discard(&self, garbage: Garbage) {
        if garbage.files.is_empty() || garbage.delay.is_zero() {
            return garbage.remove();
        }
        for file in &garbage.files {
            if let Err(error) = file.move_to(Stage::Deleted) {
                tracing::warn!(?file, %error, "cannot rename a deleted segment's file");
            }
        }
        // Where nobody listens, the next start removes them.
        self.discarded.send(garbage).ok();
    }

    fn remove_directory(&self, commit: &Commit) {
        if let Some(Deleted { directory, .. }) = &commit.deleted
            && let Err(error) = self.disk.remove_dir_all(directory)
        {
            let path = directory.display();
            tracing::warn!(%path, %error, "cannot remove a deleted topic's directory");
        }
    }
}

impl Garbage {
    /// Removes the files.
    pub(super) fn remove(self) {
        for file in self.files {
            if let Err(error) = file.remove() {
                tracing::warn!(?file, %error, "cannot remove a deleted segment's file");
            }
        }
    }
}

/// What is synced on its own.
enum Target<'a> {
    File(&'a StoredFile),
    Directory(&'a Path),
}
