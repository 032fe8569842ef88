//! One pass over one log: reads what is there, and writes what is left of it to new files.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::filter::{Filter, Place, Remainder};
use super::key_offsets::KeyOffsets;
use super::plan::{self, Candidate, GroupLimits, LogFacts, Plan};
use super::transactions::{AbortedTransactions, SeenTransactions};
use super::{CompactedLog, LastBatches};
use crate::base::disk::DiskFile;
use crate::storage::error::StorageError;
use crate::storage::index::TimeEntry;
use crate::storage::log::{ActiveState, index_batch};
use crate::storage::scan::{HEADERS_CHUNK, ScanError, Scanned, Scanner};
use crate::storage::segment::{Segment, SegmentView};
use crate::wire::records::{Batch, BatchHeader, DECOMPRESSED_LIMIT, EndTransactionMarker};

/// What a pass may use.
#[derive(Clone, Debug)]
pub(in crate::storage) struct Limits {
    /// Memory for keys.
    pub(in crate::storage) keys_bytes: usize,
    /// Bytes that are read or written at once.
    pub(in crate::storage) io_bytes: usize,
}

/// Segments, and the one that is to take their place.
pub(in crate::storage) struct Replacement {
    pub(in crate::storage) old: Vec<Arc<Segment>>,
    pub(in crate::storage) new: SegmentView,
}

/// One pass.
pub(super) struct Pass<'a> {
    log: &'a CompactedLog,
    last_batches: LastBatches,
    plan: Plan,
    now_ms: i64,
    limits: Limits,
    stop: &'a AtomicBool,
    aborted: AbortedTransactions,
    keys: KeyOffsets,
    seen: SeenTransactions,
}

impl CompactedLog {
    /// What is to be compacted, if that is worth its while.
    pub(super) fn plan(&self, now_ms: i64) -> Option<Plan> {
        let facts = LogFacts {
            segments: &self.view.segment_facts(),
            log_start_offset: self.view.log_start_offset,
            cleaned_to: self.cleaned_to,
            stable_end_offset: self.stable_end_offset,
        };
        plan::plan(facts, &self.compaction, now_ms, |number| self.first_timestamp(number))
    }

    /// Timestamp of the first batch of a segment; `None` if it has none or cannot be read, which
    /// the pass will notice.
    fn first_timestamp(&self, number: usize) -> Option<i64> {
        let view = self.view.closed.get(number)?;
        let first = view.scanner(0, HEADERS_CHUNK).ok()?.next_header().ok()??;
        Some(first.header.max_timestamp).filter(|timestamp| *timestamp > 0)
    }
}

impl<'a> Pass<'a> {
    /// Reads the dirty part of the log.
    ///
    /// # Errors
    /// Files that cannot be read, batches that are not what was written, or
    /// [`StorageError::Removed`] if it was told to stop.
    pub(super) fn start(
        log: &'a CompactedLog,
        last_batches: LastBatches,
        plan: Plan,
        now_ms: i64,
        limits: Limits,
        stop: &'a AtomicBool,
    ) -> Result<Self, StorageError> {
        let mut pass = Self {
            log,
            last_batches,
            plan,
            now_ms,
            aborted: AbortedTransactions::default(),
            keys: KeyOffsets::new(limits.keys_bytes, plan.first_dirty_offset),
            seen: SeenTransactions::default(),
            limits,
            stop,
        };
        pass.find_aborted()?;
        pass.read_keys()?;
        Ok(pass)
    }

    /// All before this offset will be compacted when the pass is over. It is the end of the plan,
    /// unless there are more keys than memory for them.
    pub(super) fn end_offset(&self) -> i64 {
        self.keys.end_offset()
    }

    /// The segments that are to be replaced, in groups that become one segment each.
    pub(super) fn groups(&self) -> Vec<Range<usize>> {
        let closed = &self.log.view.closed;
        let end = self.end_offset();
        let index_bytes = |view: &SegmentView| {
            let indexes = view.segment.indexes();
            indexes.offsets.size().max(indexes.times.size())
        };
        let facts = self.log.view.segment_facts();
        let candidates = facts.into_iter().zip(closed.iter().map(index_bytes));
        let candidates: Vec<Candidate> =
            candidates.take_while(|(facts, _)| facts.base_offset < end).collect();
        let limits = GroupLimits {
            segment_bytes: u64::from(self.log.config.segment_bytes),
            index_bytes: u64::from(self.log.config.segment_index_bytes),
        };
        plan::groups(&candidates, limits)
    }

    /// Bytes of a group, which is as much as it can become.
    pub(super) fn bytes_of(&self, group: Range<usize>) -> u64 {
        let old = self.log.view.closed.get(group).unwrap_or_default();
        old.iter().map(|view| view.size).sum()
    }

