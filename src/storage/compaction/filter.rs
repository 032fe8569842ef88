//! What becomes of one batch.

use bytes::Bytes;

use super::key_offsets::KeyOffsets;
use crate::wire::records::{
    Batch, BatchBuilder, BatchHeader, BuildError, DECOMPRESSED_LIMIT, DecompressError, Record,
    RecordError,
};

/// What is left of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Remainder {
    /// All of it.
    Unchanged,
    /// Fewer records, or none, or the same ones with a delete horizon.
    Rewritten(Bytes),
    Nothing,
}

/// What is known of a batch before one looks into it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Its records are of an aborted transaction.
    pub(super) is_aborted: bool,
    /// It is the marker of a transaction of which nothing is left.
    pub(super) is_orphaned_marker: bool,
    /// The log has to remember it, without records if need be: it is the last one of its producer,
    /// whose sequence goes on from there, or the last one of its segment, whose end it tells.
    pub(super) is_kept: bool,
}

/// Why a batch cannot be cleaned.
#[derive(Debug, thiserror::Error)]
pub(super) enum FilterError {
    #[error(transparent)]
    Decompress(#[from] DecompressError),
    #[error(transparent)]
    Record(#[from] RecordError),
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// What records are judged by.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub(super) keys: &'a KeyOffsets,
    pub(super) now_ms: i64,
    /// `delete.retention.ms`.
    pub(super) delete_retention_ms: i64,
}

impl Filter<'_> {
    /// What is left of a batch.
    ///
    /// The batch keeps its first and its last offset, its producer and its codec. One with
    /// tombstones, or a marker of which nothing is left, is given a delete horizon when it is
    /// first cleaned (KIP-534); they go once that has passed.
    ///
    /// # Errors
    /// Records that cannot be read or written again.
    pub(super) fn apply(&self, batch: &Batch, place: Place) -> Result<Remainder, FilterError> {
        let header = batch.header();
        let is_past_horizon = header.delete_horizon_ms().is_some_and(|at| at <= self.now_ms);
        if place.is_aborted || (place.is_orphaned_marker && is_past_horizon) {
            return without_records(header, place);
        }
        let bytes = batch.decompress(DECOMPRESSED_LIMIT)?;
        let mut kept = Vec::new();
        let mut has_tombstone = false;
        for record in batch.records(&bytes) {
            let record = record?;
            if header.is_control() || self.keeps(&record, is_past_horizon) {
                has_tombstone |= record.value.is_none();
                kept.push(record);
            }
        }
        if kept.is_empty() {
            return without_records(header, place);
        }
        let known = header.delete_horizon_ms();
        let new = (has_tombstone || place.is_orphaned_marker)
            .then(|| self.now_ms.saturating_add(self.delete_retention_ms));
        if kept.len() as i64 == i64::from(header.record_count) && (known.is_some() || new.is_none())
        {
            return Ok(Remainder::Unchanged);
        }
        let mut builder = BatchBuilder::in_place_of(header);
        if let Some(horizon_ms) = known.or(new) {
            builder = builder.delete_horizon_ms(horizon_ms);
        }
        kept.iter().for_each(|record| builder.append_record(record));
        Ok(Remainder::Rewritten(builder.build()?))
    }

    fn keeps(&self, record: &Record<'_>, is_past_horizon: bool) -> bool {
        if record.offset >= self.keys.end_offset() {
            return true;
        }
        // Without a key there is nothing to compact by; no such record is accepted.
        let Some(key) = record.key else { return false };
        self.keys.is_newest(key, record.offset) && (record.value.is_some() || !is_past_horizon)
    }
}

fn without_records(header: &BatchHeader, place: Place) -> Result<Remainder, FilterError> {
    Ok(match (place.is_kept, header.record_count) {
        (false, _) => Remainder::Nothing,
        (true, 0) => Remainder::Unchanged,
        (true, _) => Remainder::Rewritten(BatchBuilder::in_place_of(header).build()?),
    })
}

#[cfg(test)]
mod tests;
