//! The two sparse indexes of a segment, in Kafka's format.
//!
//! | file | entry | meaning |
//! |---|---|---|
//! | `.index` | relative offset, position (4 bytes each) | the batch at the position ends with the offset or holds it |
//! | `.timeindex` | timestamp (8 bytes), relative offset (4 bytes) | no record up to the offset is younger |
//!
//! New entries gather in memory and are appended to the file when a segment is closed, or when
//! there are many. A lookup reads what it needs from the file, so indexes of old segments cost no
//! memory. Neither file has a version marker; both can be made again from the log.

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

/// One index of one segment: the entries in the file, then those in memory.
#[derive(Debug)]
pub(super) struct Index<E> {
    file: Arc<StoredFile>,
    stored: u64,
    tail: Vec<E>,
    last: Option<E>,
}

impl<E: Entry> Index<E> {
    /// An index without entries; a file that is there will be overwritten.
    pub(super) fn empty(file: Arc<StoredFile>) -> Self {
        Self { file, stored: 0, tail: Vec::new(), last: None }
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
        let mut index = Self { file, stored, tail: Vec::new(), last: None };
        if let Some(last) = stored.checked_sub(1) {
            index.last = index.read(last, 1)?.first().copied();
        }
        Ok(index)
    }

    pub(super) fn file(&self) -> &Arc<StoredFile> {
        &self.file
    }

    /// The newest entry.
    pub(super) fn last(&self) -> Option<E> {
        self.last
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
            && let Err(error) = self.flush()
        {
            // The entries stay in memory, so nothing is lost but some of it.
            tracing::warn!(file = ?self.file, %error, "cannot write an index");
        }
    }

    /// Writes the entries in memory to the file, creating it if need be.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let file = if self.stored == 0 { self.file.create()? } else { self.file.get()? };
        let mut bytes = Vec::with_capacity(self.tail.len() * E::SIZE);
        self.tail.iter().for_each(|entry| entry.put(&mut bytes));
        file.write_at(&bytes, self.stored * E::SIZE as u64)?;
        self.stored += self.tail.len() as u64;
        self.tail = Vec::new();
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
        let block = self.read(low, high - low)?;
        let found = block.partition_point(|entry| entry.key() <= key);
        Ok(found.checked_sub(1).and_then(|index| block.get(index).copied()))
    }

    fn read(&self, first: u64, count: u64) -> io::Result<Vec<E>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = Vec::new();
        let length = count as usize * E::SIZE;
        self.file.get()?.read_at(&mut bytes, length, first * E::SIZE as u64)?;
        if bytes.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes.chunks_exact(E::SIZE).filter_map(E::parse).collect())
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
        let index: Index<OffsetEntry> = Index::open(file).unwrap();
        assert_eq!(index.size(), count as u64 * 8);
        assert_eq!(index.last().unwrap().position, count - 1);
        check(&index);
    }
}
