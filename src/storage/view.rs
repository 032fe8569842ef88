//! What readers see of a log: an immutable state that a newer one replaces.

use std::cmp::Reverse;
use std::sync::Arc;

use bytes::Bytes;

use super::epochs::LeaderEpochs;
use super::error::StorageError;
use super::retention::SegmentFacts;
use super::scan::Scanned;
use super::segment::{SegmentView, TimestampOffset};
use crate::wire::records::NO_TIMESTAMP;

/// A log as it was after some append. Reads of one view agree with each other; batches that were
/// appended later are not there for it.
///
/// Files are read on the calling thread. A segment that was removed after the view was taken
/// gives [`StorageError::Removed`] (or its records, while its file is still open); take the next
/// view then.
#[derive(Clone, Debug)]
pub struct LogView {
    pub(super) log_start_offset: i64,
    pub(super) log_end_offset: i64,
    pub(super) high_watermark: i64,
    pub(super) closed: Arc<Vec<SegmentView>>,
    pub(super) active: Option<SegmentView>,
    pub(super) epochs: Arc<LeaderEpochs>,
}

impl LogView {
    /// A log that holds nothing yet.
    pub(super) fn empty() -> Self {
        Self {
            log_start_offset: 0,
            log_end_offset: 0,
            high_watermark: 0,
            closed: Arc::default(),
            active: None,
            epochs: Arc::default(),
        }
    }

    /// The first offset that may be read.
    pub fn log_start_offset(&self) -> i64 {
        self.log_start_offset
    }

    /// The offset that the next record gets.
    pub fn log_end_offset(&self) -> i64 {
        self.log_end_offset
    }

    /// The offset up to which all replicas agree; with one replica, the log end offset.
    pub fn high_watermark(&self) -> i64 {
        self.high_watermark
    }

    /// Bytes of all segments' batches.
    pub fn size_bytes(&self) -> u64 {
        self.segments(0).map(|segment| segment.size).sum()
    }

    /// The newest leader epoch that appended something.
    pub fn latest_epoch(&self) -> Option<i32> {
        self.epochs.latest().map(|latest| latest.epoch)
    }

    /// The leader epoch of the record at `offset`.
    pub fn epoch_at(&self, offset: i64) -> Option<i32> {
        self.epochs.epoch_at(offset)
    }

