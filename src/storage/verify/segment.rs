//! Proving one segment: every byte of its log file, and what its indexes say of the batches.
//!
//! The rules are those of recovery, so that nothing is called damaged which a broker would serve,
//! and nothing right which it would refuse.

use std::io;
use std::sync::Arc;

use super::finding::{Finding, FindingKind};
use super::indexes::IndexChecks;
use super::partition::LogFacts;
use crate::storage::damage::DamagedRange;
use crate::storage::error::StorageError;
use crate::storage::files::{FileKind, Stage};
use crate::storage::index::Index;
use crate::storage::log::LogHome;
use crate::storage::scan::{ScanError, Scanned, WHOLE_CHUNK};
use crate::storage::segment::{Segment, SegmentView};
use crate::wire::records::BatchError;

/// A segment of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) base_offset: i64,
    /// Live, or about to be.
    pub(super) stage: Stage,
    /// Where the next segment starts, if there is one.
    pub(super) next_base: Option<i64>,
}

/// What was found in a segment.
#[derive(Debug, Default)]
pub(super) struct SegmentReport {
    pub(super) base_offset: i64,
    /// Bytes of the log file.
    pub(super) bytes: u64,
    pub(super) batches: u64,
    pub(super) records: u64,
    /// The offset after the last batch, or after what is missing behind it.
    pub(super) next_offset: i64,
    /// Whether the log ends with it: what follows is removed by the next start.
    pub(super) ends_log: bool,
    /// The first offset of which the checkpoint of epochs says something else than the batch.
    pub(super) wrong_epoch: Option<(i64, String)>,
    /// Leader epoch of the last batch.
    pub(super) last_epoch: Option<i32>,
    /// What cannot be read.
    pub(super) damage: Vec<DamagedRange>,
    pub(super) findings: Vec<Finding>,
}

/// Looks at all of a segment.
pub(super) fn prove(log: &LogFacts, place: Place) -> SegmentReport {
    let mut prover = match Prover::new(log, place) {
        Ok(prover) => prover,
        Err(error) => return SegmentReport::unreadable(log, place, error),
    };
    match prover.run() {
        Ok(()) => prover.report,
        Err(error) => SegmentReport {
            bytes: prover.report.bytes,
            ..SegmentReport::unreadable(log, place, error)
        },
    }
}

impl SegmentReport {
    fn unreadable(log: &LogFacts, place: Place, error: StorageError) -> Self {
        let Place { base_offset, next_base, .. } = place;
        let path = FileKind::Log.path(&log.home.directory, base_offset);
        let finding = Finding::new(FindingKind::Unreadable, path, error);
        let next_offset = next_base.unwrap_or(base_offset);
        Self { base_offset, next_offset, findings: vec![finding], ..Self::default() }
    }
}

/// Whether there is no index, or one that is cut.
fn is_without_entries(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidData)
}

struct Prover<'a> {
    log: &'a LogFacts,
    place: Place,
    /// All of the file, as if it were part of the segment.
    whole: SegmentView,
    indexes: IndexChecks,
    /// All below this offset may have been promised.
    durable_end: i64,
    position: u64,
    gaps: Gaps,
    report: SegmentReport,
}

/// Offsets between batches.
#[derive(Default)]
struct Gaps {
    count: u64,
    offsets: u64,
    first: Option<(i64, i64)>,
}

impl Gaps {
    fn add(&mut self, start: i64, end: i64) {
        self.count += 1;
        self.offsets += end.abs_diff(start);
        self.first.get_or_insert((start, end));
    }
}

