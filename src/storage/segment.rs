//! One segment: a log file and its indexes.

use std::io;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use super::damage::Damage;
use super::epochs::LeaderEpochs;
use super::error::{StorageError, UnreadableBatch};
use super::files::{FileCache, FileKind, LogDirectory, Stage, StoredFile};
use super::index::{Index, OffsetEntry, SumEntry, TimeEntry};
use super::scan::{Scanned, Scanner};
use super::walk::{HeaderSums, Walk};
use crate::base::sabotage::{self, Bug};
use crate::wire::records::{Batch, BatchError, BatchHeader, DECOMPRESSED_LIMIT, NO_TIMESTAMP};

/// The files of a segment, shared by its writer and its readers.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base_offset: i64,
    pub(super) log: Arc<StoredFile>,
    pub(super) damage: Damage,
    indexes: RwLock<Indexes>,
}

/// The indexes of a segment.
#[derive(Debug)]
pub(super) struct Indexes {
    pub(super) offsets: Index<OffsetEntry>,
    pub(super) times: Index<TimeEntry>,
    pub(super) sums: Index<SumEntry>,
}

/// Which part of a segment exists for a reader, and what is in it.
#[derive(Clone, Debug)]
pub(super) struct SegmentView {
    pub(super) segment: Arc<Segment>,
    /// Bytes of the log file that hold batches.
    pub(super) size: u64,
    /// The offset after the segment: where the next one starts, or the log ends.
    pub(super) next_offset: i64,
    /// Largest timestamp of the records, −1 if there are none.
    pub(super) max_timestamp: i64,
    /// Last offset of the batch that holds it.
    pub(super) max_timestamp_offset: i64,
}

/// A record found by its timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampOffset {
    /// Offset of the record.
    pub offset: i64,
    /// Its timestamp, milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Epoch of the leader that appended it.
    pub leader_epoch: i32,
}

impl Segment {
    /// A segment with empty indexes; no file is touched.
    pub(super) fn new(
        cache: &Arc<FileCache>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
    ) -> Self {
        let file = |kind| cache.file(directory, base_offset, kind);
        let indexes = Indexes {
            offsets: Index::empty(file(FileKind::Index)),
            times: Index::empty(file(FileKind::TimeIndex)),
            sums: Index::empty(file(FileKind::Sums)),
        };
        Self::with_indexes(file(FileKind::Log), base_offset, indexes)
    }

    /// A segment that compaction writes: its files are no part of the log yet.
    pub(super) fn cleaned(
        cache: &Arc<FileCache>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
    ) -> Self {
        let segment = Self::new(cache, directory, base_offset);
        segment.files().iter().for_each(|file| file.begin_at(Stage::Cleaned));
        segment
    }

    /// A segment with the indexes that are in the files. Without checksums, as in a segment of
    /// Kafka's, less is proved.
    pub(super) fn open(
        cache: &Arc<FileCache>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
    ) -> io::Result<Self> {
        let file = |kind| cache.file(directory, base_offset, kind);
        let indexes = Indexes {
            offsets: Index::open(file(FileKind::Index))?,
            times: Index::open(file(FileKind::TimeIndex))?,
            sums: or_empty(Index::open(file(FileKind::Sums)), file(FileKind::Sums))?,
        };
        Ok(Self::with_indexes(file(FileKind::Log), base_offset, indexes))
    }

    /// A segment with that part of its two indexes that tells of batches before `end_offset`.
    pub(super) fn open_before(
        cache: &Arc<FileCache>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
        end_offset: i64,
    ) -> io::Result<Self> {
        let file = |kind| cache.file(directory, base_offset, kind);
        let is_before = |relative: i32| base_offset + i64::from(relative) < end_offset;
        let offsets = Index::open_start(file(FileKind::Index), |entry: &OffsetEntry| {
            entry.position >= 0 && is_before(entry.relative_offset)
        })?;
        let times = Index::open_start(file(FileKind::TimeIndex), |entry: &TimeEntry| {
            is_before(entry.relative_offset)
        })?;
        let sums = Index::empty(file(FileKind::Sums));
        let indexes = Indexes { offsets, times, sums };
        Ok(Self::with_indexes(file(FileKind::Log), base_offset, indexes))
    }

    fn with_indexes(log: Arc<StoredFile>, base_offset: i64, indexes: Indexes) -> Self {
        Self { base_offset, log, damage: Damage::default(), indexes: RwLock::new(indexes) }
    }

