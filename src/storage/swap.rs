//! Putting a compacted segment in the place of those it was made of.
//!
//! Each step is durable before the next one starts, where anything is, so that a crash leaves the
//! old segments or the new one:
//!
//! 1. The new segment is written to files whose names end in `.cleaned`, and synced. A start
//!    removes them.
//! 2. They get names that end in `.swap`. From here on a start finishes what was begun.
//! 3. The old segments get names that end in `.deleted`; a start removes those. Readers see the new
//!    segment from here on.
//! 4. The new segment loses the `.swap`. After `file.delete.delay.ms` the old ones are removed.
//!
//! The cleaner takes steps 1 and 2, the thread that writes to the log step 3, the committer, once
//! that is durable, step 4.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::compaction::{CompactedLog, LastBatch, LastBatches, Replacement};
use super::error::StorageError;
use super::files::{FileKind, Stage, StoredFile};
use super::log::{Log, LogHome};
use super::scan::{HEADERS_CHUNK, ScanError, Scanner};
use super::segment::SegmentView;

/// What remains to be done for a swap, once it is durable.
pub(super) struct Swapped {
    /// The new segment's files, which may become part of the log by name.
    pub(super) new: Vec<Arc<StoredFile>>,
    /// The old segments' files.
    pub(super) old: Vec<Arc<StoredFile>>,
}

impl Log {
    /// The log as compaction wants to see it; `None` if it is not compacted.
    pub(super) fn compacted(&self, number: u64) -> Option<CompactedLog> {
        let compaction = self.config.compaction.clone()?;
        let producers = self.producers.by_id.values();
        let first_open = producers.filter_map(|producer| producer.transaction_start).min();
        let high_watermark = self.view.high_watermark;
        Some(CompactedLog {
            number,
            directory: self.home.directory.clone(),
            cache: self.home.cache.clone(),
            is_synced: self.home.is_synced(),
            config: self.config.clone(),
            compaction,
            view: self.view.clone(),
            cleaned_to: self.cleaned_to,
            stable_end_offset: first_open.map_or(high_watermark, |open| open.min(high_watermark)),
        })
    }

    /// The last batches of all producers.
    pub(super) fn last_batches(&self) -> LastBatches {
        let producers = self.producers.by_id.iter();
        let last = producers.map(|(id, producer)| {
            let data_offset = producer.batches.back().map(|batch| batch.last_offset);
            (*id, LastBatch { data_offset, epoch: producer.epoch })
        });
        last.collect()
    }

    /// Takes step 3; `None` if the old segments are not all part of the log any more.
    ///
    /// # Errors
    /// The new segment is part of the log, but some old one could not be renamed. The next start
    /// finishes the swap; until then, nothing else may be swapped.
    pub(super) fn swap(
        &mut self,
        replacement: &Replacement,
    ) -> Result<Option<Swapped>, StorageError> {
        let Replacement { old, new } = replacement;
        let is_old = |view: &SegmentView| old.iter().any(|old| Arc::ptr_eq(old, &view.segment));
        let Some(first) = self.view.closed.iter().position(is_old) else { return Ok(None) };
        let range = first..first + old.len();
        let found = self.view.closed.get(range.clone()).unwrap_or_default();
        if found.len() < old.len() || !found.iter().all(is_old) {
            return Ok(None);
        }
        let gone: Vec<_> = old.iter().flat_map(|segment| segment.files()).collect();
        gone.iter().for_each(|file| file.set_removed());
        let mut renamed = Ok(());
        for file in &gone {
            // All that can be; the view changes whatever happens, because names have.
            let moved = file.move_to(Stage::Deleted);
            renamed = renamed.and(moved.map_err(StorageError::io(&file.path())));
        }
        Arc::make_mut(&mut self.view.closed).splice(range, [new.clone()]);
        self.dirty.directories.push((**self.home.directory).into());
        renamed.map(|()| Some(Swapped { new: new.segment.files().to_vec(), old: gone }))
    }
}

