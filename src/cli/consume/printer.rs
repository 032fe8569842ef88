//! Counts records and writes their lines, many at once.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::arguments::Plan;
use super::deserializer::DeserializeError;
use super::formatter::{Formatter, RecordView};
use crate::cli::error;
use crate::wire::records::Header;

/// So much is kept before it is written; a write takes as long for one line as for thousands.
const BUFFER_BYTES: usize = 256 * 1024;

/// The last station of a record.
pub(super) struct Printer<'a, W> {
    formatter: &'a Formatter,
    skip_on_error: bool,
    limit: Option<u64>,
    count: u64,
    buffer: Vec<u8>,
    output: W,
}

impl<'a, W: Write> Printer<'a, W> {
    /// A printer that follows the plan.
    pub(super) fn new(plan: &'a Plan, output: W) -> Self {
        Self {
            formatter: &plan.formatter,
            skip_on_error: plan.skip_on_error,
            limit: plan.max_messages,
            count: 0,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            output,
        }
    }

    /// How many records there have been, those included that were skipped.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Whether there have been as many records as were asked for.
    pub(super) fn is_done(&self) -> bool {
        self.limit.is_some_and(|limit| self.count >= limit)
    }

    /// Takes a record; breaks off after the last one that was asked for.
    ///
    /// # Errors
    /// A deserializer refuses the record, and such records are not to be skipped; or the output
    /// fails.
    pub(super) fn print<'r, H>(
        &mut self,
        record: &RecordView<'r, H>,
    ) -> anyhow::Result<ControlFlow<()>>
    where
        H: IntoIterator<Item = Header<'r>> + Clone,
    {
        self.count += 1;
        if let Err(error) = self.formatter.write(record, &mut self.buffer) {
            self.skip(record.partition, record.offset, error)?;
        }
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(if self.is_done() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn skip(&self, partition: i32, offset: i64, error: DeserializeError) -> anyhow::Result<()> {
        let place = format!("record {offset} of partition {partition}");
        if !self.skip_on_error {
            return Err(anyhow::Error::from(error).context(place));
        }
        error::warn(&format!("skipping {place}: {error}"));
        Ok(())
    }

    /// Writes what has been kept.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let written = self.output.write_all(&self.buffer).and_then(|()| self.output.flush());
        self.buffer.clear();
        written
    }
}
