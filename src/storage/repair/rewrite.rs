//! One segment without what is damaged in it.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use super::kept::copy;
use super::sync_directory;
use crate::storage::config::LogConfig;
use crate::storage::damage::DamagedRange;
use crate::storage::error::StorageError;
use crate::storage::files::{FileKind, Stage, StoredFile};
use crate::storage::index::TimeEntry;
use crate::storage::log::{ActiveState, LogHome, index_batch};
use crate::storage::scan::{ScanError, Scanner, WHOLE_CHUNK};
use crate::storage::segment::{Segment, SegmentView};
use crate::storage::swap;
use crate::storage::torn;
use crate::wire::records::{
    BatchBuilder, BatchError, BatchHeader, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, NO_SEQUENCE,
    NO_TIMESTAMP,
};

/// What is to be taken out of a segment.
#[derive(Clone, Debug, Default)]
pub(super) struct SegmentRepair {
    /// In the order of the file.
    pub(super) damage: Vec<DamagedRange>,
    /// Where a torn tail starts.
    pub(super) torn_at: Option<u64>,
    /// The end of the log, if that is lost.
    pub(super) lost_end: Option<LostEnd>,
}

/// Offsets before the log end that hold nothing any more.
#[derive(Clone, Debug)]
pub(super) struct LostEnd {
    pub(super) offsets: Range<i64>,
    pub(super) leader_epoch: i32,
}

impl LostEnd {
    /// A batch without records that stands for them, as compaction leaves one at the end of a log.
    fn batch(&self) -> io::Result<Bytes> {
        let Range { start, end } = self.offsets;
        let header = BatchHeader {
            base_offset: start,
            batch_length: 0,
            partition_leader_epoch: self.leader_epoch,
            crc: 0,
            attributes: 0,
            last_offset_delta: i32::try_from(end - start - 1).map_err(io::Error::other)?,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            record_count: 0,
        };
        BatchBuilder::in_place_of(&header).build().map_err(io::Error::other)
    }
}

impl SegmentRepair {
    /// Writes the segment anew and puts it in its place; only the indexes if nothing is damaged.
    pub(super) fn run(&self, home: &LogHome, base_offset: i64) -> Result<(), StorageError> {
        let old = home.cache.file(&home.directory, base_offset, FileKind::Log);
        let new = Arc::new(Segment::cleaned(&home.cache, &home.directory, base_offset));
        let [log, indexes @ ..] = new.files();
        if self.damage.is_empty() {
            index(&new, &old, self.torn_at)?;
            move_all(&indexes, Stage::Live)?;
            return sync_directory(home);
        }
        self.copy(&old, &log).map_err(StorageError::io(&old.path()))?;
        if let Some(torn_at) = self.torn_at {
            torn::keep(&old, torn_at);
        }
        index(&new, &log, None)?;
        sync_directory(home)?;
        // A start removes indexes that have no log.
        move_all(&indexes, Stage::Swap)?;
        move_all(&[log], Stage::Swap)?;
        sync_directory(home)?;
        swap::finish(home)
    }

    /// Copies what is not damaged, and proves that the disk has it.
    fn copy(&self, old: &StoredFile, new: &StoredFile) -> io::Result<()> {
        let (old, new) = (old.get()?, new.create()?);
        let end = self.torn_at.map_or_else(|| old.len(), Ok)?;
        let (mut from, mut to) = (0, 0);
        let all = DamagedRange { start_offset: 0, end_offset: 0, position: end, end_position: end };
        for range in self.damage.iter().chain([&all]) {
            let length = range.position.saturating_sub(from);
            copy(&*old, from, length, |bytes, at| new.write_at(bytes, to + at))?;
            to += length;
            from = range.end_position.max(from);
        }
        if let Some(lost) = &self.lost_end {
            new.write_at(&lost.batch()?, to)?;
        }
        new.sync_data()?;
        new.drop_cache(0)
    }
}

fn move_all(files: &[Arc<StoredFile>], stage: Stage) -> Result<(), StorageError> {
    let mut moves = files.iter().map(|file| (file.path(), file.move_to(stage)));
    moves.try_for_each(|(path, moved)| moved.map_err(StorageError::io(&path)))
}

/// Writes the indexes of a segment, whose batches stand in `log` up to `end`, durably.
fn index(segment: &Arc<Segment>, log: &StoredFile, end: Option<u64>) -> Result<(), StorageError> {
    let path = log.path();
    let file = log.get().map_err(StorageError::io(&path))?;
    let end = end.map_or_else(|| file.len(), Ok).map_err(StorageError::io(&path))?;
    let mut scanner = Scanner::new(file, 0, end, WHOLE_CHUNK);
    let (mut view, mut state) = (SegmentView::empty(segment.clone()), ActiveState::default());
    let interval = LogConfig::default().index_interval_bytes;
    loop {
        let error = match scanner.next_valid() {
            Ok(None) => break,
            Ok(Some(batch)) if batch.header.base_offset >= view.next_offset => {
                index_batch(&mut view, &mut state, &batch.header, interval);
                continue;
            }
            Ok(Some(batch)) => BatchError::InvalidOffset(batch.header.base_offset),
            Err(ScanError::Invalid(error)) => error,
            Err(ScanError::Io(error)) => return Err(StorageError::io(&path)(error)),
        };
        return Err(StorageError::corrupt(&path, scanner.position(), error));
    }
    if let Some(relative_offset) = segment.relative(view.max_timestamp_offset)
        && view.max_timestamp >= 0
    {
        let timestamp = view.max_timestamp;
        segment.indexes_mut().times.push(TimeEntry { timestamp, relative_offset });
    }
    let flushed = segment.indexes_mut().flush();
    flushed.map_err(StorageError::io(&path))?;
    let [_, indexes @ ..] = segment.files();
    for file in indexes {
        let synced = file.get().and_then(|file| file.sync_data());
        synced.map_err(StorageError::io(&file.path()))?;
    }
    Ok(())
}