    /// The indexes, for looking up; held shortly.
    pub(super) fn indexes(&self) -> RwLockReadGuard<'_, Indexes> {
        self.indexes.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The indexes, for the one writer.
    pub(super) fn indexes_mut(&self) -> RwLockWriteGuard<'_, Indexes> {
        self.indexes.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// `offset` counted from the base offset, if the format can say so.
    pub(super) fn relative(&self, offset: i64) -> Option<i32> {
        offset.checked_sub(self.base_offset).and_then(|relative| i32::try_from(relative).ok())
    }

    /// All its files.
    pub(super) fn files(&self) -> [Arc<StoredFile>; 4] {
        let Indexes { offsets, times, sums } = &*self.indexes();
        let [offsets, times, sums] = [offsets.file(), times.file(), sums.file()];
        [self.log.clone(), offsets.clone(), times.clone(), sums.clone()]
    }

    /// Removes the files of a segment that will not become part of the log.
    pub(super) fn discard(&self) {
        for file in self.files() {
            if let Err(error) = file.remove() {
                tracing::warn!(?file, %error, "cannot remove a file that is not used");
            }
        }
    }
}

impl Indexes {
    /// Writes indexes that were made anew; that of times last, which must be whole to be trusted.
    pub(super) fn write_anew(&mut self, durably: bool) -> io::Result<()> {
        self.offsets.flush()?;
        self.sums.flush()?;
        match self.times.is_held() {
            true if !sabotage::has(Bug::WriteTimesInPlace) => self.times.replace(durably),
            _ => self.times.flush(),
        }
    }

    /// Writes what is in memory to the files.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.offsets.flush()?;
        self.times.flush()?;
        self.sums.flush()
    }
}

/// An index without which a segment can do.
fn or_empty(
    opened: io::Result<Index<SumEntry>>,
    file: Arc<StoredFile>,
) -> io::Result<Index<SumEntry>> {
    match opened {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData) =>
        {
            Ok(Index::empty(file))
        }
        opened => opened,
    }
}

impl SegmentView {
    /// A segment without batches.
    pub(super) fn empty(segment: Arc<Segment>) -> Self {
        let base_offset = segment.base_offset;
        Self {
            segment,
            size: 0,
            next_offset: base_offset,
            max_timestamp: NO_TIMESTAMP,
            max_timestamp_offset: base_offset,
        }
    }

    /// The first batch that holds `offset` or a later one.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if what holds `offset` is damaged, or what comes before the batch.
    pub(super) fn find(&self, offset: i64) -> Result<Option<Scanned>, StorageError> {
        let offset = offset.max(self.segment.base_offset);
        self.check_damage(offset..offset + 1)?;
        let mut walk = self.walk_before(offset)?;
        let mut found = walk.next()?;
        while found.is_some_and(|batch| batch.header.last_offset() < offset) {
            found = walk.next()?;
        }
        // What was passed over is not skipped: compaction may have left a gap before it.
        let end = found.map_or(self.next_offset, |batch| batch.header.base_offset);
        self.check_damage(offset..end.max(offset + 1))?;
        Ok(found)
    }

    fn check_damage(&self, offsets: Range<i64>) -> Result<(), StorageError> {
        let Some(range) = self.segment.damage.holding(offsets) else { return Ok(()) };
        let (start, last) = (range.start_offset, range.end_offset - 1);
        Err(self.corrupt(range.position, format!("offsets {start} to {last} are lost")))
    }

    /// Whole batches from `first` on, in at most `max_bytes` or just the first one, that start
    /// before `end_offset`. Their bytes are right; they end before what is damaged.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if the first one is damaged.
    pub(super) fn read(
        &self,
        first: &Scanned,
        max_bytes: usize,
        end_offset: i64,
        epochs: &LeaderEpochs,
    ) -> Result<Bytes, StorageError> {
        let mut next_offset = first.header.base_offset;
        let damaged = self.segment.damage.first_after(next_offset);
        let end_offset = damaged.map_or(end_offset, |damaged| damaged.min(end_offset));
        let left = self.size.saturating_sub(first.position);
        let length = left.min(max_bytes.max(first.header.size()) as u64) as usize;
        let mut bytes = self.read_exact(first.position, length)?;
        let sums = HeaderSums::of(self, first.position..first.position + length as u64);
        let mut whole = 0;
        while let Some(rest) = bytes.get(whole..).filter(|rest| !rest.is_empty()) {
            let position = first.position + whole as u64;
            let header = match BatchHeader::parse(rest) {
                Ok(header) if header.size() <= rest.len() => header,
                Ok(_) | Err(BatchError::Truncated { .. }) => break,
                // The next read finds it.
                Err(_) if whole > 0 => break,
                Err(error) => return Err(self.damaged(first, error)),
            };
            if header.base_offset >= end_offset {
                break;
            }
            let batch = rest.get(..header.size()).unwrap_or_default();
            let scanned = Scanned { position, header };
            match self.proved(batch, &scanned, next_offset, epochs, &sums) {
                Ok(()) => {}
                Err(_) if whole > 0 => break,
                Err(error) => return Err(self.damaged(first, error)),
            }
            next_offset = header.next_offset();
            whole += header.size();
        }
        bytes.truncate(whole);
        Ok(bytes.into())
    }

