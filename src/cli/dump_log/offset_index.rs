//! `.index` files: offsets and positions of batches in the log.

use std::path::{Path, PathBuf};

use super::batches::BatchReader;
use super::entries::Entries;
use super::report::{Report, Stop};
use super::{IndexOptions, base_offset, open_beside};

const ENTRY_SIZE: usize = 8;

/// The last offset of a batch, and where it begins.
#[derive(Clone, Copy)]
struct Entry {
    offset: i64,
    position: i32,
}

/// Shows all entries, and compares them with the log.
pub(super) fn dump(path: &Path, options: IndexOptions, report: &mut Report) -> Result<(), Stop> {
    let base_offset = base_offset(path)?;
    let mut entries = Entries::open(path)?;
    let log = open_beside(path, "log")?;
    if entries.count() == 0 {
        report.line(format_args!("{} is empty.", path.display()))?;
        return entries.check_length();
    }
    if options.index_sanity_check {
        check(&mut entries, base_offset)?;
        return Ok(report.line(format_args!("{} passed sanity check.", path.display()))?);
    }
    let log = BatchReader::new(log, None).map_err(Stop::reading)?;
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut comparison = Comparison { path, log, max_message_size: options.max_message_size };
    let mut is_first = true;
    while let Some(entry) = entries.next()? {
        let entry = Entry::parse(entry, base_offset);
        // What was never written is zero.
        if entry.offset == base_offset && !is_first {
            break;
        }
        is_first = false;
        comparison.check(entry, report)?;
        if !options.verify_index_only {
            let Entry { offset, position } = entry;
            report.line(format_args!("offset: {offset} position: {position}"))?;
        }
    }
    entries.check_length()
}

impl Entry {
    fn parse([a, b, c, d, position @ ..]: [u8; ENTRY_SIZE], base_offset: i64) -> Self {
        let relative_offset = i32::from_be_bytes([a, b, c, d]);
        Self {
            offset: base_offset.wrapping_add(relative_offset.into()),
            position: i32::from_be_bytes(position),
        }
    }
}

/// What a broker checks at its start: whole entries, and a last one that is not before the first.
fn check(entries: &mut Entries<ENTRY_SIZE>, base_offset: i64) -> Result<(), Stop> {
    entries.skip(entries.count().saturating_sub(1))?;
    let last = entries.next()?.map(|entry| Entry::parse(entry, base_offset));
    match last {
        Some(Entry { offset, .. }) if offset < base_offset => Err(Stop::file(format!(
            "its last offset is {offset}, which is less than its base offset {base_offset}"
        ))),
        _ => entries.check_length(),
    }
}

struct Comparison {
    /// Absolute, as the script names it.
    path: PathBuf,
    log: BatchReader,
    max_message_size: i32,
}

impl Comparison {
    /// Whether the batch at the entry's position ends with its offset.
    fn check(&mut self, entry: Entry, report: &mut Report) -> Result<(), Stop> {
        let Entry { offset, position } = entry;
        let found = u64::try_from(position).ok().and_then(|position| {
            self.log.seek(position).ok()?;
            self.log.next_header().ok()?
        });
        match found {
            Some(header) if header.size() > self.max_message_size.unsigned_abs() as usize => {
                let (size, max) = (header.size(), self.max_message_size);
                report.damage(
                    &self.path,
                    format_args!(
                        "offset {offset}: the batch at position {position} has {size} bytes, more \
                     than --max-message-size {max}"
                    ),
                )?;
            }
            Some(header) if header.last_offset() == offset => {}
            Some(header) => report.difference(
                format!("Mismatches in :{}", self.path.display()),
                format_args!("  Index offset: {offset}, log offset: {}", header.last_offset()),
            )?,
            None => report.damage(
                &self.path,
                format_args!("offset {offset}: the log has no batch at position {position}"),
            )?,
        }
        Ok(())
    }
}
