//! Group commit: one thread per data directory that makes durable what many appends wait for.
//!
//! All that waits when the thread looks becomes one group. Each file of the group is synced once,
//! then all that wait are answered; what arrives meanwhile becomes the next group. After the first
//! sync that fails there are no more groups; what could not even be tried is done with the next one.
//!
//! The thread also owns the checkpoints of the data directory and the notes of how far each log is
//! durable, and removes files once nothing durable refers to them.

use std::collections::HashSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::commit::{Commit, Deletion, Garbage, Unfinished};
use super::config::{Durability, StoreOptions};
use super::error::StorageError;
use super::files::{Stage, StoredFile};
use super::poison::Poison;
use super::queue::Queue;
use super::space::Space;
use super::startup::Checkpoints;
use super::sync::sync;
use crate::base::disk::{Disk, FileSystem};
use crate::base::sabotage::{self, Bug};

/// Groups that wait at most; storage threads pause when there are more.
pub(super) const COMMITS_WAITING: usize = 65_536;
/// Notes of durable ends that a power cut may lose while there is more to do.
const NOTES_UNSYNCED: usize = 32;
/// The same when there is nothing else to do.
const NOTES_UNSYNCED_FOR: Duration = Duration::from_millis(100);

/// How long what failed without harm rests when there is nothing else to do.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(1);

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
    pub(super) unfinished: Unfinished,
    pub(super) space: Arc<Space>,
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
        space: Arc<Space>,
    ) -> Result<Self, StorageError> {
        let directory = options.directory.clone();
        let file_system = disk.file_system(&directory).map_err(StorageError::io(&directory))?;
        let (disk, durability) = (disk.clone(), options.durability);
        let unfinished = Unfinished::default();
        Ok(Self {
            disk,
            directory,
            durability,
            file_system,
            poison,
            checkpoints,
            discarded,
            unfinished,
            space,
        })
    }

    /// Commits what is in `queue` until it is closed and empty.
    pub(super) fn run(mut self, queue: &Queue<Commit>) {
        loop {
            let patience = match self.checkpoints.durable_ends.notes_unsynced() {
                0 if self.unfinished.is_empty() => Duration::MAX,
                0 => TRY_AGAIN_AFTER,
                _ => NOTES_UNSYNCED_FOR,
            };
            let Some(group) = queue.take_all_within(patience) else { break };
            match group.is_empty() {
                true if self.checkpoints.durable_ends.notes_unsynced() > 0 => self.sync_notes(),
                _ => self.commit(group.into()),
            }
        }
        self.sync_notes();
    }

    /// Makes the notes of durable ends durable themselves.
    pub(super) fn sync_notes(&mut self) {
        // The disk remembers a failure.
        self.checkpoints.durable_ends.sync().ok();
    }

    /// Makes durable all that `asked` asks for and what an earlier group has left, and answers.
    pub(super) fn commit(&mut self, asked: Vec<Commit>) {
        let mut group: Vec<_> = self.unfinished.take().chain(asked).collect();
        if sabotage::has(Bug::AckBeforeSync) {
            group.iter_mut().for_each(|commit| commit.answer(Ok(())));
        }
        if sabotage::has(Bug::RecoveryPointBeforeSync) {
            self.store_checkpoints(&group).ok();
        }
        if sabotage::has(Bug::NoteBeforeSync) {
            self.note_durable_ends(&group);
        }
        if sabotage::has(Bug::RemoveBeforeSync) {
            group.iter_mut().for_each(|commit| self.discard(std::mem::take(&mut commit.garbage)));
        }
        let synced = self.sync(&group);
        if synced.is_ok() {
            newest(&group, |commit| commit.readable.is_some()).for_each(Commit::publish_end);
        }
        if synced.is_ok() && self.durability == Durability::Synced {
            self.note_durable_ends(&group);
        }
        // Most wait for data alone, so they need not wait for the rest.
        for commit in group.iter_mut().filter(|commit| !commit.does_more()) {
            commit.answer(synced.clone());
        }
        if self.checkpoints.durable_ends.notes_unsynced() >= NOTES_UNSYNCED {
            self.sync_notes();
        }
        let stored = synced.clone().and_then(|()| self.store_with_room(&group));
        // Before any of it is discarded.
        let finish = |commit: &Commit| stored.clone().and_then(|()| finish_swap(&commit.swapped));
        let finished: Vec<_> = group.iter().map(finish).collect();
        if stored.is_ok() {
            group.iter().for_each(Commit::publish_start);
            // Before anyone may open a log of the same name, whose files have the same names.
            group.iter_mut().for_each(|commit| self.discard(std::mem::take(&mut commit.garbage)));
        }
        for (commit, finished) in group.iter_mut().zip(finished) {
            commit.answer(finished);
        }
        match stored {
            Ok(()) => group.iter().for_each(|commit| self.remove_directory(commit)),
            Err(error) if self.poison.check().is_ok() => {
                let is_left = |commit: &Commit| synced.is_err() || commit.does_more();
                let left = group.into_iter().filter(is_left);
                left.for_each(|commit| self.unfinished.add(commit, &error));
            }
            Err(_) => {}
        }
    }

    /// Syncs all files and directories of the group, each once.
    fn sync(&self, group: &[Commit]) -> Result<(), StorageError> {
        if self.durability == Durability::Async {
            return Ok(());
        }
        self.poison.check()?;
        let dirty = group.iter().map(|commit| &commit.dirty);
        sync(&*self.disk, &self.directory, &*self.file_system, dirty)
    }

    fn note_durable_ends(&mut self, group: &[Commit]) {
        let noted = newest(group, |commit| commit.dirty.durable_end.is_some());
        let ends: Vec<_> = noted.filter_map(|commit| commit.dirty.durable_end).collect();
        self.checkpoints.durable_ends.note(&ends);
    }

    /// Stores the checkpoints, if need be in the room of the reserve or of what was deleted.
    fn store_with_room(&mut self, group: &[Commit]) -> Result<(), StorageError> {
        let space = self.space.clone();
        match space.with_reserve(|| self.store_checkpoints(group)) {
            Err(error) if error.is_disk_full() && group.iter().any(|c| c.deletion.is_some()) => {
                group.iter().for_each(|commit| self.remove_directory(commit));
                self.store_checkpoints(group)
            }
            result => result,
        }
    }

    fn store_checkpoints(&mut self, group: &[Commit]) -> Result<(), StorageError> {
        let Checkpoints { recovery_points, log_start_offsets, cleaner_offsets, durable_ends } =
            &mut self.checkpoints;
        let (mut points_changed, mut starts_changed, mut cleaned_changed) = (false, false, false);
        for commit in group {
            if let Some(offset) = commit.dirty.recovery_point {
                recovery_points.raise(&commit.partition, offset);
                points_changed = true;
            }
            if let Some(offset) = commit.log_start_offset {
                log_start_offsets.set(&commit.partition, offset);
                starts_changed = true;
            }
            if let Some(offset) = commit.cleaned_to {
                cleaner_offsets.set(&commit.partition, offset);
                cleaned_changed = true;
            }
            if let Some(deletion) = &commit.deletion {
                if let Some(id) = &deletion.topic_partition {
                    durable_ends.remove(id);
                }
                recovery_points.remove(&commit.partition);
                if !sabotage::has(Bug::KeepStartOfDeletedTopic) {
                    log_start_offsets.remove(&commit.partition);
                }
                cleaner_offsets.remove(&commit.partition);
                (points_changed, starts_changed, cleaned_changed) = (true, true, true);
            }
        }
        let durably = self.durability == Durability::Synced;
        let changed = [
            (points_changed, recovery_points),
            (starts_changed, log_start_offsets),
            (cleaned_changed, cleaner_offsets),
        ];
        changed
            .into_iter()
            .filter(|(changed, _)| *changed)
            .try_for_each(|(_, checkpoint)| checkpoint.store(&*self.disk, durably))
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
        if let Some(Deletion { directory, .. }) = &commit.deletion
            && let Err(error) = self.disk.remove_dir_all(directory)
            && error.kind() != io::ErrorKind::NotFound
        {
            let path = directory.display();
            tracing::warn!(%path, %error, "cannot remove a deleted topic's directory");
        }
    }
}

/// Gives the files of a compacted segment their names in the log, now that those of the segments
/// in whose place it stands are gone.
fn finish_swap(files: &[Arc<StoredFile>]) -> Result<(), StorageError> {
    files.iter().try_for_each(|file| {
        let moved = file.move_to(Stage::Live);
        moved.map_err(StorageError::io(&file.path()))
    })
}

/// Of each partition the newest commit that is of use: it tells all that those before tell.
fn newest(group: &[Commit], is_of_use: fn(&Commit) -> bool) -> impl Iterator<Item = &Commit> {
    let mut seen = HashSet::new();
    let of_use = group.iter().rev().filter(move |commit| is_of_use(commit));
    of_use.filter(move |commit| seen.insert(&commit.partition))
}