impl<'a> Prover<'a> {
    fn new(log: &'a LogFacts, place: Place) -> Result<Self, StorageError> {
        let Place { base_offset, stage, next_base } = place;
        let LogHome { cache, directory, .. } = &log.home;
        let segment = Segment::new(cache, directory, base_offset);
        segment.files().iter().for_each(|file| file.begin_at(stage));
        let file = |kind| {
            let file = cache.file(directory, base_offset, kind);
            file.begin_at(stage);
            file
        };
        let mut indexes = IndexChecks::default();
        if log.trusts_indexes(next_base) {
            // Other indexes are made anew by the next start.
            let path = segment.log.path();
            indexes = IndexChecks::open(base_offset, file).map_err(StorageError::io(&path))?;
            match Index::open(file(FileKind::Sums)) {
                Ok(sums) => segment.indexes_mut().sums = sums,
                Err(error) if is_without_entries(&error) => {}
                Err(error) => return Err(StorageError::io(&path)(error)),
            }
        }
        for (_, range) in log.known_damage.iter().filter(|(base, _)| *base == base_offset) {
            segment.damage.note(*range);
        }
        let mut whole = SegmentView::empty(Arc::new(segment));
        whole.next_offset = next_base.unwrap_or(i64::MAX);
        let log_file = whole.segment.log.get().map_err(|error| whole.io(error))?;
        // The disk is to be proved, not the memory in front of it.
        log_file.drop_cache(0).map_err(|error| whole.io(error))?;
        whole.size = log_file.len().map_err(|error| whole.io(error))?;
        let report = SegmentReport {
            base_offset,
            bytes: whole.size,
            next_offset: base_offset,
            ..SegmentReport::default()
        };
        let durable_end = log.durable_end_before(next_base);
        let gaps = Gaps::default();
        Ok(Self { log, place, whole, indexes, durable_end, position: 0, gaps, report })
    }

    fn run(&mut self) -> Result<(), StorageError> {
        let torn = self.batches()?;
        self.end(torn);
        self.report_gaps();
        let missing = self.indexes.missing();
        let indexes = std::mem::take(&mut self.indexes);
        let wrong = indexes.finish().map_err(|error| self.whole.io(error))?;
        if self.log.trusts_indexes(self.place.next_base) {
            self.report.findings.extend(wrong);
        }
        if self.place.next_base.is_some_and(|next| self.log.trusts_indexes(Some(next))) {
            for kind in missing {
                let path = kind.path(&self.log.home.directory, self.place.base_offset);
                let finding = Finding::new(FindingKind::Rebuild, path, "there is no such file");
                self.report.findings.push(finding);
            }
        }
        Ok(())
    }

    /// Proves batch after batch; returns why that ended before the end of the file, beyond the
    /// durable end.
    fn batches(&mut self) -> Result<Option<BatchError>, StorageError> {
        let mut scanner = self.whole.scanner(0, WHOLE_CHUNK)?;
        loop {
            let next_offset = self.report.next_offset;
            self.position = scanner.position();
            if let Some(range) = self.known_damage() {
                self.pass_over(range, "noted when the log was opened")?;
                scanner.skip_to(range.end_position);
                continue;
            }
            let reason = match scanner.next_valid() {
                Ok(None) => return Ok(None),
                Ok(Some(batch)) => match self.judge(&batch)? {
                    Ok(()) => {
                        self.take(&batch)?;
                        continue;
                    }
                    Err(reason) => reason,
                },
                Err(ScanError::Invalid(reason)) => reason,
                Err(ScanError::Io(error)) => return Err(self.whole.io(error)),
            };
            if next_offset >= self.durable_end {
                return Ok(Some(reason));
            }
            let mut range = self.whole.damage_from(self.position, next_offset)?;
            range.end_offset = range.end_offset.min(self.durable_end);
            self.pass_over(range, reason)?;
            scanner.skip_to(range.end_position);
        }
    }

    fn known_damage(&self) -> Option<DamagedRange> {
        self.whole.segment.damage.starting_at(self.position, self.report.next_offset)
    }

    /// Why a batch whose bytes are right cannot be the one that was written here, if it cannot.
    fn judge(&mut self, batch: &Scanned) -> Result<Result<(), BatchError>, StorageError> {
        let header = &batch.header;
        let next_offset = self.report.next_offset;
        let has_right_header = self.indexes.header(batch).map_err(|error| self.whole.io(error))?;
        let is_known = header.base_offset == next_offset || self.log.may_have_gap_at(header);
        if !is_known
            || !self.whole.fits(batch, next_offset)
            || self.whole.segment.relative(header.last_offset()).is_none()
        {
            return Ok(Err(BatchError::InvalidOffset(header.base_offset)));
        }
        Ok(match self.log.has_right_epoch(header, has_right_header) {
            true => Ok(()),
            false => Err(BatchError::InvalidEpoch(header.partition_leader_epoch)),
        })
    }

