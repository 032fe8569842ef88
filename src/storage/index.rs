//! The indexes of a segment: two sparse ones in Kafka's format, and the checksums of its headers.
//!
//! | file | entry | meaning |
//! |---|---|---|
//! | `.index` | relative offset, position (4 bytes each) | the batch at the position ends with the offset or holds it |
//! | `.timeindex` | timestamp (8 bytes), relative offset (4 bytes) | no record up to the offset is younger |
//! | `.kfsum` | position, checksum, CRC-32C of both (4 bytes each) | of the batch at the position, those header bytes that its own CRC leaves out |
//!
//! New entries gather in memory and are appended to the file when a segment is closed, or when
//! there are many. A lookup reads what it needs from the file, so indexes of old segments cost no
//! memory. No file has a version marker; the first two can be made again from the log.

use std::io;
use std::sync::Arc;

use super::files::StoredFile;

/// Entries in memory before they go to the file.
const TAIL_ENTRIES: usize = 4096;
/// A search in the file ends with one read of this many entries.
const BLOCK_ENTRIES: u64 = 256;

/// An index entry of fixed size, found by its key.
pub(super) trait Entry: Copy {
    /// Bytes in the file.
    const SIZE: usize;
    /// What entries are ordered by.
    fn key(&self) -> i64;
    fn put(&self, buffer: &mut Vec<u8>);
    /// Reads an entry from exactly [`Entry::SIZE`] bytes; `None` for another length.
    fn parse(bytes: &[u8]) -> Option<Self>;
}

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetEntry {
    /// Last offset of the batch, counted from the segment's base offset.
    pub(super) relative_offset: i32,
    /// Where the batch starts in the log file.
    pub(super) position: i32,
}

impl Entry for OffsetEntry {
    const SIZE: usize = 8;

    fn key(&self) -> i64 {
        i64::from(self.relative_offset)
    }

    fn put(&self, buffer: &mut Vec<u8>) {
        buffer.extend(self.relative_offset.to_be_bytes());
        buffer.extend(self.position.to_be_bytes());
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (offset, position) = bytes.split_first_chunk()?;
        Some(Self {
            relative_offset: i32::from_be_bytes(*offset),
            position: i32::from_be_bytes(position.try_into().ok()?),
        })
    }
}

/// How young the records up to an offset are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeEntry {
    /// Largest timestamp so far.
    pub(super) timestamp: i64,
    /// Last offset of the batch that has it, counted from the segment's base offset.
    pub(super) relative_offset: i32,
}

impl Entry for TimeEntry {
    const SIZE: usize = 12;

    fn key(&self) -> i64 {
        self.timestamp
    }

    fn put(&self, buffer: &mut Vec<u8>) {
        buffer.extend(self.timestamp.to_be_bytes());
        buffer.extend(self.relative_offset.to_be_bytes());
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (timestamp, offset) = bytes.split_first_chunk()?;
        Some(Self {
            timestamp: i64::from_be_bytes(*timestamp),
            relative_offset: i32::from_be_bytes(offset.try_into().ok()?),
        })
    }
}

/// The checksum of a batch's header: its
/// [`placement_checksum`](crate::wire::records::BatchHeader::placement_checksum).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SumEntry {
    /// Where the batch starts in the log file.
    pub(super) position: i32,
    pub(super) sum: u32,
}

impl SumEntry {
    fn check(&self) -> u32 {
        let crc = crc32c::crc32c(&self.position.to_be_bytes());
        crc32c::crc32c_append(crc, &self.sum.to_be_bytes())
    }
}

impl Entry for SumEntry {
    const SIZE: usize = 12;

    fn key(&self) -> i64 {
        i64::from(self.position)
    }

    fn put(&self, buffer: &mut Vec<u8>) {
        buffer.extend(self.position.to_be_bytes());
        buffer.extend(self.sum.to_be_bytes());
        buffer.extend(self.check().to_be_bytes());
    }

    /// `None` as well for an entry that is damaged: it must not accuse a batch.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (position, rest) = bytes.split_first_chunk()?;
        let (sum, check) = rest.split_first_chunk()?;
        let (position, sum) = (i32::from_be_bytes(*position), u32::from_be_bytes(*sum));
        let entry = Self { position, sum };
        (entry.check() == u32::from_be_bytes(check.try_into().ok()?)).then_some(entry)
    }
}

/// One index of one segment: the entries in the file, then those in memory.
#[derive(Debug)]
pub(super) struct Index<E> {
    file: Arc<StoredFile>,
    stored: u64,
    tail: Vec<E>,
    last: Option<E>,
    /// Whether the file stays as it is until all entries are known.
    is_held: bool,
}

