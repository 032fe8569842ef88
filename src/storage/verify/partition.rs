//! What is to be known of a partition before its segments are proved, and what their proofs say
//! together.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::finding::{Finding, FindingKind, PartitionReport};
use super::segment::{Place, SegmentReport};
use crate::base::disk::DirectoryEntry;
use crate::base::uuid::Uuid;
use crate::storage::config::StoreOptions;
use crate::storage::damage::{self, DamagedRange};
use crate::storage::directory::{self, METADATA_FILE, PartitionId};
use crate::storage::durable_ends::DurableEnd;
use crate::storage::epochs::{self, LeaderEpochs};
use crate::storage::error::StorageError;
use crate::storage::files::{FileCache, FileKind, Stage};
use crate::storage::log::LogHome;
use crate::storage::producer_snapshot;
use crate::storage::startup::Checkpoints;
use crate::storage::swap;
use crate::wire::records::BatchHeader;

/// What the names of files end in that are no part of the log, and what they are.
const LEFTOVERS: [(&str, &str); 6] = [
    (".deleted", "of deleted segments, which the next start removes"),
    (".tmp", "of interrupted writes, which the next start removes"),
    (".cleaned", "of an interrupted compaction, which the next start removes"),
    (".swap", "of compacted segments, which the next start puts in place"),
    (".torn", "of torn tails that were cut off"),
    (".damaged", "of damaged bytes that a repair took out"),
];

/// What is known of a log.
pub(super) struct LogFacts {
    pub(super) home: LogHome,
    /// All below this offset was durable at some time; `None` if nobody knows.
    pub(super) recovery_point: Option<i64>,
    noted: Option<DurableEnd>,
    pub(super) log_start_offset: i64,
    is_clean: bool,
    epochs: LeaderEpochs,
    pub(super) known_damage: Vec<(i64, DamagedRange)>,
    /// Where the segments start, in order, and at which stage their files are.
    segments: Vec<(i64, Stage)>,
    /// What was found beside the segments.
    findings: Vec<Finding>,
}

impl LogFacts {
    /// Reads all but the segments.
    pub(super) fn read(
        partition: &PartitionId,
        data_directory: &Path,
        cache: &Arc<FileCache>,
        checkpoints: &Checkpoints,
        is_clean: bool,
    ) -> Self {
        let Checkpoints { recovery_points, log_start_offsets, .. } = checkpoints;
        let point = recovery_points.get(partition);
        let mut log = Self {
            home: LogHome::new(partition.clone(), cache, &StoreOptions::new(data_directory)),
            recovery_point: point.or(recovery_points.is_complete().then_some(0)),
            noted: None,
            log_start_offset: log_start_offsets.get(partition).unwrap_or(0),
            is_clean,
            epochs: LeaderEpochs::default(),
            known_damage: Vec::new(),
            segments: Vec::new(),
            findings: Vec::new(),
        };
        if let Some(topic_id) = log.read_metadata() {
            log.noted = checkpoints.durable_ends.get(&(topic_id, partition.partition()));
        }
        log.read_epochs();
        log.read_damage();
        log.list();
        log.find_segments();
        let first = log.segments.first().map_or(0, |(base_offset, _)| *base_offset);
        log.log_start_offset = log.log_start_offset.max(first);
        log
    }

    fn read_metadata(&mut self) -> Option<Uuid> {
        let (disk, directory) = (self.home.cache.disk(), &self.home.directory);
        let path = directory.join(METADATA_FILE);
        match directory::read_metadata(disk, directory) {
            Ok(None) if disk.open(&path).is_ok() => {
                let damaged = "it is damaged, and made again from the cluster's metadata";
                self.findings.push(Finding::new(FindingKind::Rebuild, path, damaged));
                None
            }
            Ok(topic_id) => topic_id,
            Err(error) => {
                self.found_error(error, FindingKind::Unavailable);
                None
            }
        }
    }

