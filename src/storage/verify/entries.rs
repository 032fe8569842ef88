//! An index held against the batches, both read from start to end.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use crate::base::disk::DiskFile;
use crate::storage::files::StoredFile;
use crate::storage::index::Entry;

/// Entries that are read at a time.
const BLOCK_ENTRIES: u64 = 4096;

/// An index, as far as it has been looked at.
pub(super) struct IndexCheck<E> {
    stored: Arc<StoredFile>,
    file: Arc<dyn DiskFile>,
    count: u64,
    read: u64,
    /// Entries that were read and not judged; `None` is one that is damaged.
    block: VecDeque<Option<E>>,
    last_key: Option<i64>,
    wrong: Option<Wrong>,
}

/// What is the matter with an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Byte of the entry that is wrong.
    pub(super) position: u64,
    pub(super) reason: String,
}

impl<E: Entry> IndexCheck<E> {
    /// # Errors
    /// `NotFound` without a file.
    pub(super) fn open(stored: Arc<StoredFile>) -> io::Result<Self> {
        let file = stored.get()?;
        let (length, size) = (file.len()?, E::SIZE as u64);
        let count = length / size;
        let wrong = (!length.is_multiple_of(size))
            .then(|| Wrong { position: count * size, reason: "an entry is cut".to_owned() });
        let (read, block, last_key) = (0, VecDeque::new(), None);
        Ok(Self { stored, file, count, read, block, last_key, wrong })
    }

    pub(super) fn stored(&self) -> &StoredFile {
        &self.stored
    }

    /// The first thing that is the matter with it.
    pub(super) fn wrong(self) -> Option<Wrong> {
        self.wrong
    }

    /// Judges the next entries, as long as they are due: `judge` tells what is the matter with one.
    pub(super) fn advance(
        &mut self,
        is_due: impl Fn(&E) -> bool,
        mut judge: impl FnMut(&E) -> Option<String>,
    ) -> io::Result<()> {
        while let Some(entry) = self.peek()? {
            let reason = match entry {
                None => Some("the entry is damaged".to_owned()),
                Some(entry) if !is_due(&entry) => return Ok(()),
                Some(entry) => self.judge_order(&entry).or_else(|| judge(&entry)),
            };
            if let Some(reason) = reason
                && self.wrong.is_none()
            {
                let position = (self.read - self.block.len() as u64) * E::SIZE as u64;
                self.wrong = Some(Wrong { position, reason });
            }
            self.block.pop_front();
        }
        Ok(())
    }

    /// Passes over entries about what cannot be read.
    pub(super) fn pass_over(&mut self, is_due: impl Fn(&E) -> bool) -> io::Result<()> {
        self.advance(is_due, |_| None)
    }

    fn judge_order(&mut self, entry: &E) -> Option<String> {
        let last = self.last_key.replace(entry.key());
        let is_in_order = last.is_none_or(|last| last < entry.key());
        (!is_in_order).then(|| "the entry does not follow the one before".to_owned())
    }

    fn peek(&mut self) -> io::Result<Option<Option<E>>> {
        if self.block.is_empty() && self.read < self.count {
            let entries = BLOCK_ENTRIES.min(self.count - self.read);
            let mut bytes = Vec::new();
            let length = entries as usize * E::SIZE;
            if self.file.read_at(&mut bytes, length, self.read * E::SIZE as u64)? < length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.block.extend(bytes.chunks_exact(E::SIZE).map(E::parse));
            self.read += entries;
        }
        Ok(self.block.front().copied())
    }
}
