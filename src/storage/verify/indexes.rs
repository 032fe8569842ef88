//! The three indexes of a segment, judged batch by batch.
//!
//! What an entry says of a batch that is damaged can be neither proved nor refuted; it is passed
//! over.

use std::io;
use std::sync::Arc;

use super::entries::IndexCheck;
use super::finding::{Finding, FindingKind};
use crate::storage::damage::DamagedRange;
use crate::storage::files::{FileKind, StoredFile};
use crate::storage::index::{Entry, OffsetEntry, SumEntry, TimeEntry};
use crate::storage::scan::Scanned;
use crate::wire::records::NO_TIMESTAMP;

/// The indexes that a segment has.
#[derive(Default)]
pub(super) struct IndexChecks {
    base_offset: i64,
    offsets: Option<IndexCheck<OffsetEntry>>,
    times: Option<IndexCheck<TimeEntry>>,
    sums: Option<IndexCheck<SumEntry>>,
    /// Largest timestamp so far.
    max_timestamp: i64,
}

impl IndexChecks {
    /// Opens the indexes that are there. `file` names them.
    pub(super) fn open(
        base_offset: i64,
        file: impl Fn(FileKind) -> Arc<StoredFile>,
    ) -> io::Result<Self> {
        Ok(Self {
            base_offset,
            offsets: if_there(IndexCheck::open(file(FileKind::Index)))?,
            times: if_there(IndexCheck::open(file(FileKind::TimeIndex)))?,
            sums: if_there(IndexCheck::open(file(FileKind::Sums)))?,
            max_timestamp: NO_TIMESTAMP,
        })
    }

    /// Judges the entries up to a batch that is right.
    pub(super) fn batch(&mut self, batch: &Scanned) -> io::Result<()> {
        self.max_timestamp = self.max_timestamp.max(batch.header.max_timestamp);
        self.judge_offsets(batch)?;
        self.judge_times(batch)
    }

    fn judge_offsets(&mut self, batch: &Scanned) -> io::Result<()> {
        let Some(offsets) = &mut self.offsets else { return Ok(()) };
        let base_offset = self.base_offset;
        let judge = |entry: &OffsetEntry| {
            let offset = base_offset + i64::from(entry.relative_offset);
            let position = entry.position;
            if i64::from(position) != batch.position as i64 {
                return Some(format!("no batch starts at {position}"));
            }
            // Entries of old brokers may tell the last offset of several batches.
            let last_offset = batch.header.last_offset();
            (last_offset > offset).then(|| {
                format!("the batch at {position} ends with offset {last_offset}, not {offset}")
            })
        };
        offsets.advance(|entry| i64::from(entry.position) <= batch.position as i64, judge)
    }

    fn judge_times(&mut self, batch: &Scanned) -> io::Result<()> {
        let Some(times) = &mut self.times else { return Ok(()) };
        let (base_offset, max_timestamp) = (self.base_offset, self.max_timestamp);
        let offset_of = |entry: &TimeEntry| base_offset + i64::from(entry.relative_offset);
        let judge = |entry: &TimeEntry| {
            let is_right =
                entry.timestamp == batch.header.max_timestamp && entry.timestamp == max_timestamp;
            (!is_right).then(|| {
                let (timestamp, offset) = (entry.timestamp, offset_of(entry));
                format!("{timestamp} is not the largest timestamp up to offset {offset}")
            })
        };
        times.advance(|entry| offset_of(entry) <= batch.header.last_offset(), judge)
    }

    /// Whether a batch's header is the one that was written; `None` if there is no checksum of it.
    pub(super) fn header(&mut self, batch: &Scanned) -> io::Result<Option<bool>> {
        let Some(sums) = &mut self.sums else { return Ok(None) };
        let at = batch.position as i64;
        let mut is_right = None;
        sums.advance(
            |entry| i64::from(entry.position) <= at,
            |entry| {
                if i64::from(entry.position) != at {
                    return Some(format!("no batch starts at {}", entry.position));
                }
                is_right = Some(entry.sum == batch.header.placement_checksum());
                None
            },
        )?;
        Ok(is_right)
    }

    /// Passes over what the indexes say of a damaged range.
    pub(super) fn pass_over(&mut self, range: &DamagedRange) -> io::Result<()> {
        let end_position = range.end_position as i64;
        if let Some(offsets) = &mut self.offsets {
            offsets.pass_over(|entry| i64::from(entry.position) < end_position)?;
        }
        if let Some(times) = &mut self.times {
            let base_offset = self.base_offset;
            let offset_of = |entry: &TimeEntry| base_offset + i64::from(entry.relative_offset);
            times.pass_over(|entry| offset_of(entry) < range.end_offset)?;
        }
        if let Some(sums) = &mut self.sums {
            sums.pass_over(|entry| i64::from(entry.position) < end_position)?;
        }
        Ok(())
    }

    /// What is the matter with them, after the last batch.
    pub(super) fn finish(self) -> io::Result<Vec<Finding>> {
        let mut findings = Vec::new();
        findings.extend(finish(self.offsets)?);
        findings.extend(finish(self.times)?);
        findings.extend(finish(self.sums)?);
        Ok(findings)
    }

    /// The indexes without which a closed segment has to be walked.
    pub(super) fn missing(&self) -> Vec<FileKind> {
        let missing = [
            (FileKind::Index, self.offsets.is_none()),
            (FileKind::TimeIndex, self.times.is_none()),
        ];
        missing.into_iter().filter(|(_, is_missing)| *is_missing).map(|(kind, _)| kind).collect()
    }
}

fn if_there<E>(opened: io::Result<IndexCheck<E>>) -> io::Result<Option<IndexCheck<E>>> {
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

fn finish<E: Entry>(check: Option<IndexCheck<E>>) -> io::Result<Option<Finding>> {
    let Some(mut check) = check else { return Ok(None) };
    check.advance(|_| true, |_| Some("it points beyond the last batch".to_owned()))?;
    let (path, size) = (check.stored().path(), E::SIZE as u64);
    Ok(check.wrong().map(|wrong| {
        let bytes = wrong.position..wrong.position + size;
        Finding::new(FindingKind::Rebuild, path, wrong.reason).at(bytes)
    }))
}
