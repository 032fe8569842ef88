//! Record batches of format version 2 (KIP-98), the only format that Kafka 4 writes.
//!
//! A batch is a 61-byte [`BatchHeader`] followed by records, which may be compressed together.
//! Brokers move batches without looking inside: [`Batches`] walks whole batches, [`BatchMut`]
//! writes what a broker assigns. [`Records`] reads the records themselves, borrowing from the
//! decompressed bytes, and [`BatchBuilder`] writes new batches.
//!
//! Nothing here trusts a length or a count: each is checked against the bytes that are left
//! before it is used, and decompression stops at a limit that the caller sets.

mod batch;
mod builder;
mod compress;
mod control;
mod record;
mod varint;

pub use batch::{
    Batch, BatchError, BatchHeader, BatchMut, Batches, HEADER_LENGTH, NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TimestampType, increment_sequence,
};
pub use builder::{BatchBuilder, BuildError};
pub use compress::{
    CompressError, Compression, DECOMPRESSED_LIMIT, DecompressError, UnknownCompression,
};
pub use control::{ControlError, ControlRecordType, EndTransactionMarker};
pub use record::{Header, Headers, HeadersIter, Record, RecordError, Records};

#[cfg(test)]
mod tests;
