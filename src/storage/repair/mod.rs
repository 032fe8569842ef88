//! Taking damage out of a log, so that consumers pass over it as over any gap between offsets.
//!
//! What is intact keeps its bytes and its offsets. A repair is for a directory that nobody serves,
//! and for what [`verify`](super::verify()) has found there. Each step is durable before the next one
//! starts, so that a crash leaves the old segment or the new one:
//!
//! 1. All that is intact is synced, and the recovery point is moved to the log end: below it alone
//!    gaps between offsets are expected.
//! 2. The damaged bytes are copied to `NNN.log.damaged`; see `kept`.
//! 3. `kf-damage` is removed: it tells of places in files that are about to be replaced. What it
//!    noted is found again if the repair goes no further.
//! 4. Each damaged segment is written anew and put in its own place, as compaction does it. Indexes
//!    that are wrong are made again. Where the log has lost its end, a batch without records stands
//!    for it, so that no offset is given out twice and consumers reach the end.

mod kept;
mod rewrite;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checkpoint::OffsetCheckpoint;
use super::config::StoreOptions;
use super::damage;
use super::directory::PartitionId;
use super::error::StorageError;
use super::files::{FileCache, FileKind, Stage};
use super::log::LogHome;
use super::startup::RECOVERY_POINTS;
use super::swap;
use super::verify::{FindingKind, PartitionReport};
use crate::base::disk::Disk;
use rewrite::{LostEnd, SegmentRepair};

/// Files that a repair has open at a time.
const OPEN_FILES: usize = 16;

/// What the repair of one partition would do.
#[derive(Clone, Debug)]
pub struct RepairPlan {
    /// Which partition it is.
    pub partition: PartitionId,
    /// Offsets that are given up for good.
    pub losses: Vec<Loss>,
    /// Files that are made again, or removed so that the next start makes them again.
    pub rebuilds: Vec<PathBuf>,
    log_end_offset: i64,
    segments: BTreeMap<i64, SegmentRepair>,
    removed: Vec<PathBuf>,
}

/// Offsets that cannot be read, and what stands in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The log file.
    pub path: PathBuf,
    /// Where in it; empty if the bytes are missing.
    pub bytes: Range<u64>,
    /// Which offsets.
    pub offsets: Range<i64>,
}

impl RepairPlan {
    /// The plan for what was found in a partition; `None` if there is nothing that a repair can do.
    /// What could not be read has to be readable first.
    pub fn of(report: &PartitionReport) -> Option<Self> {
        let is_blocked = |kind| matches!(kind, FindingKind::Unreadable | FindingKind::Unavailable);
        if report.findings.iter().any(|finding| is_blocked(finding.kind)) {
            return None;
        }
        let mut plan = Self {
            partition: report.partition.clone(),
            losses: Vec::new(),
            rebuilds: Vec::new(),
            log_end_offset: report.log_end_offset,
            segments: BTreeMap::new(),
            removed: Vec::new(),
        };
        for (base_offset, range) in &report.damage {
            plan.segments.entry(*base_offset).or_default().damage.push(*range);
        }
        for finding in report.of_kind(FindingKind::Rebuild) {
            plan.rebuild(&finding.path);
        }
        // Only the last segment can lack the end of the log.
        let last = plan.segments.values_mut().next_back();
        if let Some(last) = last
            && let Some(range) = last.damage.last()
            && range.end_offset == report.log_end_offset
        {
            let leader_epoch = report.epoch_at(range.start_offset);
            last.lost_end =
                Some(LostEnd { offsets: range.start_offset..range.end_offset, leader_epoch });
        }
        for finding in &report.findings {
            match (finding.kind, &finding.bytes, &finding.offsets) {
                (FindingKind::Damage, Some(bytes), Some(offsets)) => {
                    let (bytes, offsets) = (bytes.clone(), offsets.clone());
                    plan.losses.push(Loss { path: finding.path.clone(), bytes, offsets });
                }
                (FindingKind::TornTail, Some(bytes), _) => {
                    let segment = base_offset(&finding.path, FileKind::Log);
                    let segment = segment.and_then(|base| plan.segments.get_mut(&base));
                    segment.into_iter().for_each(|segment| segment.torn_at = Some(bytes.start));
                }
                _ => {}
            }
        }
        (!plan.segments.is_empty() || !plan.removed.is_empty()).then_some(plan)
    }