    /// The largest leader epoch that is at most `epoch`, and the offset after its last record
    /// (KIP-101, KIP-279). `None`, which the protocol writes as −1 and −1, if `epoch` is negative
    /// or newer than all that are known.
    pub fn end_offset_for_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        self.epochs.end_offset_for_epoch(epoch, self.log_end_offset)
    }

    /// Whole batches, the first of which holds `offset` or, after compaction, the next record
    /// there is; they start before `upper_bound_offset` and take at most `max_bytes`. With
    /// `at_least_one_batch` the first one comes even if it is larger.
    ///
    /// Nothing comes if `offset` is the log end offset or not below the upper bound. Batches of
    /// one call come from one segment, so fewer bytes than asked for do not mean the end.
    ///
    /// # Errors
    /// [`StorageError::OffsetOutOfRange`] below the log start offset or beyond the log end
    /// offset; [`StorageError::Corrupt`] if what was written at `offset` is damaged: later offsets
    /// may be read.
    pub fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        upper_bound_offset: i64,
        at_least_one_batch: bool,
    ) -> Result<Bytes, StorageError> {
        if offset < self.log_start_offset || offset > self.log_end_offset {
            return Err(StorageError::OffsetOutOfRange {
                offset,
                log_start_offset: self.log_start_offset,
                log_end_offset: self.log_end_offset,
            });
        }
        let end_offset = upper_bound_offset.min(self.log_end_offset);
        if offset >= end_offset {
            return Ok(Bytes::new());
        }
        for segment in self.segments(self.segment_of(offset)) {
            let Some(first) = segment.find(offset)? else { continue };
            if first.header.base_offset >= end_offset
                || (first.header.size() > max_bytes && !at_least_one_batch)
            {
                break;
            }
            return segment.read(&first, max_bytes, end_offset, &self.epochs);
        }
        Ok(Bytes::new())
    }

    /// The first record whose timestamp is at least `timestamp`. Looks into compressed batches.
    ///
    /// # Errors
    /// Files that cannot be read, or batches that are not what was written.
    pub fn offset_for_timestamp(
        &self,
        timestamp: i64,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        for segment in self.segments(self.segment_of(self.log_start_offset)) {
            if segment.max_timestamp >= timestamp
                && let Some(found) = segment.find_timestamp(timestamp, self.log_start_offset)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first record with the largest timestamp (KIP-734) from the log start offset on; `None`
    /// if there is no record with a timestamp.
    ///
    /// # Errors
    /// Files that cannot be read, or batches that are not what was written.
    pub fn max_timestamp(&self) -> Result<Option<TimestampOffset>, StorageError> {
        let mut segments: Vec<_> = self.segments(self.segment_of(self.log_start_offset)).collect();
        segments.sort_by_key(|segment| Reverse(segment.max_timestamp));
        let mut youngest: Option<TimestampOffset> = None;
        for segment in segments {
            let so_far = youngest.map_or(NO_TIMESTAMP, |youngest| youngest.timestamp);
            if segment.max_timestamp <= so_far {
                break;
            }
            // Less than the segment promised if its youngest records were deleted.
            let found = segment.find_max_timestamp(self.log_start_offset)?;
            youngest = found.filter(|found| found.timestamp > so_far).or(youngest);
        }
        Ok(youngest)
    }

    /// Lets the log start at `offset`; returns the segments that hold nothing from there on.
    pub(super) fn start_at(&mut self, offset: i64) -> Vec<SegmentView> {
        self.log_start_offset = offset;
        Arc::make_mut(&mut self.epochs).truncate_from_start(offset);
        let gone = self.segments_before(offset);
        Arc::make_mut(&mut self.closed).drain(..gone).collect()
    }

    /// Lets the log start where it did in an earlier view, if that was earlier.
    pub(super) fn start_as(&mut self, earlier: &Self) {
        if earlier.log_start_offset >= self.log_start_offset {
            return;
        }
        let first = self.segments(0).next();
        let end = first.map_or(self.log_end_offset, |first| first.segment.base_offset);
        let older = earlier.segments(0).take_while(|view| view.segment.base_offset < end);
        self.closed = Arc::new(older.chain(&*self.closed).cloned().collect());
        Arc::make_mut(&mut self.epochs).start_as(&earlier.epochs);
        self.log_start_offset = earlier.log_start_offset;
    }

    /// The first batch that holds `offset` or a later one, and its segment.
    pub(super) fn find(
        &self,
        offset: i64,
    ) -> Result<Option<(&SegmentView, Scanned)>, StorageError> {
        for segment in self.segments(self.segment_of(offset)) {
            if let Some(batch) = segment.find(offset)? {
                return Ok(Some((segment, batch)));
            }
        }
        Ok(None)
    }

    /// The segments from number `first` on, oldest first.
    pub(super) fn segments(&self, first: usize) -> impl Iterator<Item = &SegmentView> {
        self.closed.iter().chain(&self.active).skip(first)
    }

    /// What retention wants to know of the segments, oldest first.
    pub(super) fn segment_facts(&self) -> Vec<SegmentFacts> {
        let starts = self.segments(1).map(|view| view.segment.base_offset);
        let ends = starts.chain([self.log_end_offset]);
        let facts = |(view, end_offset): (&SegmentView, i64)| SegmentFacts {
            base_offset: view.segment.base_offset,
            size: view.size,
            max_timestamp: view.max_timestamp,
            end_offset,
        };
        self.segments(0).zip(ends).map(facts).collect()
    }

    /// How many segments hold nothing from `offset` on: all whose successor starts there or
    /// earlier.
    pub(super) fn segments_before(&self, offset: i64) -> usize {
        let bases = self.segments(1).map(|view| view.segment.base_offset);
        bases.take_while(|next_base| *next_base <= offset).count()
    }

    /// The number of the segment that holds `offset`, if any does.
    pub(super) fn segment_of(&self, offset: i64) -> usize {
        let in_active = self.active.as_ref().is_some_and(|a| a.segment.base_offset <= offset);
        if in_active {
            return self.closed.len();
        }
        let after = self.closed.partition_point(|view| view.segment.base_offset <= offset);
        after.saturating_sub(1)
    }
}
