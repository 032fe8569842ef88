//! One segment: a log file and its two indexes.

use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;

use super::error::{StorageError, UnreadableBatch};
use super::files::{FileCache, FileKind, LogDirectory, StoredFile};
use super::index::{Index, OffsetEntry, TimeEntry};
use super::scan::{HEADERS_CHUNK, ScanError, Scanned, Scanner};
use crate::wire::records::{Batch, BatchError, BatchHeader, DECOMPRESSED_LIMIT, NO_TIMESTAMP};

/// The files of a segment, shared by its writer and its readers.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) base_offset: i64,
    pub(super) log: Arc<StoredFile>,
    indexes: RwLock<Indexes>,
}

/// Both indexes of a segment.
#[derive(Debug)]
pub(super) struct Indexes {
    pub(super) offsets: Index<OffsetEntry>,
    pub(super) times: Index<TimeEntry>,
}

/// Which part of a segment exists for a reader, and what is in it.
#[derive(Clone, Debug)]
pub(super) struct SegmentView {
    pub(super) segment: Arc<Segment>,
    /// Bytes of the log file that hold batches.
    pub(super) size: u64,
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
        let offsets = Index::empty(cache.file(directory, base_offset, FileKind::Index));
        let times = Index::empty(cache.file(directory, base_offset, FileKind::TimeIndex));
        Self {
            base_offset,
            log: cache.file(directory, base_offset, FileKind::Log),
            indexes: RwLock::new(Indexes { offsets, times }),
        }
    }

    /// A segment with the indexes that are in the files.
    pub(super) fn open(
        cache: &Arc<FileCache>,
        directory: &Arc<LogDirectory>,
        base_offset: i64,
    ) -> io::Result<Self> {
        let offsets = Index::open(cache.file(directory, base_offset, FileKind::Index))?;
        let times = Index::open(cache.file(directory, base_offset, FileKind::TimeIndex))?;
        Ok(Self {
            base_offset,
            log: cache.file(directory, base_offset, FileKind::Log),
            indexes: RwLock::new(Indexes { offsets, times }),
        })
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

    /// The three files.
    pub(super) fn files(&self) -> [Arc<StoredFile>; 3] {
        let indexes = self.indexes();
        [self.log.clone(), indexes.offsets.file().clone(), indexes.times.file().clone()]
    }
}

impl Indexes {
    /// Notes the batch that ends with `relative_offset`, and how young the records are.
    pub(super) fn push(&mut self, batch: OffsetEntry, youngest: TimeEntry) {
        self.offsets.push(batch);
        self.times.push(youngest);
    }
}

