//! Files that are a row of entries of one size: the three kinds of index.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::open;
use super::report::Stop;

/// Reads entries of `SIZE` bytes one after the other.
pub(super) struct Entries<const SIZE: usize> {
    file: BufReader<File>,
    length: u64,
}

impl<const SIZE: usize> Entries<SIZE> {
    pub(super) fn open(path: &Path) -> Result<Self, Stop> {
        let file = open(path)?;
        let length = file.metadata().map_err(Stop::reading)?.len();
        Ok(Self { file: BufReader::new(file), length })
    }

    /// How many whole entries there are.
    pub(super) fn count(&self) -> u64 {
        self.length / SIZE as u64
    }

    /// The next entry; `None` at the end, and before an entry that is cut.
    pub(super) fn next(&mut self) -> Result<Option<[u8; SIZE]>, Stop> {
        let mut entry = Vec::with_capacity(SIZE);
        self.file.by_ref().take(SIZE as u64).read_to_end(&mut entry).map_err(Stop::reading)?;
        Ok(entry.try_into().ok())
    }

    /// Passes over so many entries.
    pub(super) fn skip(&mut self, entries: u64) -> Result<(), Stop> {
        let bytes = i64::try_from(entries.saturating_mul(SIZE as u64)).unwrap_or(i64::MAX);
        self.file.seek_relative(bytes).map_err(Stop::reading)
    }

    /// An error if the last entry is cut.
    pub(super) fn check_length(&self) -> Result<(), Stop> {
        match self.length % SIZE as u64 {
            0 => Ok(()),
            _ => Err(Stop::file(format!(
                "its {} bytes are not a multiple of {SIZE}: the last entry is cut",
                self.length
            ))),
        }
    }
}