    /// Proves the bytes of a batch, and that its header is the one that was written.
    fn proved(
        &self,
        bytes: &[u8],
        batch: &Scanned,
        next_offset: i64,
        epochs: &LeaderEpochs,
        sums: &HeaderSums<'_>,
    ) -> Result<(), BatchError> {
        if sabotage::has(Bug::ReadWithoutCrc) {
            return Ok(());
        }
        let header = BatchHeader::validate(bytes)?;
        if !self.fits_by(batch, next_offset, |batch| sums.has_right_header(batch)) {
            return Err(BatchError::InvalidOffset(header.base_offset));
        }
        let epoch = header.partition_leader_epoch;
        let is_known = epochs.epoch_at(header.base_offset) == Some(epoch);
        match is_known || sums.has_right_header(batch) != Some(false) {
            true => Ok(()),
            false => Err(BatchError::InvalidEpoch(epoch)),
        }
    }

    /// Notes that a batch is damaged, and says so.
    fn damaged(&self, batch: &Scanned, reason: BatchError) -> StorageError {
        match self.damage_from(batch.position, batch.header.base_offset) {
            Ok(range) => {
                self.note_damage(range);
                self.corrupt(batch.position, reason)
            }
            Err(error) => error,
        }
    }

    /// The first record at or after `start_offset` whose timestamp is at least `timestamp`, but for
    /// those that are damaged.
    pub(super) fn find_timestamp(
        &self,
        timestamp: i64,
        start_offset: i64,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        let mut walk = self.walk_before(self.offset_before(timestamp)?)?;
        while let Some(batch) = walk.next()? {
            if batch.header.max_timestamp < timestamp || batch.header.last_offset() < start_offset {
                continue;
            }
            let wanted = |record: TimestampOffset| {
                record.offset >= start_offset && record.timestamp >= timestamp
            };
            if let Some(found) = self.find_record(&batch, wanted)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The first record with the largest timestamp of those at or after `start_offset`.
    pub(super) fn find_max_timestamp(
        &self,
        start_offset: i64,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        if self.max_timestamp_offset >= start_offset
            && self.check_damage(self.max_timestamp_offset..self.max_timestamp_offset + 1).is_ok()
            && let Some(batch) = self.find(self.max_timestamp_offset)?
            && let Some(found) = self.youngest_record(&batch, start_offset)?
            && found.timestamp == self.max_timestamp
        {
            return Ok(Some(found));
        }
        // It was deleted. Of the rest, the headers tell which batch is the youngest, but for the
        // first, part of which may be deleted.
        let Some(first) = self.find(start_offset)? else { return Ok(None) };
        let found = self.youngest_record(&first, start_offset)?;
        let mut youngest_ms = found.map_or(NO_TIMESTAMP, |found| found.timestamp);
        let mut youngest = first;
        let mut walk = self.walk_before(start_offset)?;
        while let Some(batch) = walk.next()? {
            if batch.position > first.position && batch.header.max_timestamp > youngest_ms {
                youngest_ms = batch.header.max_timestamp;
                youngest = batch;
            }
        }
        self.youngest_record(&youngest, start_offset)
    }

    /// Reads the file from a batch on, `chunk` bytes at a time.
    pub(super) fn scanner(&self, position: u64, chunk: usize) -> Result<Scanner, StorageError> {
        let file = self.segment.log.get().map_err(|error| self.io(error))?;
        Ok(Scanner::new(file, position, self.size, chunk))
    }

    /// A walk over all batches.
    pub(super) fn walk(&self) -> Result<Walk<'_>, StorageError> {
        Walk::new(self, 0, self.segment.base_offset)
    }

    /// The first record of a batch with the largest timestamp of those at or after
    /// `start_offset`; `None` if none of them has a timestamp.
    fn youngest_record(
        &self,
        batch: &Scanned,
        start_offset: i64,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        let mut youngest: Option<TimestampOffset> = None;
        self.find_record(batch, |record| {
            let so_far = youngest.map_or(NO_TIMESTAMP, |youngest| youngest.timestamp);
            if record.offset >= start_offset && record.timestamp > so_far {
                youngest = Some(record);
            }
            false
        })?;
        Ok(youngest)
    }

    /// A walk that starts shortly before the batch that holds `offset`.
    ///
    /// An index entry is believed if the batch that it points to says the same.
    pub(super) fn walk_before(&self, offset: i64) -> Result<Walk<'_>, StorageError> {
        let mut key = offset.saturating_sub(self.segment.base_offset);
        while let Some(entry) = self.lookup(|indexes| indexes.offsets.floor(key)) {
            if let Some(walk) = Walk::from_entry(self, &entry, offset)? {
                return Ok(walk);
            }
            key = i64::from(entry.relative_offset) - 1;
        }
        self.walk()
    }