impl SegmentView {
    /// The first batch that holds `offset` or a later one.
    pub(super) fn find(&self, offset: i64) -> Result<Option<Scanned>, StorageError> {
        let relative = offset.saturating_sub(self.segment.base_offset);
        let mut scanner = self.scanner(self.position_before(relative))?;
        while let Some(batch) = self.checked(scanner.next_header(), &scanner)? {
            if batch.header.last_offset() >= offset {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// Whole batches from `first` on, in at most `max_bytes` or just the first one, that start
    /// before `end_offset`. Their CRCs are right.
    pub(super) fn read(
        &self,
        first: &Scanned,
        max_bytes: usize,
        end_offset: i64,
    ) -> Result<Bytes, StorageError> {
        let left = self.size.saturating_sub(first.position);
        let length = left.min(max_bytes.max(first.header.size()) as u64) as usize;
        let mut bytes = self.read_exact(first.position, length)?;
        let mut whole = 0;
        while let Some(rest) = bytes.get(whole..).filter(|rest| !rest.is_empty()) {
            let position = first.position + whole as u64;
            let header = match BatchHeader::parse(rest) {
                Ok(header) if header.size() <= rest.len() => header,
                Ok(_) | Err(BatchError::Truncated { .. }) => break,
                Err(error) => return Err(self.corrupt(position, error)),
            };
            if header.base_offset >= end_offset {
                break;
            }
            let batch = rest.get(..header.size()).unwrap_or_default();
            BatchHeader::validate(batch).map_err(|error| self.corrupt(position, error))?;
            whole += header.size();
        }
        bytes.truncate(whole);
        Ok(bytes.into())
    }

    /// The first record at or after `start_offset` whose timestamp is at least `timestamp`.
    pub(super) fn find_timestamp(
        &self,
        timestamp: i64,
        start_offset: i64,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        let younger = self.lookup(|indexes| indexes.times.floor(timestamp));
        let relative = younger.map_or(0, |entry| i64::from(entry.relative_offset));
        let mut scanner = self.scanner(self.position_before(relative))?;
        while let Some(batch) = self.checked(scanner.next_header(), &scanner)? {
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
        let mut scanner = self.scanner(first.position + first.header.size() as u64)?;
        while let Some(batch) = self.checked(scanner.next_header(), &scanner)? {
            if batch.header.max_timestamp > youngest_ms {
                youngest_ms = batch.header.max_timestamp;
                youngest = batch;
            }
        }
        self.youngest_record(&youngest, start_offset)
    }

    /// A walk over the batches from `position` on.
    pub(super) fn scanner(&self, position: u64) -> Result<Scanner, StorageError> {
        let file = self.segment.log.get().map_err(|error| self.io(error))?;
        Ok(Scanner::new(file, position, self.size, HEADERS_CHUNK))
    }

    /// Gives an error of `scanner` the place where it happened.
    pub(super) fn checked<T>(
        &self,
        result: Result<T, ScanError>,
        scanner: &Scanner,
    ) -> Result<T, StorageError> {
        result.map_err(|error| match error {
            ScanError::Io(error) => self.io(error),
            ScanError::Invalid(error) => self.corrupt(scanner.position(), error),
        })
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

    /// The first record of a batch that is wanted.
    fn find_record(
        &self,
        batch: &Scanned,
        mut wanted: impl FnMut(TimestampOffset) -> bool,
    ) -> Result<Option<TimestampOffset>, StorageError> {
        let unreadable = |error: UnreadableBatch| self.corrupt(batch.position, error);
        let bytes = self.read_exact(batch.position, batch.header.size())?;
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

    /// Where a batch starts that lies at or before the one with this relative offset.
    fn position_before(&self, relative: i64) -> u64 {
        let entry = self.lookup(|indexes| indexes.offsets.floor(relative));
        let position = entry.map_or(0, |entry| entry.position);
        u64::try_from(position).ok().filter(|position| *position < self.size).unwrap_or(0)
    }

    /// An index only saves time: without it, the walk starts at the start of the segment.
    fn lookup<E>(&self, find: impl FnOnce(&Indexes) -> io::Result<Option<E>>) -> Option<E> {
        find(&self.segment.indexes()).unwrap_or_else(|error| {
            tracing::warn!(segment = ?self.segment.log, %error, "cannot read an index");
            None
        })
    }

    fn read_exact(&self, position: u64, length: usize) -> Result<Vec<u8>, StorageError> {
        let mut bytes = Vec::new();
        let file = self.segment.log.get().map_err(|error| self.io(error))?;
        file.read_at(&mut bytes, length, position).map_err(|error| self.io(error))?;
        if bytes.len() < length {
            return Err(self.corrupt(position + bytes.len() as u64, "the file ends too early"));
        }
        Ok(bytes)
    }

    fn io(&self, error: io::Error) -> StorageError {
        if self.segment.log.is_removed() {
            StorageError::Removed
        } else {
            StorageError::io(&self.segment.log.path())(error)
        }
    }

    fn corrupt(&self, position: u64, reason: impl ToString) -> StorageError {
        StorageError::corrupt(&self.segment.log.path(), position, reason)
    }
}