    fn read_epochs(&mut self) {
        let path = self.home.directory.join(epochs::FILE_NAME);
        let read = match self.home.cache.disk().read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            read => read.map_err(StorageError::io(&path)),
        };
        let text = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        match text.and_then(|text| LeaderEpochs::from_text(&text, &path)) {
            Ok(Some(epochs)) => self.epochs = epochs,
            Ok(None) => {
                let damaged = "it is damaged, and made again from the batches";
                self.findings.push(Finding::new(FindingKind::Rebuild, path, damaged));
            }
            Err(error) => self.found_error(error, FindingKind::Unavailable),
        }
    }

    fn read_damage(&mut self) {
        match damage::load(self.home.cache.disk(), &self.home.directory) {
            Ok(known) => self.known_damage = known,
            Err(error) => self.found_error(error, FindingKind::Rebuild),
        }
    }

    fn found_error(&mut self, error: StorageError, kind: FindingKind) {
        self.findings.push(match error {
            StorageError::Io { path, source } => {
                Finding::new(FindingKind::Unreadable, path, source)
            }
            StorageError::UnknownVersion { path, version } => {
                let reason = format!("it has the unknown version {version:?}");
                Finding::new(FindingKind::Unavailable, path, reason)
            }
            StorageError::Corrupt { path, reason, .. } => Finding::new(kind, path, reason),
            error => Finding::new(kind, self.home.directory.to_path_buf(), error),
        });
    }

    /// Looks at the snapshots and at what is no part of the log.
    fn list(&mut self) {
        let mut names = match self.home.cache.disk().list(&self.home.directory) {
            Ok(names) => names,
            Err(error) => {
                let path = self.home.directory.to_path_buf();
                self.findings.push(Finding::new(FindingKind::Unreadable, path, error));
                return;
            }
        };
        names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for entry in &names {
            if let Some((FileKind::Snapshot, _)) = FileKind::of(&entry.name) {
                self.look_at_snapshot(&entry.name);
            }
        }
        self.count_leftovers(&names);
    }

    /// Finds the segments, as the next start will: one that compaction was about to put in place
    /// stands for those that it was made of.
    fn find_segments(&mut self) {
        let found = swap::list(&self.home).and_then(|names| {
            let is_new = |(kind, _, stage): &&(FileKind, i64, Stage)| {
                *kind == FileKind::Log && *stage == Stage::Swap
            };
            let new = names.iter().filter(is_new).map(|(_, base_offset, _)| *base_offset);
            let end = |base_offset| Ok(base_offset..swap::next_offset(&self.home, base_offset)?);
            Ok((new.map(end).collect::<Result<Vec<_>, StorageError>>()?, names))
        });
        let (new, names) = match found {
            Ok(found) => found,
            Err(error) => return self.found_error(error, FindingKind::Unavailable),
        };
        let is_replaced = |base_offset: &i64| {
            new.iter().any(|range| range.contains(base_offset) || range.start == *base_offset)
        };
        let live = |kind: FileKind, stage| kind != FileKind::Snapshot && stage == Stage::Live;
        let (logs, indexes): (Vec<_>, Vec<_>) = names
            .into_iter()
            .filter(|(kind, base_offset, stage)| live(*kind, *stage) && !is_replaced(base_offset))
            .partition(|(kind, ..)| *kind == FileKind::Log);
        self.segments = new.iter().map(|range| (range.start, Stage::Swap)).collect();
        self.segments.extend(logs.iter().map(|(_, base_offset, _)| (*base_offset, Stage::Live)));
        self.segments.sort_unstable_by_key(|(base_offset, _)| *base_offset);
        for (kind, base_offset, _) in indexes {
            if logs.iter().all(|(_, log, _)| *log != base_offset) {
                let path = kind.path(&self.home.directory, base_offset);
                let reason = "an index without a log; the next start removes it";
                self.findings.push(Finding::new(FindingKind::Leftover, path, reason));
            }
        }
    }

    /// One finding for all files that end alike.
    fn count_leftovers(&mut self, names: &[DirectoryEntry]) {
        for (end, what) in LEFTOVERS {
            let count = names.iter().filter(|entry| entry.name.ends_with(end)).count();
            if count > 0 {
                let path = self.home.directory.join(format!("*{end}"));
                let reason = match count {
                    1 => format!("1 file {what}"),
                    _ => format!("{count} files {what}"),
                };
                self.findings.push(Finding::new(FindingKind::Leftover, path, reason));
            }
        }
    }

    fn look_at_snapshot(&mut self, name: &str) {
        let path = self.home.directory.join(name);
        let reason = match self.home.cache.disk().read(&path) {
            Err(error) => {
                return self.findings.push(Finding::new(FindingKind::Unreadable, path, error));
            }
            Ok(bytes) => match producer_snapshot::decode(&bytes) {
                Ok(_) => return,
                Err(error) => format!("{error}; producers are found in the batches"),
            },
        };
        self.findings.push(Finding::new(FindingKind::Rebuild, path, reason));
    }

    /// The segments, in order.
    pub(super) fn segments(&self) -> impl Iterator<Item = Place> + '_ {
        let next = self.segments.iter().skip(1).map(|(next, _)| Some(*next)).chain([None]);
        let place = |((base_offset, stage), next_base): (&(i64, Stage), _)| Place {
            base_offset: *base_offset,
            stage: *stage,
            next_base,
        };
        self.segments.iter().zip(next).map(place)
    }

    /// Whether the recovery point is known; if not, as much may have been durable as there is.
    pub(super) fn is_point_known(&self) -> bool {
        self.recovery_point.is_some()
    }

    /// Somebody may have been told that all below this offset is durable.
    pub(super) fn durable_end(&self) -> i64 {
        let noted = self.noted.map_or(0, |noted| noted.end_offset);
        self.recovery_point.unwrap_or(0).max(noted)
    }

    /// The durable end, as far as it matters in the segment before the one at `next_base`.
    pub(super) fn durable_end_before(&self, next_base: Option<i64>) -> i64 {
        match next_base {
            Some(next_base) if !self.is_point_known() => self.durable_end().max(next_base),
            _ => self.durable_end(),
        }
    }

    /// Whether a start takes the indexes of the segment before `next_base` as they are.
    pub(super) fn trusts_indexes(&self, next_base: Option<i64>) -> bool {
        let point = self.recovery_point.unwrap_or(0);
        next_base.map_or(self.is_clean, |next_base| next_base <= point)
    }

    /// Whether compaction may have removed what stood before a batch.
    pub(super) fn may_have_gap_at(&self, header: &BatchHeader) -> bool {
        self.recovery_point.is_none_or(|point| header.base_offset < point)
    }

    /// Whether the leader epoch of a batch, which its CRC does not cover, can be right.
    pub(super) fn has_right_epoch(
        &self,
        header: &BatchHeader,
        has_right_header: Option<bool>,
    ) -> bool {
        let (epoch, base_offset) = (header.partition_leader_epoch, header.base_offset);
        let known = self.epochs.epoch_at(base_offset);
        if base_offset < self.recovery_point.unwrap_or(0) {
            return known.is_none_or(|known| known == epoch) || has_right_header != Some(false);
        }
        let Some(noted) = self.noted.filter(|noted| base_offset < noted.end_offset) else {
            return true;
        };
        let latest = self.epochs.latest().map_or(-1, |latest| latest.epoch);
        epoch <= noted.leader_epoch && known.is_none_or(|known| known == epoch || epoch > latest)
    }

    /// The epoch that the checkpoint says a batch has, if it is another. A batch that was appended
    /// since the checkpoint was written may start a new one.
    pub(super) fn checkpointed_epoch(&self, header: &BatchHeader) -> Option<i32> {
        let (epoch, base_offset) = (header.partition_leader_epoch, header.base_offset);
        let latest = self.epochs.latest()?.epoch;
        let may_be_newer = base_offset >= self.recovery_point.unwrap_or(0) && epoch > latest;
        self.epochs.epoch_at(base_offset).filter(|known| *known != epoch && !may_be_newer)
    }

    /// What was found, once all segments are proved.
    pub(super) fn report(mut self, segments: Vec<SegmentReport>) -> PartitionReport {
        let durable_end = self.durable_end();
        if self.segments.is_empty() && durable_end > 0 {
            let path = self.home.directory.to_path_buf();
            let gone = Finding::new(FindingKind::Unavailable, path, "its segments are gone");
            self.findings.push(gone.of_offsets(self.log_start_offset..durable_end));
        }
        let mut report = PartitionReport {
            log_start_offset: self.log_start_offset,
            log_end_offset: durable_end.max(self.log_start_offset),
            partition: self.home.partition,
            segments: segments.len(),
            bytes: segments.iter().map(|segment| segment.bytes).sum(),
            batches: 0,
            records: 0,
            findings: self.findings,
            damage: Vec::new(),
            epochs: self.epochs,
            last_epoch: None,
        };
        if let Some((offset, reason)) = segments.iter().find_map(|s| s.wrong_epoch.clone()) {
            let path = self.home.directory.join(epochs::FILE_NAME);
            let wrong = Finding::new(FindingKind::Rebuild, path, reason);
            report.findings.push(wrong.of_offsets(offset..offset + 1));
        }
        let mut has_ended = false;
        for segment in &segments {
            if has_ended {
                let path = FileKind::Log.path(&self.home.directory, segment.base_offset);
                let reason = "what comes before it is torn";
                let torn = Finding::new(FindingKind::TornTail, path, reason);
                report.findings.push(torn.at(0..segment.bytes));
                continue;
            }
            report.batches += segment.batches;
            report.records += segment.records;
            report.log_end_offset = segment.next_offset;
            report.last_epoch = segment.last_epoch.or(report.last_epoch);
            report.findings.extend(segment.findings.iter().cloned());
            report.damage.extend(segment.damage.iter().map(|range| (segment.base_offset, *range)));
            has_ended = segment.ends_log;
        }
        report
    }
}