/// At a start: finishes the swaps of a log that were begun, and removes what was not complete.
///
/// # Errors
/// A new segment that is damaged, or I/O; then nothing is removed.
pub(super) fn finish(home: &LogHome) -> Result<(), StorageError> {
    let names = list(home)?;
    let complete = |(kind, _, stage): &&(FileKind, i64, Stage)| {
        *kind == FileKind::Log && *stage == Stage::Swap
    };
    let mut begun = Vec::new();
    for (_, base_offset, _) in names.iter().filter(complete) {
        begun.push(*base_offset..next_offset(home, *base_offset)?);
    }
    let mut changed = false;
    for (kind, base_offset, stage) in &names {
        let is_replaced = *stage == Stage::Live
            && *kind != FileKind::Snapshot
            && begun.iter().any(|range| range.contains(base_offset));
        let is_left_over =
            *stage == Stage::Swap && begun.iter().all(|range| range.start != *base_offset);
        if is_replaced || is_left_over || *stage == Stage::Cleaned {
            let path = path(home, *kind, *base_offset, *stage);
            home.cache.disk().remove_file(&path).map_err(StorageError::io(&path))?;
            changed = true;
        }
    }
    if changed {
        // Before the new ones lose the names that tell of the old ones.
        sync(home)?;
    }
    for (kind, base_offset, stage) in &names {
        if *stage == Stage::Swap && begun.iter().any(|range| range.start == *base_offset) {
            let from = path(home, *kind, *base_offset, *stage);
            let to = kind.path(&home.directory, *base_offset);
            home.cache.disk().rename(&from, &to).map_err(StorageError::io(&from))?;
        }
    }
    if begun.is_empty() { Ok(()) } else { sync(home) }
}

/// The files of segments that are there, at all stages but [`Stage::Deleted`].
pub(super) fn list(home: &LogHome) -> Result<Vec<(FileKind, i64, Stage)>, StorageError> {
    let directory: &Path = &home.directory;
    let entries = home.cache.disk().list(directory).map_err(StorageError::io(directory))?;
    let stages = [Stage::Cleaned, Stage::Swap, Stage::Live];
    let file = |name: &str| {
        stages.into_iter().find_map(|stage| {
            let (kind, base_offset) = FileKind::of(name.strip_suffix(stage.suffix())?)?;
            Some((kind, base_offset, stage))
        })
    };
    Ok(entries.iter().filter_map(|entry| file(&entry.name)).collect())
}

/// The offset after a new segment. Compaction keeps the last batch of each, so it tells where the
/// old ones ended.
pub(super) fn next_offset(home: &LogHome, base_offset: i64) -> Result<i64, StorageError> {
    let path = path(home, FileKind::Log, base_offset, Stage::Swap);
    let io = |error| StorageError::io(&path)(error);
    let file = home.cache.disk().open(&path).map_err(io)?;
    let end = file.len().map_err(io)?;
    let mut headers = Scanner::new(file, 0, end, HEADERS_CHUNK);
    let mut next_offset = base_offset;
    loop {
        match headers.next_header() {
            Ok(Some(batch)) => next_offset = batch.header.next_offset(),
            Ok(None) => return Ok(next_offset),
            Err(ScanError::Io(error)) => return Err(io(error)),
            Err(ScanError::Invalid(error)) => {
                return Err(StorageError::corrupt(&path, headers.position(), error));
            }
        }
    }
}

fn path(home: &LogHome, kind: FileKind, base_offset: i64, stage: Stage) -> PathBuf {
    let mut path = kind.path(&home.directory, base_offset).into_os_string();
    path.push(stage.suffix());
    path.into()
}

fn sync(home: &LogHome) -> Result<(), StorageError> {
    if !home.is_synced() {
        return Ok(());
    }
    home.cache.disk().sync_dir(&home.directory).map_err(StorageError::io(&home.directory))
}
