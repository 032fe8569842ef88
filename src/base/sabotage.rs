//! Bugs that are planted on purpose, to show that the tests which must find such a bug do.
//!
//! None is there unless kf is built with the feature `sabotage`, which a release cannot be; then the
//! environment variable `KF_SABOTAGE` names the one that is. `tests/torture/run mutants` plants them
//! one after the other.

use std::sync::LazyLock;

/// What kf would get wrong.
#[derive(Clone, Copy, Debug)]
pub enum Bug {
    /// An append is answered before it is synced.
    AckBeforeSync,
    /// Readers see records as soon as they are written.
    ShowBeforeSync,
    /// Directories are not synced.
    SkipDirectorySync,
    /// A small file is put in the place of another before its contents are synced.
    RenameBeforeSync,
    /// The indexes and the log of a segment that is closed are not synced.
    SkipClosedSegmentSync,
    /// After a failed sync, the next one is tried and believed.
    RetryFailedSync,
    /// A start believes what it reads from the page cache, whatever the disk holds.
    TrustPageCache,
    /// A read does not compute the CRC of what it returns.
    ReadWithoutCrc,
    /// A start takes a batch for whole without computing its CRC.
    RecoverWithoutCrc,
    /// Header bytes that no CRC covers are not held against their checksums.
    SkipHeaderChecksums,
    /// Damage to what was promised is cut off like a torn tail.
    CutDamage,
    /// The recovery point is stored before what lies below it is synced.
    RecoveryPointBeforeSync,
    /// It is noted that a log is durable before it is.
    NoteBeforeSync,
    /// The leader epochs of a tail that was cut off stay.
    KeepEpochsOfTornTail,
    /// An index of times that was made anew is written over the one that is trusted.
    WriteTimesInPlace,
    /// A start does not load producers and does not replay their batches.
    ForgetProducers,
    /// A clean stop syncs nothing, but says it did.
    CloseWithoutSync,
    /// Readers see a deletion before it is durable.
    ShowStartBeforeSync,
    /// Deleted files go before the new log start offset is durable.
    RemoveBeforeSync,
    /// A new topic finds the log start offset of a deleted one of its name.
    KeepStartOfDeletedTopic,
    /// What compaction wrote is not synced before it replaces what it was made of.
    SwapBeforeSync,
    /// Retention deletes what is beyond the high watermark.
    DeleteBeyondHighWatermark,
    /// Retention deletes one segment more than it may.
    DeleteOneMore,
}

/// Whether a bug is planted. Without the feature that is known when kf is built, so that nothing is
/// left of it.
pub fn has(bug: Bug) -> bool {
    const { assert!(!cfg!(feature = "sabotage") || cfg!(debug_assertions), "no release has bugs") }
    cfg!(feature = "sabotage") && *PLANTED == Some(format!("{bug:?}"))
}

static PLANTED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("KF_SABOTAGE").ok());
