//! The batches of a log file, one after the other, one in memory at a time.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::wire::records::{Batch, BatchError, BatchHeader, HEADER_LENGTH};

/// Up to the format version: with fewer bytes left there is no batch, only rubbish.
const LENGTH_UP_TO_MAGIC: u64 = 17;
/// Base offset and length, which the length does not count.
const LENGTH_OVERHEAD: u64 = 12;
/// The smallest length that any format has.
const MIN_LENGTH: i32 = 14;
/// The largest batch that is read, in bytes. Brokers take 1 MiB unless told otherwise.
const MAX_BATCH: u64 = 128 << 20;

/// Why there is no batch where one should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Batch(#[from] BatchError),
    #[error("batch length {0} is impossible")]
    InvalidLength(i32),
    #[error("a batch of {0} bytes is too large to be read")]
    TooLarge(u64),
}

/// Walks the batches of a file.
pub(super) struct BatchReader {
    file: BufReader<File>,
    position: u64,
    end: u64,
}

impl BatchReader {
    /// Starts at the first batch. What lies beyond `max_bytes` is taken for not there.
    pub(super) fn new(file: File, max_bytes: Option<i32>) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let end = max_bytes.map_or(length, |max| length.min(max.unsigned_abs().into()));
        Ok(Self { file: BufReader::new(file), position: 0, end })
    }

    /// Where the next batch begins, or what follows the last one.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes follow.
    pub(super) fn left(&self) -> u64 {
        self.end - self.position
    }

    /// The next batch, whose checksum has not been looked at. `None` at the end, and before a
    /// batch that is cut.
    ///
    /// # Errors
    /// Bytes that are no batch of format version 2; where the next one begins is unknown then.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, ReadError> {
        let Some((mut bytes, size)) = self.read_header()? else { return Ok(None) };
        if size > MAX_BATCH {
            return Err(ReadError::TooLarge(size));
        }
        self.read(&mut bytes, size)?;
        self.position += size;
        Ok(Some(Batch::parse(&bytes.into())?))
    }

    /// The header of the next batch; its records are skipped.
    pub(super) fn next_header(&mut self) -> Result<Option<BatchHeader>, ReadError> {
        let Some((bytes, size)) = self.read_header()? else { return Ok(None) };
        let records = size - bytes.len() as u64;
        self.file.seek_relative(i64::try_from(records).unwrap_or(i64::MAX))?;
        self.position += size;
        Ok(Some(BatchHeader::parse(&bytes)?))
    }

    /// Goes to a place in the file, where a batch should begin.
    pub(super) fn seek(&mut self, position: u64) -> io::Result<()> {
        self.position = position.min(self.end);
        self.file.seek(SeekFrom::Start(self.position)).map(drop)
    }

    /// The bytes of a header, and the size of the batch.
    fn read_header(&mut self) -> Result<Option<(Vec<u8>, u64)>, ReadError> {
        if self.left() < LENGTH_UP_TO_MAGIC {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.read(&mut bytes, self.left().min(HEADER_LENGTH as u64))?;
        let length = bytes.get(8..).and_then(<[u8]>::first_chunk).copied();
        let length = length.map_or(0, i32::from_be_bytes);
        if length < MIN_LENGTH {
            return Err(ReadError::InvalidLength(length));
        }
        let size = LENGTH_OVERHEAD + u64::from(length.unsigned_abs());
        if size > self.left() {
            return Ok(None);
        }
        BatchHeader::parse(&bytes)?;
        Ok(Some((bytes, size)))
    }

    /// Reads on until there are `length` bytes, or until the file ends, which may have shrunk.
    fn read(&mut self, bytes: &mut Vec<u8>, length: u64) -> io::Result<()> {
        let missing = length.saturating_sub(bytes.len() as u64);
        self.file.by_ref().take(missing).read_to_end(bytes).map(drop)
    }
}