    /// Writes what is left of a group of segments. Each group has to be written after those before
    /// it.
    ///
    /// # Errors
    /// As [`Pass::start`]; the files that were written are gone again.
    pub(super) fn write(&mut self, group: Range<usize>) -> Result<Replacement, StorageError> {
        let old = self.log.view.closed.get(group).unwrap_or_default();
        let Some(first) = old.first() else { return Err(StorageError::Removed) };
        let mut writer = Writer::create(self.log, first.segment.base_offset, self.limits.io_bytes)?;
        let written = self.copy(old, &mut writer).and_then(|()| writer.finish());
        if let Err(error) = written {
            writer.view.segment.discard();
            return Err(error);
        }
        let old = old.iter().map(|view| view.segment.clone()).collect();
        Ok(Replacement { old, new: writer.view })
    }

    fn copy(&mut self, old: &[SegmentView], writer: &mut Writer) -> Result<(), StorageError> {
        // Segments of Kafka's may be empty.
        let last = old.iter().rposition(|view| view.size > 0);
        for (number, view) in old.iter().enumerate() {
            let mut batches = self.batches(view, 0)?;
            while let Some((position, batch)) = batches.next()? {
                let is_end = Some(number) == last && batches.is_at_end();
                let is_kept = is_end || self.is_last(&batch);
                let place = Place { is_kept, ..self.place(view, position, &batch)? };
                let filter = Filter {
                    keys: &self.keys,
                    now_ms: self.now_ms,
                    delete_retention_ms: self.log.compaction.delete_retention_ms,
                };
                let remainder = filter.apply(&batch, place);
                match remainder.map_err(|error| view.corrupt(position, error))? {
                    Remainder::Unchanged => writer.append(batch.header(), batch.bytes())?,
                    Remainder::Rewritten(bytes) => {
                        let header = BatchHeader::parse(&bytes);
                        let header = header.map_err(|error| view.corrupt(position, error))?;
                        writer.append(&header, &bytes)?;
                    }
                    Remainder::Nothing => {}
                }
            }
            writer.view.next_offset = view.next_offset;
        }
        Ok(())
    }

    /// What is known of a batch from those before it.
    fn place(
        &mut self,
        view: &SegmentView,
        position: u64,
        batch: &Batch,
    ) -> Result<Place, StorageError> {
        let header = batch.header();
        if !header.is_control() {
            self.seen.see_data(header);
            return Ok(Place { is_aborted: self.aborted.contains(header), ..Place::default() });
        }
        let is_empty = header.record_count == 0;
        let is_marker = is_empty || committed(view, position, batch)?.is_some();
        let is_orphaned_marker = is_marker && self.seen.see_marker(header);
        Ok(Place { is_orphaned_marker, ..Place::default() })
    }

    /// Whether a batch is the last one of its producer.
    fn is_last(&self, batch: &Batch) -> bool {
        let header = batch.header();
        match self.last_batches.get(&header.producer_id) {
            Some(last) if header.has_producer_id() => match last.data_offset {
                Some(offset) => offset == header.last_offset(),
                None => header.is_control() && header.producer_epoch == last.epoch,
            },
            _ => false,
        }
    }

    /// Finds the aborted transactions of the dirty part. A transaction that ends behind it is
    /// followed to its marker.
    fn find_aborted(&mut self) -> Result<(), StorageError> {
        let view = &self.log.view;
        for segment in view.segments(view.segment_of(self.plan.first_dirty_offset)) {
            if segment.segment.base_offset >= self.plan.end_offset && !self.aborted.has_open() {
                break;
            }
            let mut headers = segment.walk()?;
            while let Some(Scanned { position, header }) = headers.next()? {
                check_stop(self.stop)?;
                let mut end = None;
                if header.is_control() && header.record_count > 0 {
                    let bytes = segment.read_exact(position, header.size())?;
                    let batch = Batch::parse(&bytes.into());
                    let batch = batch.map_err(|error| segment.corrupt(position, error))?;
                    end = committed(segment, position, &batch)?;
                }
                self.aborted.see(&header, end);
            }
        }
        Ok(())
    }

    /// Notes the newest offset of each key in the dirty part, until memory is full.
    fn read_keys(&mut self) -> Result<(), StorageError> {
        let view = &self.log.view;
        let first = view.segment_of(self.plan.first_dirty_offset);
        for segment in view.closed.iter().skip(first) {
            if segment.segment.base_offset >= self.plan.end_offset {
                break;
            }
            let start = segment.find(self.plan.first_dirty_offset)?;
            let Some(start) = start else { continue };
            let mut batches = self.batches(segment, start.position)?;
            while let Some((position, batch)) = batches.next()? {
                if !self.take_keys(segment, position, &batch)? {
                    return Ok(());
                }
                self.keys.reach(batch.header().next_offset());
            }
        }
        self.keys.reach(self.plan.end_offset);
        Ok(())
    }

