//! What storage threads ask the committer for, and what it could not do yet.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::directory::PartitionId;
use super::durable_ends::TopicPartition;
use super::error::StorageError;
use super::files::StoredFile;
use super::log::Dirty;
use super::partition::Published;

/// Called once what was asked is durable, or cannot be.
pub(super) type Done = Box<dyn FnOnce(Result<(), StorageError>) + Send>;

/// Something to be made durable.
pub(super) struct Commit {
    pub(super) partition: PartitionId,
    pub(super) dirty: Dirty,
    /// The partition's new log start offset.
    pub(super) log_start_offset: Option<i64>,
    /// All before this offset of the partition is compacted.
    pub(super) cleaned_to: Option<i64>,
    /// Files of a compacted segment that become part of the log by name after that.
    pub(super) swapped: Vec<Arc<StoredFile>>,
    /// What may go after that.
    pub(super) garbage: Garbage,
    pub(super) deletion: Option<Deletion>,
    /// Whose readers may see what then is durable, and up to where.
    pub(super) readable: Option<(Arc<Published>, i64)>,
    pub(super) done: Option<Done>,
}

/// The end of a partition.
pub(super) struct Deletion {
    /// Its directory, renamed already.
    pub(super) directory: PathBuf,
    pub(super) topic_partition: Option<TopicPartition>,
    /// Tells failed attempts to make the deletion durable, and by hanging up that it is.
    pub(super) attempts: SyncSender<StorageError>,
}

impl Commit {
    /// Makes durable what is dirty.
    pub(super) fn new(partition: &PartitionId, dirty: Dirty, done: Option<Done>) -> Self {
        Self {
            partition: partition.clone(),
            dirty,
            log_start_offset: None,
            cleaned_to: None,
            swapped: Vec::new(),
            garbage: Garbage::default(),
            deletion: None,
            readable: None,
            done,
        }
    }

    /// Whether there is more to do than to make it durable.
    pub(super) fn does_more(&self) -> bool {
        self.dirty.recovery_point.is_some()
            || self.log_start_offset.is_some()
            || self.cleaned_to.is_some()
            || !self.swapped.is_empty()
            || self.deletion.is_some()
    }

    /// Shows the records that are durable now.
    pub(super) fn publish_end(&self) {
        if let Some((published, end_offset)) = &self.readable {
            published.advance(*end_offset);
        }
    }

    /// Shows the log start offset that is durable now.
    pub(super) fn publish_start(&self) {
        if let (Some((published, _)), Some(offset)) = (&self.readable, self.log_start_offset) {
            published.start_at(offset);
        }
    }

    pub(super) fn answer(&mut self, result: Result<(), StorageError>) {
        if let Some(done) = self.done.take() {
            done(result);
        }
    }

    /// Takes in what a later commit of the same partition asks for.
    fn absorb(&mut self, later: Self) {
        let Dirty { files, directories, recovery_point, durable_end, records } = later.dirty;
        files.iter().for_each(|file| self.dirty.add_file(file));
        for directory in directories {
            if !self.dirty.directories.contains(&directory) {
                self.dirty.directories.push(directory);
            }
        }
        self.dirty.recovery_point = recovery_point.or(self.dirty.recovery_point);
        self.dirty.records += records;
        self.dirty.durable_end = durable_end.or(self.dirty.durable_end);
        self.log_start_offset = later.log_start_offset.or(self.log_start_offset);
        self.cleaned_to = later.cleaned_to.or(self.cleaned_to);
        self.swapped.extend(later.swapped);
        self.garbage.delay = self.garbage.delay.max(later.garbage.delay);
        self.garbage.files.extend(later.garbage.files);
        self.readable = later.readable.or(self.readable.take());
    }
}

/// Files of segments that are no part of a log any more.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    pub(super) files: Vec<Arc<StoredFile>>,
    /// How long they stay for those who still read them.
    pub(super) delay: Duration,
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

/// Commits that failed without harm: there was no descriptor to sync with, or no room for a
/// checkpoint. Those who waited are told; the next group does it again.
#[derive(Default)]
pub(super) struct Unfinished {
    deletions: Vec<Commit>,
    changes: BTreeMap<PartitionId, Commit>,
}

impl Unfinished {
    /// Keeps an answered commit for later.
    pub(super) fn add(&mut self, commit: Commit, error: &StorageError) {
        if let Some(deletion) = &commit.deletion {
            // Nobody listens while there is no successor; one failure is as good as many.
            deletion.attempts.try_send(error.clone()).ok();
            self.changes.remove(&commit.partition);
            self.deletions.push(commit);
            return;
        }
        match self.changes.get_mut(&commit.partition) {
            Some(earlier) => earlier.absorb(commit),
            None => drop(self.changes.insert(commit.partition.clone(), commit)),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.deletions.is_empty() && self.changes.is_empty()
    }

    /// All of it, in an order in which it may be done.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Commit> {
        let Self { deletions, changes } = std::mem::take(self);
        deletions.into_iter().chain(changes.into_values())
    }
}
