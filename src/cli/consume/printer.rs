//! Counts records and writes their lines, many at once.

use std::io::{self, Write};
use std::ops::ControlFlow;

use super::arguments::Plan;
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
        if let Err(error) = self.formatter.write(record, &mut self.buffer) {
            return self.skip(record.partition, record.offset, error.into());
        }
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(self.count_one())
    }

    /// Takes a record that cannot be shown.
    ///
    /// # Errors
    /// Such records are not to be skipped.
    pub(super) fn skip(
        &mut self,
        partition: i32,
        offset: i64,
        cause: anyhow::Error,
    ) -> anyhow::Result<ControlFlow<()>> {
        let place = format!("record {offset} of partition {partition}");
        if !self.skip_on_error {
            return Err(cause.context(place));
        }
        error::warn(&format!("skipping {place}: {cause}"));
        Ok(self.count_one())
    }

    fn count_one(&mut self) -> ControlFlow<()> {
        self.count += 1;
        if self.is_done() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Whether lines show headers.
    pub(super) fn shows_headers(&self) -> bool {
        self.formatter.shows_headers()
    }

    /// Writes what has been kept.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let written = self.output.write_all(&self.buffer).and_then(|()| self.output.flush());
        self.buffer.clear();
        written
    }
}