impl<E: Entry> Index<E> {
    /// An index without entries; a file that is there will be overwritten.
    pub(super) fn empty(file: Arc<StoredFile>) -> Self {
        Self { file, stored: 0, tail: Vec::new(), last: None, is_held: false }
    }

    /// An index without entries whose file is not touched before [`Index::replace`] or
    /// [`Index::flush`].
    pub(super) fn held(file: Arc<StoredFile>) -> Self {
        Self { is_held: true, ..Self::empty(file) }
    }

    /// The index in the file.
    ///
    /// # Errors
    /// `NotFound` without a file, `InvalidData` if it does not hold whole entries.
    pub(super) fn open(file: Arc<StoredFile>) -> io::Result<Self> {
        let length = file.get()?.len()?;
        if !length.is_multiple_of(E::SIZE as u64) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an entry is cut"));
        }
        let stored = length / E::SIZE as u64;
        let mut index = Self { stored, ..Self::empty(file) };
        if let Some(last) = stored.checked_sub(1) {
            index.last = index.read(last, 1)?.first().copied();
        }
        Ok(index)
    }

    /// The entries at the start of the file that agree with each other and that `is_known` takes;
    /// those after them will be overwritten. For a file of which only the start was synced.
    pub(super) fn open_start(
        file: Arc<StoredFile>,
        is_known: impl Fn(&E) -> bool,
    ) -> io::Result<Self> {
        let mut index = Self { stored: file.get()?.len()? / E::SIZE as u64, ..Self::empty(file) };
        let (mut known, mut last) = (0, None::<E>);
        'file: while known < index.stored {
            let block = BLOCK_ENTRIES.min(index.stored - known);
            for bytes in index.read_bytes(known, block)?.chunks_exact(E::SIZE) {
                let entry = E::parse(bytes).filter(&is_known);
                let Some(entry) = entry.filter(|e| last.is_none_or(|l| l.key() < e.key())) else {
                    break 'file;
                };
                (known, last) = (known + 1, Some(entry));
            }
        }
        if known < index.stored {
            index.file.get()?.set_len(known * E::SIZE as u64)?;
        }
        (index.stored, index.last) = (known, last);
        Ok(index)
    }

    pub(super) fn file(&self) -> &Arc<StoredFile> {
        &self.file
    }

    /// The newest entry.
    pub(super) fn last(&self) -> Option<E> {
        self.last
    }

    /// Whether the file does not have the entries yet, but maybe older ones.
    pub(super) fn is_held(&self) -> bool {
        self.is_held
    }

    /// Bytes of all entries.
    pub(super) fn size(&self) -> u64 {
        (self.stored + self.tail.len() as u64) * E::SIZE as u64
    }

    /// Adds an entry; one whose key is not larger than the last one's is left out.
    pub(super) fn push(&mut self, entry: E) {
        if self.last.is_some_and(|last| last.key() >= entry.key()) {
            return;
        }
        self.tail.push(entry);
        self.last = Some(entry);
        if self.tail.len().is_multiple_of(TAIL_ENTRIES)
            && !self.is_held
            && let Err(error) = self.flush()
        {
            // The entries stay in memory, so nothing is lost but some of it.
            tracing::warn!(file = ?self.file, %error, "cannot write an index");
        }
    }

    /// Gives the file all entries in one step, of an index that was held.
    pub(super) fn replace(&mut self, durably: bool) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        self.tail.iter().for_each(|entry| entry.put(&mut bytes));
        self.file.replace(&bytes, durably)?;
        (self.stored, self.is_held) = (self.tail.len() as u64, false);
        self.tail = Vec::new();
        Ok(())
    }

    /// Writes the entries in memory to the file, creating it if need be.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let file = if self.stored == 0 { self.file.create()? } else { self.file.get()? };
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        self.tail.iter().for_each(|entry| entry.put(&mut bytes));
        file.write_at(&bytes, self.stored * E::SIZE as u64)?;
        self.stored += self.tail.len() as u64;
        self.tail = Vec::new();
        self.is_held = false;
        Ok(())
    }

    /// The last entry whose key is at most `key`.
    pub(super) fn floor(&self, key: i64) -> io::Result<Option<E>> {
        match self.tail.partition_point(|entry| entry.key() <= key).checked_sub(1) {
            Some(index) => Ok(self.tail.get(index).copied()),
            None => self.floor_in_file(key),
        }
    }

    fn floor_in_file(&self, key: i64) -> io::Result<Option<E>> {
        let low = self.position_in_file(key)?;
        let block = self.read(low, BLOCK_ENTRIES.min(self.stored - low))?;
        let found = block.partition_point(|entry| entry.key() <= key);
        Ok(found.checked_sub(1).and_then(|index| block.get(index).copied()))
    }

    /// The entries whose keys are at least `from` and below `to`, in order.
    pub(super) fn range(&self, from: i64, to: i64) -> io::Result<Vec<E>> {
        let mut entries = Vec::new();
        let mut next = self.position_in_file(from)?;
        while next < self.stored {
            let count = BLOCK_ENTRIES.min(self.stored - next);
            let block = self.read(next, count)?;
            let is_last = block.last().is_some_and(|last| last.key() >= to);
            entries.extend(block);
            if is_last {
                break;
            }
            next += count;
        }
        entries.extend(&self.tail);
        entries.retain(|entry| (from..to).contains(&entry.key()));
        Ok(entries)
    }

    /// How many entries of the file may be passed over when `key` is looked for.
    fn position_in_file(&self, key: i64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.stored);
        while high - low > BLOCK_ENTRIES {
            let middle = low + (high - low) / 2;
            let entry = self.read(middle, 1)?;
            if entry.first().is_some_and(|entry| entry.key() <= key) {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    fn read(&self, first: u64, count: u64) -> io::Result<Vec<E>> {
        let bytes = self.read_bytes(first, count)?;
        Ok(bytes.chunks_exact(E::SIZE).filter_map(E::parse).collect())
    }

    fn read_bytes(&self, first: u64, count: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if count == 0 {
            return Ok(bytes);
        }
        let length = count as usize * E::SIZE;
        self.file.get()?.read_at(&mut bytes, length, first * E::SIZE as u64)?;
        if bytes.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::{FileCache, FileKind, LogDirectory};
    use super::*;
    use crate::base::disk::{Disk, MemoryDisk};

    #[test]
    fn lookups_are_the_same_in_memory_in_the_file_and_across_both() {
        let disk = Arc::new(MemoryDisk::new());
        let directory = LogDirectory::new("/data".into());
        disk.create_dir_all(&directory).unwrap();
        let cache = FileCache::new(disk, 10);
        let file = cache.file(&directory, 0, FileKind::Index);
        let mut index = Index::empty(file.clone());
        let count = TAIL_ENTRIES as i32 + 1000;
        for number in 0..count {
            index.push(OffsetEntry { relative_offset: number * 3 + 2, position: number });
        }
        index.push(OffsetEntry { relative_offset: 5, position: 0 });
        assert_eq!(index.tail.len(), 1000);
        let check = |index: &Index<OffsetEntry>| {
            for key in -1..i64::from(count) * 3 + 5 {
                let expected = ((key - 2).div_euclid(3) as i32).min(count - 1);
                let found = index.floor(key).unwrap().map(|entry| entry.position);
                assert_eq!(found, (expected >= 0).then_some(expected), "{key}");
            }
        };
        check(&index);
        index.flush().unwrap();
        let index: Index<OffsetEntry> = Index::open(file.clone()).unwrap();
        assert_eq!(index.size(), count as u64 * 8);
        assert_eq!(index.last().unwrap().position, count - 1);
        check(&index);
        for (from, to) in [(0, 2), (2, 3), (700, 1000), (3 * 4096, 3 * 4100), (15_000, i64::MAX)] {
            let found = index.range(from, to).unwrap();
            let expected = (0..count).filter(|n| (from..to).contains(&i64::from(n * 3 + 2)));
            assert!(found.iter().map(|entry| entry.position).eq(expected), "{from} {to}");
        }
        let is_known = |entry: &OffsetEntry| entry.position < 700;
        let start = Index::open_start(file, is_known).unwrap();
        assert_eq!((start.size(), start.last().unwrap().position), (700 * 8, 699));
    }

    #[test]
    fn a_damaged_checksum_is_no_entry_and_the_others_are_found() {
        let disk = Arc::new(MemoryDisk::new());
        let directory = LogDirectory::new("/data".into());
        disk.create_dir_all(&directory).unwrap();
        let cache = FileCache::new(disk.clone(), 10);
        let file = cache.file(&directory, 0, FileKind::Sums);
        let mut index = Index::empty(file.clone());
        (0..1000).for_each(|n| index.push(SumEntry { position: n * 10, sum: n as u32 }));
        index.flush().unwrap();
        let whole = disk.read(&file.path()).unwrap();
        for at in (0..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            disk.replace(&file.path(), &bytes, false).unwrap();
            let cache = FileCache::new(disk.clone(), 10);
            let file = cache.file(&directory, 0, FileKind::Sums);
            let index = Index::<SumEntry>::open(file).unwrap();
            let damaged = (at / SumEntry::SIZE) as i64;
            for n in (0..1000).step_by(97).chain([damaged]) {
                let found = index.range(n * 10, n * 10 + 1).unwrap();
                let expected = SumEntry { position: n as i32 * 10, sum: n as u32 };
                assert_eq!(found, Vec::from_iter((n != damaged).then_some(expected)));
            }
        }
    }
}
