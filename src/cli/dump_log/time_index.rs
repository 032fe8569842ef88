//! `.timeindex` files: timestamps, and the last offsets of the batches that have them.

use std::path::{Path, PathBuf};

use super::batches::BatchReader;
use super::entries::Entries;
use super::report::{Report, Stop};
use super::{IndexOptions, base_offset, open_beside};
use crate::wire::records::{Batch, DECOMPRESSED_LIMIT, NO_TIMESTAMP};

const ENTRY_SIZE: usize = 12;

#[derive(Clone, Copy)]
struct Entry {
    timestamp: i64,
    offset: i64,
}

/// Shows all entries, and compares them with the log.
pub(super) fn dump(path: &Path, options: IndexOptions, report: &mut Report) -> Result<(), Stop> {
    let base_offset = base_offset(path)?;
    let mut entries = Entries::open(path)?;
    let log = open_beside(path, "log")?;
    if options.index_sanity_check {
        check(&mut entries, base_offset)?;
        return Ok(report.line(format_args!("{} passed sanity check.", path.display()))?);
    }
    let log = BatchReader::new(log, None).map_err(Stop::reading)?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut comparison = Comparison { path, log, batch: None, last: None };
    while let Some(entry) = entries.next()? {
        let entry = Entry::parse(entry, base_offset);
        // What was never written is zero.
        if entry.offset == base_offset && comparison.last.is_some() {
            break;
        }
        comparison.check(entry, report)?;
        if !options.verify_index_only {
            let Entry { timestamp, offset } = entry;
            report.line(format_args!("timestamp: {timestamp} offset: {offset}"))?;
        }
    }
    entries.check_length()
}

impl Entry {
    fn parse(bytes: [u8; ENTRY_SIZE], base_offset: i64) -> Self {
        let [a, b, c, d, e, f, g, h, relative_offset @ ..] = bytes;
        Self {
            timestamp: i64::from_be_bytes([a, b, c, d, e, f, g, h]),
            offset: base_offset.wrapping_add(i32::from_be_bytes(relative_offset).into()),
        }
    }
}

/// What a broker checks at its start: whole entries, and a last one that is not before the first.
fn check(entries: &mut Entries<ENTRY_SIZE>, base_offset: i64) -> Result<(), Stop> {
    let Some(first) = entries.next()? else { return entries.check_length() };
    let first = Entry::parse(first, base_offset);
    entries.skip(entries.count().saturating_sub(2))?;
    let last = entries.next()?.map_or(first, |entry| Entry::parse(entry, base_offset));
    if last.timestamp < first.timestamp {
        let (last, first) = (last.timestamp, first.timestamp);
        return Err(Stop::file(format!(
            "its last timestamp is {last}, which is less than its first timestamp {first}"
        )));
    }
    if last.offset < base_offset {
        let last = last.offset;
        return Err(Stop::file(format!(
            "its last offset is {last}, which is less than its base offset {base_offset}"
        )));
    }
    entries.check_length()
}

/// Walks the log beside the entries, whose offsets grow.
struct Comparison {
    /// Absolute, as the script names it.
    path: PathBuf,
    log: BatchReader,
    /// The batch that the last entry led to.
    batch: Option<Batch>,
    last: Option<Entry>,
}

impl Comparison {
    /// Whether a batch ends with the entry's offset and has its timestamp, and entries are in
    /// order.
    fn check(&mut self, entry: Entry, report: &mut Report) -> Result<(), Stop> {
        let last = self.last.replace(entry);
        let found = self.batch_that_reaches(entry.offset).map(|batch| batch.header().last_offset());
        if found != Some(entry.offset) {
            return Ok(report.difference(
                "The following indexed offsets are not found in the log.".to_owned(),
                format_args!(
                    "Indexed offset: {}, found log offset: {}",
                    entry.offset,
                    found.unwrap_or(-1)
                ),
            )?);
        }
        let timestamp = self.batch.as_ref().map_or(NO_TIMESTAMP, largest_timestamp);
        let path = self.path.display();
        if timestamp != entry.timestamp {
            report.difference(
                format!("Found timestamp mismatch in :{path}"),
                format_args!("  Index timestamp: {}, log timestamp: {timestamp}", entry.timestamp),
            )?;
        }
        let last = last.map_or(NO_TIMESTAMP, |last| last.timestamp);
        if last >= entry.timestamp {
            report.difference(
                format!("Found out of order timestamp in :{path}"),
                format_args!(
                    "  Index timestamp: {}, Previously indexed timestamp: {last}",
                    entry.timestamp
                ),
            )?;
        }
        Ok(())
    }

    /// The first batch, from the last one found on, that ends with the offset or beyond it.
    fn batch_that_reaches(&mut self, offset: i64) -> Option<&Batch> {
        while self.batch.as_ref().is_none_or(|batch| batch.header().last_offset() < offset) {
            self.batch = self.log.next().ok().flatten();
            self.batch.as_ref()?;
        }
        self.batch.as_ref()
    }
}

/// The largest timestamp of the records that can be read.
fn largest_timestamp(batch: &Batch) -> i64 {
    let bytes = batch.decompress(DECOMPRESSED_LIMIT).unwrap_or_default();
    let timestamps = batch.records(&bytes).map_while(Result::ok).map(|record| record.timestamp);
    timestamps.fold(NO_TIMESTAMP, i64::max)
}