    fn take(&mut self, batch: &Scanned) -> Result<(), StorageError> {
        self.indexes.batch(batch).map_err(|error| self.whole.io(error))?;
        let header = &batch.header;
        if header.base_offset > self.report.next_offset {
            self.gaps.add(self.report.next_offset, header.base_offset);
        }
        if self.report.wrong_epoch.is_none()
            && let Some(known) = self.log.checkpointed_epoch(header)
        {
            let epoch = header.partition_leader_epoch;
            let reason = format!("it says epoch {known}, the batch says {epoch}");
            self.report.wrong_epoch = Some((header.base_offset, reason));
        }
        self.report.last_epoch = Some(header.partition_leader_epoch);
        self.report.batches += 1;
        self.report.records += u64::try_from(header.record_count).unwrap_or(0);
        self.report.next_offset = header.next_offset();
        Ok(())
    }

    fn pass_over(
        &mut self,
        range: DamagedRange,
        reason: impl ToString,
    ) -> Result<(), StorageError> {
        self.indexes.pass_over(&range).map_err(|error| self.whole.io(error))?;
        self.report.next_offset = range.end_offset;
        self.damaged(range, reason);
        Ok(())
    }

    fn damaged(&mut self, range: DamagedRange, reason: impl ToString) {
        // What was deleted is not lost.
        let kind = match range.end_offset <= self.log.log_start_offset {
            true => FindingKind::Leftover,
            false => FindingKind::Damage,
        };
        let finding = self.finding(kind, reason).at(range.position..range.end_position);
        self.report.findings.push(finding.of_offsets(range.start_offset..range.end_offset));
        self.report.damage.push(range);
    }

    /// What it means that the batches end where they do.
    fn end(&mut self, torn: Option<BatchError>) {
        let (next_offset, end) = (self.report.next_offset, self.whole.size);
        let position = if torn.is_some() { self.position } else { end };
        let is_early =
            torn.is_some() || self.place.next_base.is_some_and(|next_base| next_offset < next_base);
        let is_cut_here = is_early && self.log.is_point_known() && next_offset >= self.durable_end;
        self.report.ends_log = is_cut_here || self.place.next_base.is_none();
        if is_early && (torn.is_some() || is_cut_here) {
            let reason = torn.map_or("it ends too early".to_owned(), |error| error.to_string());
            let finding = self.finding(FindingKind::TornTail, reason).at(position..end);
            self.report.findings.push(finding);
        }
        let expected = match self.place.next_base {
            Some(next_base) if !self.report.ends_log => next_base,
            _ => self.durable_end,
        };
        if next_offset >= expected {
            return;
        }
        if !self.report.ends_log && self.is_compacted_up_to(expected) {
            self.gaps.add(next_offset, expected);
        } else {
            let (start_offset, end_offset) = (next_offset, expected);
            let range = DamagedRange { start_offset, end_offset, position, end_position: end };
            self.damaged(range, "the bytes are missing");
        }
        self.report.next_offset = expected;
    }

    fn is_compacted_up_to(&self, next_base: i64) -> bool {
        next_base <= self.log.recovery_point.unwrap_or(0)
            && !self.whole.misses_bytes(self.report.next_offset)
    }

    fn report_gaps(&mut self) {
        let Gaps { count, offsets, first: Some((start, end)) } = self.gaps else { return };
        let reason = match count {
            1 => "no records, as compaction leaves it".to_owned(),
            _ => format!(
                "the first of {count} gaps, {offsets} offsets together, as compaction leaves them"
            ),
        };
        let finding = self.finding(FindingKind::Gap, reason).of_offsets(start..end);
        self.report.findings.push(finding);
    }

    fn finding(&self, kind: FindingKind, reason: impl ToString) -> Finding {
        Finding::new(kind, self.whole.segment.log.path(), reason)
    }
}