    /// Notes the keys of a batch; false if there is no room for one of them.
    fn take_keys(
        &mut self,
        view: &SegmentView,
        position: u64,
        batch: &Batch,
    ) -> Result<bool, StorageError> {
        let header = batch.header();
        if header.is_control() || self.aborted.contains(header) {
            return Ok(true);
        }
        let bytes = batch.decompress(DECOMPRESSED_LIMIT);
        let bytes = bytes.map_err(|error| view.corrupt(position, error))?;
        for record in batch.records(&bytes) {
            let record = record.map_err(|error| view.corrupt(position, error))?;
            if record.offset < self.plan.first_dirty_offset {
                continue;
            }
            if let Some(key) = record.key
                && !self.keys.put(key, record.offset)
            {
                self.keys.reach(record.offset);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The batches of a segment from the one at `position` on.
    ///
    /// # Errors
    /// The segment is damaged: what is left of it stays as it is.
    fn batches<'v>(
        &self,
        view: &'v SegmentView,
        position: u64,
    ) -> Result<WholeBatches<'v>, StorageError>
    where
        'a: 'v,
    {
        if let Some(range) = view.segment.damage.ranges().first() {
            return Err(view.corrupt(range.position, "a damaged log is not compacted"));
        }
        let scanner = view.scanner(position, self.limits.io_bytes.max(HEADERS_CHUNK))?;
        let next_offset = view.segment.base_offset;
        Ok(WholeBatches { view, scanner, next_offset, stop: self.stop })
    }
}

/// The batches of a segment with all their bytes, proved right.
struct WholeBatches<'a> {
    view: &'a SegmentView,
    scanner: Scanner,
    /// No batch that comes starts before this offset.
    next_offset: i64,
    stop: &'a AtomicBool,
}

impl WholeBatches<'_> {
    /// The next batch and where it stands.
    fn next(&mut self) -> Result<Option<(u64, Batch)>, StorageError> {
        check_stop(self.stop)?;
        let position = self.scanner.position();
        let batch = match self.scanner.next_batch() {
            Ok(Some(batch)) => batch,
            Ok(None) if !self.view.misses_bytes(self.next_offset) => return Ok(None),
            Ok(None) => return Err(self.view.corrupt(position, "the file ends too early")),
            Err(ScanError::Io(error)) => return Err(self.view.io(error)),
            Err(ScanError::Invalid(error)) => return Err(self.view.corrupt(position, error)),
        };
        let header = *batch.header();
        let scanned = Scanned { position, header };
        if !self.view.fits(&scanned, self.next_offset)
            || self.view.has_right_header(&scanned) == Some(false)
        {
            return Err(self.view.corrupt(position, "the header is not the one that was written"));
        }
        self.next_offset = header.next_offset();
        Ok(Some((position, batch)))
    }

    fn is_at_end(&self) -> bool {
        self.scanner.position() >= self.view.size
    }
}

fn check_stop(stop: &AtomicBool) -> Result<(), StorageError> {
    match stop.load(Ordering::Relaxed) {
        true => Err(StorageError::Removed),
        false => Ok(()),
    }
}

/// Whether a control batch commits or aborts a transaction; `None` if it ends none.
fn committed(
    view: &SegmentView,
    position: u64,
    batch: &Batch,
) -> Result<Option<bool>, StorageError> {
    let bytes = batch.decompress(DECOMPRESSED_LIMIT);
    let bytes = bytes.map_err(|error| view.corrupt(position, error))?;
    let Some(record) = batch.records(&bytes).next() else { return Ok(None) };
    let record = record.map_err(|error| view.corrupt(position, error))?;
    let marker = EndTransactionMarker::parse(&record);
    let marker = marker.map_err(|error| view.corrupt(position, error))?;
    Ok(marker.map(|marker| marker.committed))
}

/// Writes one new segment.
struct Writer {
    view: SegmentView,
    state: ActiveState,
    file: Arc<dyn DiskFile>,
    index_interval_bytes: u32,
    io_bytes: usize,
    /// Bytes that are to be written next.
    buffer: Vec<u8>,
    written: u64,
}

impl Writer {
    fn create(log: &CompactedLog, base_offset: i64, io_bytes: usize) -> Result<Self, StorageError> {
        let segment = Segment::cleaned(&log.cache, &log.directory, base_offset);
        let file = segment.log.create().map_err(StorageError::io(&segment.log.path()))?;
        let view = SegmentView::empty(Arc::new(segment));
        Ok(Self {
            view,
            state: ActiveState::default(),
            file,
            index_interval_bytes: log.config.index_interval_bytes,
            io_bytes,
            buffer: Vec::new(),
            written: 0,
        })
    }

    fn append(&mut self, header: &BatchHeader, bytes: &[u8]) -> Result<(), StorageError> {
        index_batch(&mut self.view, &mut self.state, header, self.index_interval_bytes);
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= self.io_bytes { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> Result<(), StorageError> {
        let written = self.file.write_at(&self.buffer, self.written);
        written.map_err(|error| self.view.io(error))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes what is left, and the indexes.
    fn finish(&mut self) -> Result<(), StorageError> {
        self.write_out()?;
        let view = &self.view;
        if view.max_timestamp >= 0
            && let Some(relative_offset) = view.segment.relative(view.max_timestamp_offset)
        {
            let youngest = TimeEntry { timestamp: view.max_timestamp, relative_offset };
            view.segment.indexes_mut().times.push(youngest);
        }
        let flushed = view.segment.indexes_mut().flush();
        flushed.map_err(|error| view.io(error))
    }
}