    fn rebuild(&mut self, path: &Path) {
        self.rebuilds.push(path.to_path_buf());
        let indexes = [FileKind::Index, FileKind::TimeIndex, FileKind::Sums];
        match indexes.into_iter().find_map(|kind| base_offset(path, kind)) {
            Some(base_offset) => drop(self.segments.entry(base_offset).or_default()),
            None => self.removed.push(path.to_path_buf()),
        }
    }

    /// How many offsets are given up.
    pub fn offsets_lost(&self) -> u64 {
        self.losses.iter().map(|loss| loss.offsets.end.abs_diff(loss.offsets.start)).sum()
    }

    /// How many bytes are taken out of the log.
    pub fn bytes_lost(&self) -> u64 {
        self.losses.iter().map(|loss| loss.bytes.end - loss.bytes.start).sum()
    }
}

/// The offset that a file is named after, if it is of this kind.
fn base_offset(path: &Path, kind: FileKind) -> Option<i64> {
    let name = path.file_name()?.to_str()?;
    // What is about to become part of the log does so before it is repaired.
    let name = name.strip_suffix(Stage::Swap.suffix()).unwrap_or(name);
    let (found, base_offset) = FileKind::of(name)?;
    (found == kind).then_some(base_offset)
}

/// Does what a plan says. Nobody else may use the directory, nor have changed it since.
///
/// # Errors
/// I/O, or a file that is not what the plan was made for: then this segment and those after it are
/// as they were. [`StorageError::Corrupt`] as well if the recovery points are lost, which the next
/// start of a broker makes again.
pub fn repair(
    disk: &Arc<dyn Disk>,
    data_directory: &Path,
    plan: &RepairPlan,
) -> Result<(), StorageError> {
    let cache = FileCache::new(disk.clone(), OPEN_FILES);
    let home = LogHome::new(plan.partition.clone(), &cache, &StoreOptions::new(data_directory));
    swap::finish(&home)?;
    if plan.segments.values().any(|segment| !segment.damage.is_empty()) {
        move_recovery_point(&home, data_directory, plan)?;
        for (base_offset, segment) in &plan.segments {
            kept::keep(&home, *base_offset, &segment.damage)?;
        }
        damage::store(cache.disk(), &home.directory, &[], true)?;
        sync_directory(&home)?;
    }
    for (base_offset, segment) in &plan.segments {
        segment.run(&home, *base_offset)?;
    }
    for path in &plan.removed {
        match disk.remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StorageError::io(path)(error));
            }
            _ => {}
        }
    }
    sync_directory(&home)
}

/// Step 1.
fn move_recovery_point(
    home: &LogHome,
    data_directory: &Path,
    plan: &RepairPlan,
) -> Result<(), StorageError> {
    let disk = home.cache.disk();
    let path = data_directory.join(RECOVERY_POINTS);
    let mut points = OffsetCheckpoint::load(disk, path.clone())?;
    if !points.is_complete() {
        let reason = "the recovery points are lost; the start of a broker makes them again";
        return Err(StorageError::corrupt(&path, 0, reason));
    }
    for entry in disk.list(&home.directory).map_err(StorageError::io(&home.directory))? {
        if let Some((kind, base_offset)) = FileKind::of(&entry.name) {
            let file = home.cache.file(&home.directory, base_offset, kind);
            let synced = file.get().and_then(|file| file.sync_data());
            synced.map_err(StorageError::io(&file.path()))?;
        }
    }
    sync_directory(home)?;
    points.set(&plan.partition, plan.log_end_offset);
    points.store(disk, true)
}

fn sync_directory(home: &LogHome) -> Result<(), StorageError> {
    home.cache.disk().sync_dir(&home.directory).map_err(StorageError::io(&home.directory))
}

#[cfg(test)]
mod tests;
