//! Walking the batches of a log file, header by header.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::base::disk::DiskFile;
use crate::base::sabotage::{self, Bug};
use crate::wire::records::{Batch, BatchError, BatchHeader, HEADER_LENGTH};

/// Bytes per read when only headers matter.
pub(super) const HEADERS_CHUNK: usize = 8 << 10;
/// Bytes per read when all bytes matter.
pub(super) const WHOLE_CHUNK: usize = 1 << 20;

/// A batch and where it starts in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    pub(super) position: u64,
    pub(super) header: BatchHeader,
}

/// Why a walk ended early. The scanner stands where the trouble starts.
#[derive(Debug)]
pub(super) enum ScanError {
    /// The operating system failed; this says nothing about the bytes.
    Io(io::Error),
    /// The bytes are no batch.
    Invalid(BatchError),
}

impl From<io::Error> for ScanError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<BatchError> for ScanError {
    fn from(error: BatchError) -> Self {
        Self::Invalid(error)
    }
}

/// Walks the batches between two positions of a file.
pub(super) struct Scanner {
    file: Arc<dyn DiskFile>,
    position: u64,
    end: u64,
    chunk: usize,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl Scanner {
    /// A walk from the batch at `position` to `end`, reading `chunk` bytes at a time.
    pub(super) fn new(file: Arc<dyn DiskFile>, position: u64, end: u64, chunk: usize) -> Self {
        Self { file, position, end, chunk, buffer: Vec::new(), buffer_start: position }
    }

    /// Where the next batch starts.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on at another position.
    pub(super) fn skip_to(&mut self, position: u64) {
        // What was read stays of use if the position lies in it.
        if position < self.buffer_start {
            self.buffer.clear();
            self.buffer_start = position;
        }
        self.position = position;
    }

    /// Forgets what was read ahead.
    pub(super) fn forget(&mut self) {
        self.buffer.clear();
        self.buffer_start = self.position;
    }

    /// The next batch, judged by its header alone; all of it lies before the end.
    pub(super) fn next_header(&mut self) -> Result<Option<Scanned>, ScanError> {
        let Some(header) = self.peek()? else { return Ok(None) };
        Ok(Some(self.advance(header)))
    }

    /// The next batch, its bytes proved right.
    pub(super) fn next_valid(&mut self) -> Result<Option<Scanned>, ScanError> {
        if sabotage::has(Bug::RecoverWithoutCrc) {
            return self.next_header();
        }
        let Some(header) = self.peek()? else { return Ok(None) };
        BatchHeader::validate(self.window(header.size())?)?;
        Ok(Some(self.advance(header)))
    }

    /// The next batch with all its bytes, proved right.
    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, ScanError> {
        let Some(header) = self.peek()? else { return Ok(None) };
        let bytes = self.window(header.size())?;
        BatchHeader::validate(bytes)?;
        let batch = Batch::parse(&Bytes::copy_from_slice(bytes))?;
        self.advance(header);
        Ok(Some(batch))
    }

    fn advance(&mut self, header: BatchHeader) -> Scanned {
        let position = self.position;
        self.position += header.size() as u64;
        Scanned { position, header }
    }

    fn peek(&mut self) -> Result<Option<BatchHeader>, ScanError> {
        if self.position >= self.end {
            return Ok(None);
        }
        let header = BatchHeader::parse(self.window(HEADER_LENGTH)?)?;
        let available = (self.end - self.position) as usize;
        if header.size() > available {
            return Err(BatchError::Truncated { needed: header.size(), available }.into());
        }
        Ok(Some(header))
    }

    /// Up to `length` bytes from the current position on; fewer only before the end.
    fn window(&mut self, length: usize) -> io::Result<&[u8]> {
        let left = self.end - self.position;
        let length = left.min(length as u64) as usize;
        let start = usize::try_from(self.position - self.buffer_start).unwrap_or(usize::MAX);
        if start.saturating_add(length) <= self.buffer.len() {
            return Ok(&self.buffer[start..start + length]);
        }
        self.buffer.clear();
        self.buffer_start = self.position;
        let wanted = left.min(self.chunk.max(length) as u64) as usize;
        self.file.read_at(&mut self.buffer, wanted, self.position)?;
        self.buffer.get(..length).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}