    /// An offset up to which no record is younger than `timestamp`.
    fn offset_before(&self, timestamp: i64) -> Result<i64, StorageError> {
        let base_offset = self.segment.base_offset;
        let Some(entry) = self.lookup(|indexes| indexes.times.floor(timestamp)) else {
            return Ok(base_offset);
        };
        match self.holds(&entry)? {
            true => Ok(base_offset + i64::from(entry.relative_offset)),
            false => Ok(base_offset),
        }
    }

    /// Whether the batch that a time index entry points to says the same.
    pub(super) fn holds(&self, entry: &TimeEntry) -> Result<bool, StorageError> {
        let offset = self.segment.base_offset + i64::from(entry.relative_offset);
        match self.find(offset) {
            Ok(batch) => Ok(batch.is_some_and(|b| b.header.max_timestamp == entry.timestamp)),
            Err(StorageError::Corrupt { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The first record of a batch that is wanted; none in a batch that is damaged.
    fn find_record(
        &self,
        batch: &Scanned,
        mut wanted: impl FnMut(TimestampOffset) -> bool,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        let unreadable = |error: UnreadableBatch| self.corrupt(batch.position, error);
        let bytes = self.read_exact(batch.position, batch.header.size())?;
        if let Err(error) = BatchHeader::validate(&bytes) {
            return match self.damaged(batch, error) {
                StorageError::Corrupt { .. } => Ok(None),
                error => Err(error),
            };
        }
        let whole = Batch::parse(&bytes.into()).map_err(|e| self.corrupt(batch.position, e))?;
        let records = whole.decompress(DECOMPRESSED_LIMIT).map_err(|e| unreadable(e.into()))?;
        for record in whole.records(&records) {
            let record = record.map_err(|error| unreadable(error.into()))?;
            let record = TimestampOffset {
                offset: record.offset,
                timestamp: record.timestamp,
                leader_epoch: batch.header.partition_leader_epoch,
            };
            if wanted(record) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// An index only saves time: without it, the walk starts at the start of the segment.
    fn lookup<E>(&self, find: impl FnOnce(&Indexes) -> io::Result<Option<E>>) -> Option<E> {
        find(&self.segment.indexes()).unwrap_or_else(|error| {
            tracing::warn!(segment = ?self.segment.log, %error, "cannot read an index");
            None
        })
    }

    pub(super) fn read_exact(&self, position: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        let mut bytes = Vec::new();
        let file = self.segment.log.get().map_err(|error| self.io(error))?;
        file.read_at(&mut bytes, length, position).map_err(|error| self.io(error))?;
        if bytes.len() < length {
            return Err(self.corrupt(position + bytes.len() as u64, "the file ends too early"));
        }
        Ok(bytes)
    }

    pub(super) fn io(&self, error: io::Error) -> StorageError {
        if self.segment.log.is_removed() {
            StorageError::Removed
        } else {
            StorageError::io(&self.segment.log.path())(error)
        }
    }

    pub(super) fn corrupt(&self, position: u64, reason: impl ToString) -> StorageError {
        StorageError::corrupt(&self.segment.log.path(), position, reason)
    }
}
