//! What a look at the files brings to light.

use std::ops::Range;
use std::path::PathBuf;

use crate::storage::damage::DamagedRange;
use crate::storage::directory::PartitionId;
use crate::storage::epochs::LeaderEpochs;

/// How much something matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// Offsets cannot be read that somebody may have been told are durable.
    Damage,
    /// The partition cannot be served until a file of it is mended.
    Unavailable,
    /// The operating system failed, which says nothing about the data.
    Unreadable,
    /// What a crash leaves of appends that nobody was promised. The next start cuts it off.
    TornTail,
    /// A file that can be made again from the batches; nothing is lost.
    Rebuild,
    /// Offsets without records, as compaction leaves them.
    Gap,
    /// A file or a directory that is no part of any log.
    Leftover,
}

impl FindingKind {
    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Damage => "damage",
            Self::Unavailable => "unavailable",
            Self::Unreadable => "unreadable",
            Self::TornTail => "torn tail",
            Self::Rebuild => "rebuild",
            Self::Gap => "gap",
            Self::Leftover => "leftover",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub kind: FindingKind,
    /// The file or the directory.
    pub path: PathBuf,
    /// Where in the file; empty where bytes should be and are not.
    pub bytes: Option<Range<u64>>,
    /// Which offsets it is about.
    pub offsets: Option<Range<i64>>,
    /// What it is, in a few words.
    pub reason: String,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, path: impl Into<PathBuf>, reason: impl ToString) -> Self {
        Self { kind, path: path.into(), bytes: None, offsets: None, reason: reason.to_string() }
    }

    pub(super) fn at(self, bytes: Range<u64>) -> Self {
        Self { bytes: Some(bytes), ..self }
    }

    pub(super) fn of_offsets(self, offsets: Range<i64>) -> Self {
        Self { offsets: Some(offsets), ..self }
    }
}

/// What was found in the files of one partition.
#[derive(Clone, Debug)]
pub struct PartitionReport {
    /// Which partition it is.
    pub partition: PartitionId,
    /// Segments.
    pub segments: usize,
    /// Bytes of their log files.
    pub bytes: u64,
    /// The first offset that may be read.
    pub log_start_offset: i64,
    /// The offset after the last batch that is right, or after what is missing behind it.
    pub log_end_offset: i64,
    /// Batches that are right.
    pub batches: u64,
    /// Records in them, as their headers say.
    pub records: u64,
    /// All that is to be said of it, in the order of the files.
    pub findings: Vec<Finding>,
    /// What cannot be read, with the base offset of the segment that it is in.
    pub(in crate::storage) damage: Vec<(i64, DamagedRange)>,
    /// As the checkpoint has them.
    pub(super) epochs: LeaderEpochs,
    /// Leader epoch of the last batch.
    pub(super) last_epoch: Option<i32>,
}

impl PartitionReport {
    /// The findings of a kind.
    pub fn of_kind(&self, kind: FindingKind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.kind == kind)
    }

    /// The leader epoch of an offset at the log end, as far as anything tells.
    pub(in crate::storage) fn epoch_at(&self, offset: i64) -> i32 {
        self.epochs.epoch_at(offset).max(self.last_epoch).unwrap_or(0)
    }

    /// How many offsets cannot be read that somebody may have been told are durable.
    pub fn offsets_damaged(&self) -> u64 {
        let offsets = self.of_kind(FindingKind::Damage).filter_map(|damage| damage.offsets.clone());
        offsets.map(|offsets| offsets.end.abs_diff(offsets.start.max(self.log_start_offset))).sum()
    }

    /// Bytes that the next start cuts off.
    pub fn torn_bytes(&self) -> u64 {
        let bytes = self.of_kind(FindingKind::TornTail).filter_map(|torn| torn.bytes.clone());
        bytes.map(|bytes| bytes.end - bytes.start).sum()
    }
}
