//! Batches on their way into a log.

use bytes::{Bytes, BytesMut};

use crate::wire::records::{BatchError, BatchHeader, BatchMut, NO_TIMESTAMP, TimestampType};

/// Who appends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A producer: its sequence numbers are checked.
    Client,
    /// The broker itself, or a log that is copied: sequence numbers are noted, not checked.
    Internal,
}

/// Batches to be appended.
#[derive(Clone, Debug)]
pub struct Append {
    /// One or more whole batches, proved with [`BatchHeader::validate`]. Their maximum timestamps
    /// must be true: where a producer's is not, rewrite it with [`BatchMut::set_max_timestamp`].
    /// Base offsets and leader epochs are assigned by the log.
    pub batches: Bytes,
    /// Epoch of the leader that appends.
    pub leader_epoch: i32,
    /// The time, milliseconds since the Unix epoch.
    pub now_ms: i64,
    /// Who appends.
    pub origin: Origin,
}

/// Where batches went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// When the broker stamped the records, −1 if the producer did.
    pub log_append_time_ms: i64,
    /// The log's first offset.
    pub log_start_offset: i64,
    /// Whether a producer sent these batches before; the offsets are those of the first time.
    pub is_duplicate: bool,
}

/// Batches whose offsets and leader epochs are assigned. There is at least one.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) bytes: BytesMut,
    pub(super) first: BatchHeader,
    pub(super) last: BatchHeader,
    pub(super) headers: Vec<BatchHeader>,
}

impl Placed {
    /// Gives `batches` the offsets from `base_offset` on.
    ///
    /// # Errors
    /// Anything but one or more whole batches.
    pub(super) fn new(
        batches: Bytes,
        base_offset: i64,
        leader_epoch: i32,
    ) -> Result<Self, BatchError> {
        // Copies only what somebody else holds too.
        let mut bytes = BytesMut::from(batches);
        let mut headers = Vec::with_capacity(1);
        let (mut start, mut offset) = (0, base_offset);
        while let Some(rest) = bytes.get_mut(start..).filter(|rest| !rest.is_empty()) {
            let mut batch = BatchMut::parse(rest)?;
            batch.set_base_offset(offset);
            batch.set_partition_leader_epoch(leader_epoch);
            let header = BatchHeader::parse(rest)?;
            let (record_count, last_offset_delta) = (header.record_count, header.last_offset_delta);
            if last_offset_delta < 0 {
                return Err(BatchError::InvalidCount { record_count, last_offset_delta });
            }
            start += header.size();
            offset = header.next_offset();
            headers.push(header);
        }
        match (headers.first().copied(), headers.last().copied()) {
            (Some(first), Some(last)) => Ok(Self { bytes, first, last, headers }),
            _ => Err(BatchError::Truncated { needed: 1, available: 0 }),
        }
    }

    /// Largest timestamp of all records.
    pub(super) fn max_timestamp(&self) -> i64 {
        self.headers.iter().map(|header| header.max_timestamp).max().unwrap_or(NO_TIMESTAMP)
    }
}

/// `timestamp` if the broker's clock stamped the batch, else −1.
pub(super) fn log_append_time_ms(header: &BatchHeader, timestamp: i64) -> i64 {
    match header.timestamp_type() {
        TimestampType::CreateTime => NO_TIMESTAMP,
        TimestampType::LogAppendTime => timestamp,
    }
}
