//! Logs that the broker itself writes and reads back: cluster metadata, groups and offsets.

use bytes::Bytes;

use crate::storage::{LogView, StorageError};
use crate::wire::records::{
    Batch, BatchBuilder, Batches, BuildError, Compression, DECOMPRESSED_LIMIT,
};

/// How much is read at once.
const READ_BYTES: usize = 1 << 20;

/// Key and value of a record; a value of `None` is a tombstone.
pub type KeyValue = (Option<Bytes>, Option<Bytes>);

/// A batch of these records, stamped with `now_ms`.
///
/// # Errors
/// More than fits into a batch.
pub fn build_batch(records: &[KeyValue], now_ms: i64) -> Result<Bytes, BuildError> {
    let mut builder = BatchBuilder::new(Compression::None);
    for (key, value) in records {
        builder.append(now_ms, key.as_deref(), value.as_deref(), &[]);
    }
    builder.build()
}

/// Why reading a log back stopped.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E> {
    /// The log cannot be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What was read is no record batch.
    #[error("the batch at offset {offset} cannot be read: {reason}")]
    Batch {
        /// Where it starts.
        offset: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// The record was refused.
    #[error("the record at offset {offset}: {cause}")]
    Record {
        /// Where it stands.
        offset: i64,
        /// Why.
        cause: E,
    },
}

/// Gives every record of `view` to `visit`, in order; control records are left out.
///
/// # Errors
/// The first record that cannot be read or that `visit` refuses.
pub fn read_records<E>(
    view: &LogView,
    mut visit: impl FnMut(KeyValue) -> Result<(), E>,
) -> Result<(), ReadError<E>> {
    let mut offset = view.log_start_offset();
    while offset < view.high_watermark() {
        let bytes = view.read(offset, READ_BYTES, view.high_watermark(), true)?;
        if bytes.is_empty() {
            return Ok(());
        }
        for batch in Batches::new(bytes) {
            let batch =
                batch.map_err(|error| ReadError::Batch { offset, reason: error.to_string() })?;
            visit_batch(&batch, offset, &mut visit)?;
            offset = batch.header().next_offset();
        }
    }
    Ok(())
}

fn visit_batch<E>(
    batch: &Batch,
    first_offset: i64,
    visit: &mut impl FnMut(KeyValue) -> Result<(), E>,
) -> Result<(), ReadError<E>> {
    let offset = batch.header().base_offset;
    if batch.header().is_control() {
        return Ok(());
    }
    let unreadable = |reason: String| ReadError::Batch { offset, reason };
    let decompressed =
        batch.decompress(DECOMPRESSED_LIMIT).map_err(|error| unreadable(error.to_string()))?;
    let copy = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
    for record in batch.records(&decompressed) {
        let record = record.map_err(|error| unreadable(error.to_string()))?;
        if record.offset >= first_offset {
            visit((copy(record.key), copy(record.value)))
                .map_err(|cause| ReadError::Record { offset: record.offset, cause })?;
        }
    }
    Ok(())
}
