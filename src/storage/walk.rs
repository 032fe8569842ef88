//! Walking the batches of a segment past what is damaged.
//!
//! A header is believed if it follows the one before: offsets of batches are consecutive until
//! compaction takes some away. Where there is a gap, the segment's checksums of headers decide, if
//! it has them; Kafka's segments have none. When a header cannot be believed, the batch before it
//! may have had a wrong length, so that is proved as well; then the next batch whose bytes are
//! right ends the damage.

use std::cell::OnceCell;
use std::ops::Range;

use super::damage::DamagedRange;
use super::error::StorageError;
use super::index::{OffsetEntry, SumEntry};
use super::scan::{HEADERS_CHUNK, ScanError, Scanned, Scanner};
use super::segment::SegmentView;
use crate::base::sabotage::{self, Bug};
use crate::wire::records::{BatchHeader, HEADER_LENGTH};

/// Bytes that are looked through at a time for the next batch after damage.
const SEARCH_CHUNK: usize = 1 << 20;

/// A walk over the batches of a segment, by their headers.
pub(super) struct Walk<'a> {
    view: &'a SegmentView,
    scanner: Scanner,
    /// No batch that comes starts before this offset.
    next_offset: i64,
    previous: Option<Scanned>,
}

impl<'a> Walk<'a> {
    /// A walk from the batch at `position` on, of which none starts before `next_offset`.
    pub(super) fn new(
        view: &'a SegmentView,
        position: u64,
        next_offset: i64,
    ) -> Result<Self, StorageError> {
        let scanner = view.scanner(position, HEADERS_CHUNK)?;
        Ok(Self { view, scanner, next_offset, previous: None })
    }

    /// A walk from the batch on that an index entry points to, if the batch is the one with that
    /// last offset and is not beyond `offset`.
    pub(super) fn from_entry(
        view: &'a SegmentView,
        entry: &OffsetEntry,
        offset: i64,
    ) -> Result<Option<Self>, StorageError> {
        let base_offset = view.segment.base_offset;
        let last_offset = base_offset + i64::from(entry.relative_offset);
        let position = u64::try_from(entry.position).unwrap_or(u64::MAX);
        let mut walk = Self::new(view, position, base_offset)?;
        let batch = match walk.scanner.next_header() {
            Ok(Some(batch)) if (base_offset..=offset).contains(&batch.header.base_offset) => batch,
            Ok(_) | Err(ScanError::Invalid(_)) => return Ok(None),
            Err(ScanError::Io(error)) => return Err(view.io(error)),
        };
        // Old brokers' entries may tell the last offset of several batches.
        let is_right = batch.header.last_offset() == last_offset
            || view.has_right_header(&batch).unwrap_or(batch.header.last_offset() < last_offset);
        walk.scanner.skip_to(position);
        walk.next_offset = batch.header.base_offset;
        Ok(is_right.then_some(walk))
    }

    /// The next batch that can be believed; what is damaged is passed over and noted.
    pub(super) fn next(&mut self) -> Result<Option<Scanned>, StorageError> {
        loop {
            let position = self.scanner.position();
            let damage = &self.view.segment.damage;
            if let Some(range) = damage.starting_at(position, self.next_offset) {
                self.scanner.skip_to(range.end_position);
                self.next_offset = range.end_offset;
                self.previous = None;
                continue;
            }
            if self.next_offset >= self.view.next_offset {
                return Ok(None);
            }
            match self.scanner.next_header() {
                Err(ScanError::Io(error)) => return Err(self.view.io(error)),
                Ok(None) if !self.view.misses_bytes(self.next_offset) => return Ok(None),
                Ok(Some(batch)) if self.view.fits(&batch, self.next_offset) => {
                    self.next_offset = batch.header.next_offset();
                    self.previous = Some(batch);
                    return Ok(Some(batch));
                }
                // What follows a bad batch is searched, so this ends.
                Ok(_) | Err(ScanError::Invalid(_)) => {
                    let range = self.damage_at(position)?;
                    if range.start_offset >= range.end_offset {
                        // What follows the last batch was never one.
                        return Ok(None);
                    }
                    self.view.note_damage(range);
                    self.scanner.skip_to(range.position);
                    self.next_offset = range.start_offset;
                }
            }
        }
    }

    /// The damage that shows at `position`.
    fn damage_at(&self, position: u64) -> Result<DamagedRange, StorageError> {
        if let Some(previous) = self.previous
            && !self.view.is_valid(&previous)?
        {
            return self.view.damage_from(previous.position, previous.header.base_offset);
        }
        self.view.damage_from(position, self.next_offset)
    }
}

/// The checksums of the headers in a part of a segment, read when the first one is asked for: few
/// headers need one, but in a compacted log nearly all do.
pub(super) struct HeaderSums<'a> {
    view: &'a SegmentView,
    positions: Range<u64>,
    entries: OnceCell<Vec<SumEntry>>,
}

impl<'a> HeaderSums<'a> {
    pub(super) fn of(view: &'a SegmentView, positions: Range<u64>) -> Self {
        Self { view, positions, entries: OnceCell::new() }
    }

    /// Whether the header of a batch is the one that was written; `None` if nobody knows.
    pub(super) fn has_right_header(&self, batch: &Scanned) -> Option<bool> {
        if sabotage::has(Bug::SkipHeaderChecksums) {
            return None;
        }
        let entries = self.entries.get_or_init(|| self.read());
        let position = i32::try_from(batch.position).ok()?;
        let found = entries.binary_search_by_key(&position, |entry| entry.position).ok()?;
        entries.get(found).map(|entry| entry.sum == batch.header.placement_checksum())
    }

    fn read(&self) -> Vec<SumEntry> {
        let [from, to] = [self.positions.start, self.positions.end]
            .map(|p| i64::try_from(p).unwrap_or(i64::MAX));
        self.view.segment.indexes().sums.range(from, to).unwrap_or_else(|error| {
            tracing::warn!(segment = ?self.view.segment.log, %error, "cannot read the checksums");
            Vec::new()
        })
    }
}

impl SegmentView {
    /// Whether a batch can stand where none is expected to start before `next_offset`.
    pub(super) fn fits(&self, batch: &Scanned, next_offset: i64) -> bool {
        self.fits_by(batch, next_offset, |batch| self.has_right_header(batch))
    }

    /// The same, with checksums that were read before.
    pub(super) fn fits_by(
        &self,
        batch: &Scanned,
        next_offset: i64,
        has_right_header: impl FnOnce(&Scanned) -> Option<bool>,
    ) -> bool {
        let header = &batch.header;
        header.base_offset >= next_offset
            && header.next_offset() <= self.next_offset
            && header.last_offset_delta >= 0
            && (header.base_offset == next_offset || has_right_header(batch) != Some(false))
    }

    /// Whether the header bytes that the batch's CRC leaves out are those that were written; `None`
    /// if there is no checksum of them.
    pub(super) fn has_right_header(&self, batch: &Scanned) -> Option<bool> {
        HeaderSums::of(self, batch.position..batch.position + 1).has_right_header(batch)
    }

    /// Whether the bytes of a batch are right.
    pub(super) fn is_valid(&self, batch: &Scanned) -> Result<bool, StorageError> {
        let mut scanner = self.scanner(batch.position, batch.header.size())?;
        match scanner.next_valid() {
            Ok(found) => Ok(found.is_some()),
            Err(ScanError::Invalid(_)) => Ok(false),
            Err(ScanError::Io(error)) => Err(self.io(error)),
        }
    }

    /// Whether the file ends before a batch that is known to have been in it, when a walk that
    /// reached the end expects `next_offset`.
    pub(super) fn misses_bytes(&self, next_offset: i64) -> bool {
        let last = self.segment.indexes().sums.last();
        next_offset < self.next_offset
            && last.is_some_and(|last| i64::from(last.position) >= self.size as i64)
    }

    /// Damage that starts with `start_offset` at `position`, up to the next batch that is right.
    pub(super) fn damage_from(
        &self,
        position: u64,
        start_offset: i64,
    ) -> Result<DamagedRange, StorageError> {
        let next = self.search(position, start_offset)?;
        Ok(DamagedRange {
            start_offset,
            end_offset: next.map_or(self.next_offset, |next| next.header.base_offset),
            position,
            end_position: next.map_or(self.size, |next| next.position),
        })
    }

    /// The first batch after `position` whose bytes are right and that starts after `start_offset`.
    fn search(&self, position: u64, start_offset: i64) -> Result<Option<Scanned>, StorageError> {
        // The bytes of a record may be a batch as well, but there is no checksum for that.
        let has_sums_to =
            self.segment.indexes().sums.last().map_or(-1, |last| i64::from(last.position));
        let fits = |batch: &Scanned| {
            batch.header.base_offset > start_offset
                && self.fits(batch, batch.header.base_offset)
                && self.has_right_header(batch).unwrap_or(batch.position as i64 > has_sums_to)
        };
        let end = self.size.saturating_sub(HEADER_LENGTH as u64 - 1);
        let mut start = position + 1;
        let mut bytes = Vec::new();
        while start < end {
            bytes.clear();
            let file = self.segment.log.get().map_err(|error| self.io(error))?;
            let length = (self.size - start).min((SEARCH_CHUNK + HEADER_LENGTH) as u64) as usize;
            file.read_at(&mut bytes, length, start).map_err(|error| self.io(error))?;
            for (at, header) in bytes.windows(HEADER_LENGTH).enumerate() {
                let position = start + at as u64;
                let Ok(header) = BatchHeader::parse(header) else { continue };
                let batch = Scanned { position, header };
                if header.size() as u64 <= self.size - position
                    && fits(&batch)
                    && self.is_valid(&batch)?
                {
                    return Ok(Some(batch));
                }
            }
            match bytes.len().checked_sub(HEADER_LENGTH - 1) {
                Some(searched) if searched > 0 => start += searched as u64,
                _ => break,
            }
        }
        Ok(None)
    }

    /// Notes damage, and says so the first time.
    pub(super) fn note_damage(&self, range: DamagedRange) {
        let DamagedRange { start_offset, end_offset, position, end_position } = range;
        if self.segment.damage.note(range) {
            tracing::error!(
                path = %self.segment.log.path().display(), start_offset, end_offset, position,
                end_position, "damaged: these offsets cannot be read; what is around them is served",
            );
        }
    }
}
