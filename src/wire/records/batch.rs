//! The batch header, whole batches, and what a broker may rewrite in them.
//!
//! The CRC-32C of a batch covers everything from the attributes on. The base offset and the
//! partition leader epoch stand before it, so a broker assigns them without computing a new one.

use bytes::Bytes;

use super::builder::BuildError;
use super::compress::{Compression, DecompressError, UnknownCompression};
use super::record::Records;

/// Bytes of a batch header, up to the first record.
pub const HEADER_LENGTH: usize = 61;
/// Bytes of a batch that its `batch_length` field does not count: base offset and length itself.
const LENGTH_OVERHEAD: usize = 12;
const LENGTH_AT: usize = 8;
const MAGIC_AT: usize = 16;
const CRC_AT: usize = 17;
const ATTRIBUTES_AT: usize = 21;
const MAX_TIMESTAMP_AT: usize = 35;

/// The producer id of a batch that is neither idempotent nor transactional.
pub const NO_PRODUCER_ID: i64 = -1;
/// The producer epoch that goes with [`NO_PRODUCER_ID`].
pub const NO_PRODUCER_EPOCH: i16 = -1;
/// The base sequence of a batch without one: control batches, and every batch without producer.
pub const NO_SEQUENCE: i32 = -1;
/// "No timestamp", in every field and reply that can hold one.
pub const NO_TIMESTAMP: i64 = -1;

const COMPRESSION_MASK: i16 = 0b111;
const LOG_APPEND_TIME: i16 = 1 << 3;
pub(super) const TRANSACTIONAL: i16 = 1 << 4;
pub(super) const CONTROL: i16 = 1 << 5;
pub(super) const DELETE_HORIZON: i16 = 1 << 6;
/// What a batch is said to be whichever of its records are left.
pub(super) const KEPT_FLAGS: i16 = LOG_APPEND_TIME | TRANSACTIONAL | CONTROL;

/// Why bytes are not a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end before the batch does.
    #[error("batch is cut: {available} of {needed} bytes")]
    Truncated {
        /// Bytes that the batch says it has, or that a header needs.
        needed: usize,
        /// Bytes that are there.
        available: usize,
    },
    /// A format other than version 2.
    #[error("record format version {0} is not supported (only 2 is)")]
    UnsupportedMagic(i8),
    /// A length too small for a header, or negative.
    #[error("batch length {0} is impossible")]
    InvalidLength(i32),
    /// A base offset that cannot stand where the batch does.
    #[error("base offset {0} does not follow the batch before")]
    InvalidOffset(i64),
    /// A leader epoch other than the one that had the batch's offsets.
    #[error("leader epoch {0} was not that of these offsets")]
    InvalidEpoch(i32),
    /// The bytes are not those that were written.
    #[error("batch checksum is {computed:#010x}, the header says {stored:#010x}")]
    CrcMismatch {
        /// What the header holds.
        stored: u32,
        /// What the bytes give.
        computed: u32,
    },
    /// The record count and the last offset delta cannot both be true.
    #[error("{record_count} records cannot span {last_offset_delta} offsets")]
    InvalidCount {
        /// Records, as the header says.
        record_count: i32,
        /// Last offset minus base offset, as the header says.
        last_offset_delta: i32,
    },
    /// A codec that this format does not have.
    #[error(transparent)]
    UnknownCompression(#[from] UnknownCompression),
}

/// Whose clock stamped the records of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's: each record has its own.
    CreateTime,
    /// The broker's: all records have the batch's maximum timestamp.
    LogAppendTime,
}

/// The fixed part of a batch, field by field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchHeader {
    /// Offset of the first record; zero from a producer, assigned by the broker.
    pub base_offset: i64,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader that appended the batch.
    pub partition_leader_epoch: i32,
    /// CRC-32C of all bytes from the attributes to the end.
    pub crc: u32,
    /// Codec and flags; read them through the methods.
    pub attributes: i16,
    /// Last offset minus base offset; compaction keeps it even when the last record goes.
    pub last_offset_delta: i32,
    /// What the records' timestamp deltas count from; with a delete horizon, that horizon.
    pub base_timestamp: i64,
    /// Largest timestamp of the records, milliseconds since the Unix epoch.
    pub max_timestamp: i64,
    /// Id of the producer, or [`NO_PRODUCER_ID`].
    pub producer_id: i64,
    /// Epoch of the producer.
    pub producer_epoch: i16,
    /// Sequence number of the first record, or [`NO_SEQUENCE`].
    pub base_sequence: i32,
    /// Records in the batch.
    pub record_count: i32,
}

impl BatchHeader {
    /// Reads the header at the start of `bytes`; the records need not be there.
    ///
    /// # Errors
    /// Fewer than 61 bytes, another format version, or a length too small for a header.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        if let Some(&magic) = bytes.get(MAGIC_AT)
            && magic != 2
        {
            return Err(BatchError::UnsupportedMagic(magic as i8));
        }
        let header: &[u8; HEADER_LENGTH] = bytes
            .first_chunk()
            .ok_or(BatchError::Truncated { needed: HEADER_LENGTH, available: bytes.len() })?;
        let batch_length = i32::from_be_bytes(field(header, LENGTH_AT));
        if batch_length < (HEADER_LENGTH - LENGTH_OVERHEAD) as i32 {
            return Err(BatchError::InvalidLength(batch_length));
        }
        Ok(Self {
            base_offset: i64::from_be_bytes(field(header, 0)),
            batch_length,
            partition_leader_epoch: i32::from_be_bytes(field(header, 12)),
            crc: u32::from_be_bytes(field(header, CRC_AT)),
            attributes: i16::from_be_bytes(field(header, ATTRIBUTES_AT)),
            last_offset_delta: i32::from_be_bytes(field(header, 23)),
            base_timestamp: i64::from_be_bytes(field(header, 27)),
            max_timestamp: i64::from_be_bytes(field(header, MAX_TIMESTAMP_AT)),
            producer_id: i64::from_be_bytes(field(header, 43)),
            producer_epoch: i16::from_be_bytes(field(header, 51)),
            base_sequence: i32::from_be_bytes(field(header, 53)),
            record_count: i32::from_be_bytes(field(header, 57)),
        })
    }

    /// Reads the header and proves the bytes: they are exactly one whole batch, its CRC is
    /// right, its counts are possible and its codec is known.
    ///
    /// A count smaller than the offsets it spans is legal (compaction makes such batches); what a
    /// producer sends must satisfy [`BatchHeader::has_consecutive_offsets`] too.
    ///
    /// # Errors
    /// The first of these that fails.
    pub fn validate(bytes: &[u8]) -> Result<Self, BatchError> {
        let header = Self::parse(bytes)?;
        if bytes.len() < header.size() {
            return Err(BatchError::Truncated { needed: header.size(), available: bytes.len() });
        }
        if bytes.len() > header.size() {
            return Err(BatchError::InvalidLength(header.batch_length));
        }
        let computed = checksum(bytes);
        if computed != header.crc {
            return Err(BatchError::CrcMismatch { stored: header.crc, computed });
        }
        let (record_count, last_offset_delta) = (header.record_count, header.last_offset_delta);
        if record_count < 0 || last_offset_delta < 0 || record_count - 1 > last_offset_delta {
            return Err(BatchError::InvalidCount { record_count, last_offset_delta });
        }
        header.compression()?;
        Ok(header)
    }

    /// CRC-32C of the 17 bytes that the batch's own CRC leaves out, in their order: base offset,
    /// length, leader epoch and magic.
    pub fn placement_checksum(&self) -> u32 {
        let mut crc = crc32c::crc32c(&self.base_offset.to_be_bytes());
        crc = crc32c::crc32c_append(crc, &self.batch_length.to_be_bytes());
        crc = crc32c::crc32c_append(crc, &self.partition_leader_epoch.to_be_bytes());
        crc32c::crc32c_append(crc, &[2])
    }

    /// Bytes of the whole batch.
    pub fn size(&self) -> usize {
        LENGTH_OVERHEAD + self.batch_length as usize
    }

    /// Offset of the last record, or of the last one there was before compaction.
    pub fn last_offset(&self) -> i64 {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// The offset after this batch.
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Whether there is at least one record, and one for each offset, as a producer must send.
    pub fn has_consecutive_offsets(&self) -> bool {
        self.record_count > 0 && self.record_count - 1 == self.last_offset_delta
    }

    /// The codec of the records.
    ///
    /// # Errors
    /// A codec number that this format does not have.
    pub fn compression(&self) -> Result<Compression, UnknownCompression> {
        Compression::from_id(self.attributes & COMPRESSION_MASK)
    }

    /// Whose clock stamped the records.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Whether the batch belongs to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes & TRANSACTIONAL != 0
    }

    /// Whether the batch holds control records, which consumers do not see.
    pub fn is_control(&self) -> bool {
        self.attributes & CONTROL != 0
    }

    /// When compaction may remove the tombstones of this batch, if it has set a time (KIP-534).
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        (self.attributes & DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// Whether a producer id, and with it epoch and sequence, mean anything.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id > NO_PRODUCER_ID
    }

    /// Sequence number of the last record, or [`NO_SEQUENCE`].
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence == NO_SEQUENCE {
            NO_SEQUENCE
        } else {
            increment_sequence(self.base_sequence, self.last_offset_delta)
        }
    }
}

/// `sequence` moved on by `by` (neither negative); after `i32::MAX` comes 0.
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    ((i64::from(sequence) + i64::from(by)) % (i64::from(i32::MAX) + 1)) as i32
}

fn field<const N: usize>(header: &[u8; HEADER_LENGTH], at: usize) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&header[at..at + N]);
    bytes
}

/// CRC-32C from the attributes to the end; of nothing, if there is less than that.
fn checksum(batch: &[u8]) -> u32 {
    crc32c::crc32c(batch.get(ATTRIBUTES_AT..).unwrap_or_default())
}

/// One whole batch: its header and its bytes, header included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    header: BatchHeader,
    bytes: Bytes,
}

impl Batch {
    /// Takes the batch at the start of `bytes`; what follows it is left out. The CRC is not
    /// checked: see [`BatchHeader::validate`].
    ///
    /// # Errors
    /// No header, or not all of the batch.
    pub fn parse(bytes: &Bytes) -> Result<Self, BatchError> {
        let header = BatchHeader::parse(bytes)?;
        if bytes.len() < header.size() {
            return Err(BatchError::Truncated { needed: header.size(), available: bytes.len() });
        }
        Ok(Self { header, bytes: bytes.slice(..header.size()) })
    }

    /// The header.
    pub fn header(&self) -> &BatchHeader {
        &self.header
    }

    /// All bytes, header included.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes of the records, decompressed; without copying if they are not compressed. Read
    /// them with [`Batch::records`].
    ///
    /// # Errors
    /// An unknown codec, bytes that the codec refuses, or more than `limit` bytes.
    pub fn decompress(&self, limit: usize) -> Result<Bytes, DecompressError> {
        let compressed = self.bytes.slice(HEADER_LENGTH..);
        match self.header.compression()? {
            Compression::None => Ok(compressed),
            codec => Ok(codec.decompress(&compressed, limit)?.into()),
        }
    }

    /// The batch with its records in another codec. `decompressed` is what [`Batch::decompress`]
    /// returned; the records stay as they are, byte for byte, and of the header all but codec,
    /// length and CRC.
    ///
    /// # Errors
    /// The codec fails, or gives more than a batch can hold.
    pub fn recompress(
        &self,
        decompressed: &[u8],
        codec: Compression,
        level: Option<i32>,
    ) -> Result<Self, BuildError> {
        let records = codec.compress_at(level, decompressed)?;
        let batch_length = i32::try_from(HEADER_LENGTH - LENGTH_OVERHEAD + records.len())
            .map_err(|_| BuildError::TooLarge)?;
        let attributes = self.header.attributes & !COMPRESSION_MASK | codec.id();
        let mut bytes = Vec::with_capacity(HEADER_LENGTH + records.len());
        bytes.extend_from_slice(&self.bytes[..HEADER_LENGTH]);
        bytes.extend(records);
        bytes[LENGTH_AT..LENGTH_OVERHEAD].copy_from_slice(&batch_length.to_be_bytes());
        bytes[ATTRIBUTES_AT..ATTRIBUTES_AT + 2].copy_from_slice(&attributes.to_be_bytes());
        let crc = checksum(&bytes);
        bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
        let header = BatchHeader { batch_length, attributes, crc, ..self.header };
        Ok(Self { header, bytes: bytes.into() })
    }

    /// The records in what [`Batch::decompress`] returned.
    pub fn records<'a>(&self, decompressed: &'a [u8]) -> Records<'a> {
        Records::new(&self.header, decompressed)
    }
}

/// The whole batches in `bytes`, in order.
///
/// A cut batch at the end is left out, as Kafka's fetch protocol wants it. After an error there
/// is nothing more.
#[derive(Clone, Debug)]
pub struct Batches {
    rest: Bytes,
}

impl Batches {
    /// Walks `bytes`.
    pub fn new(bytes: Bytes) -> Self {
        Self { rest: bytes }
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        match Batch::parse(&self.rest) {
            Ok(batch) => {
                self.rest = self.rest.slice(batch.bytes.len()..);
                Some(Ok(batch))
            }
            Err(error) => {
                self.rest = Bytes::new();
                (!matches!(error, BatchError::Truncated { .. })).then_some(Err(error))
            }
        }
    }
}

/// One whole batch in a buffer of the caller's, to write in it what a broker assigns.
#[derive(Debug)]
pub struct BatchMut<'a> {
    bytes: &'a mut [u8],
}

impl<'a> BatchMut<'a> {
    /// Takes the batch at the start of `bytes`; what follows it stays untouched.
    ///
    /// # Errors
    /// No header, or not all of the batch.
    pub fn parse(bytes: &'a mut [u8]) -> Result<Self, BatchError> {
        let size = BatchHeader::parse(bytes)?.size();
        let available = bytes.len();
        let bytes =
            bytes.get_mut(..size).ok_or(BatchError::Truncated { needed: size, available })?;
        Ok(Self { bytes })
    }

    /// Sets the offset of the first record. The CRC does not cover it.
    pub fn set_base_offset(&mut self, base_offset: i64) {
        self.bytes[..8].copy_from_slice(&base_offset.to_be_bytes());
    }

    /// Sets the epoch of the leader that appends the batch. The CRC does not cover it.
    pub fn set_partition_leader_epoch(&mut self, leader_epoch: i32) {
        self.bytes[12..MAGIC_AT].copy_from_slice(&leader_epoch.to_be_bytes());
    }

    /// Sets whose clock stamped the records and their largest timestamp, and computes the CRC
    /// anew.
    pub fn set_max_timestamp(&mut self, timestamp_type: TimestampType, max_timestamp: i64) {
        let attributes = &mut self.bytes[ATTRIBUTES_AT + 1];
        match timestamp_type {
            TimestampType::CreateTime => *attributes &= !(LOG_APPEND_TIME as u8),
            TimestampType::LogAppendTime => *attributes |= LOG_APPEND_TIME as u8,
        }
        self.bytes[MAX_TIMESTAMP_AT..MAX_TIMESTAMP_AT + 8]
            .copy_from_slice(&max_timestamp.to_be_bytes());
        let crc = checksum(self.bytes);
        self.bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::BatchBuilder;
    use super::*;

    fn three_records() -> Bytes {
        let mut builder = BatchBuilder::new(Compression::None);
        for timestamp in [1000, 3000, 2000] {
            builder.append(timestamp, Some(b"key"), Some(b"value"), &[]);
        }
        builder.build().unwrap()
    }

    #[test]
    fn any_flipped_bit_after_the_crc_is_noticed() {
        let bytes = three_records();
        assert!(BatchHeader::validate(&bytes).is_ok());
        for at in CRC_AT..bytes.len() {
            for bit in 0..8 {
                let mut damaged = bytes.to_vec();
                damaged[at] ^= 1 << bit;
                assert!(
                    matches!(BatchHeader::validate(&damaged), Err(BatchError::CrcMismatch { .. })),
                    "byte {at} bit {bit}"
                );
            }
        }
    }

    #[test]
    fn base_offset_and_leader_epoch_change_without_a_new_crc() {
        let mut bytes = three_records().to_vec();
        let crc = BatchHeader::parse(&bytes).unwrap().crc;
        let mut batch = BatchMut::parse(&mut bytes).unwrap();
        batch.set_base_offset(42);
        batch.set_partition_leader_epoch(7);
        let header = BatchHeader::validate(&bytes).unwrap();
        assert_eq!((header.base_offset, header.partition_leader_epoch), (42, 7));
        assert_eq!((header.last_offset(), header.next_offset(), header.crc), (44, 45, crc));
    }

    #[test]
    fn log_append_time_is_covered_by_a_new_crc() {
        let mut bytes = three_records().to_vec();
        let mut batch = BatchMut::parse(&mut bytes).unwrap();
        batch.set_max_timestamp(TimestampType::LogAppendTime, 5000);
        let header = BatchHeader::validate(&bytes).unwrap();
        assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
        assert_eq!(header.max_timestamp, 5000);
        let batch = Batch::parse(&bytes.into()).unwrap();
        let records = batch.decompress(1000).unwrap();
        assert!(batch.records(&records).all(|record| record.unwrap().timestamp == 5000));
    }

    #[test]
    fn recompression_changes_codec_length_and_crc_alone() {
        let mut builder = BatchBuilder::new(Compression::None)
            .producer(9, 3, 70)
            .transactional()
            .base_offset(100)
            .partition_leader_epoch(4);
        let headers = [super::super::Header { key: b"h", value: None }];
        builder.append(1000, None, Some(b""), &headers);
        builder.append(900, Some(b"key"), None, &[]);
        let plain = Batch::parse(&builder.build().unwrap()).unwrap();
        let records = plain.decompress(1000).unwrap();
        for from in Compression::ALL {
            let source = plain.recompress(&records, from, None).unwrap();
            for to in Compression::ALL {
                let decompressed = source.decompress(1000).unwrap();
                let batch = source.recompress(&decompressed, to, None).unwrap();
                let header = BatchHeader::validate(batch.bytes()).unwrap();
                assert_eq!(&header, batch.header(), "{from} to {to}");
                assert_eq!(header.compression(), Ok(to));
                assert_eq!(batch.decompress(1000).unwrap(), records, "{from} to {to}");
                let BatchHeader { batch_length, crc, attributes, .. } = *plain.header();
                assert_eq!(header.attributes & !COMPRESSION_MASK, attributes);
                assert_eq!(
                    BatchHeader { batch_length, crc, attributes, ..header },
                    *plain.header()
                );
            }
        }
    }

    #[test]
    fn batches_are_walked_and_a_cut_last_one_is_left_out() {
        let batch = three_records();
        let two = [batch.as_ref(), batch.as_ref()].concat();
        for length in 0..=two.len() {
            let walked: Vec<_> = Batches::new(Bytes::copy_from_slice(&two[..length])).collect();
            assert_eq!(walked.len(), length / batch.len());
            assert!(walked.iter().all(|walked| walked.as_ref().unwrap().bytes() == &batch));
        }
    }

    #[test]
    fn impossible_headers_are_refused() {
        let good = three_records();
        let with = |at: usize, patch: &[u8]| {
            let mut bytes = good.to_vec();
            bytes[at..at + patch.len()].copy_from_slice(patch);
            let crc = checksum(&bytes);
            bytes[CRC_AT..ATTRIBUTES_AT].copy_from_slice(&crc.to_be_bytes());
            BatchHeader::validate(&bytes).unwrap_err()
        };
        assert_eq!(with(MAGIC_AT, &[1]), BatchError::UnsupportedMagic(1));
        assert_eq!(with(8, &48i32.to_be_bytes()), BatchError::InvalidLength(48));
        assert_eq!(with(8, &(-1i32).to_be_bytes()), BatchError::InvalidLength(-1));
        assert!(matches!(with(8, &i32::MAX.to_be_bytes()), BatchError::Truncated { .. }));
        assert!(matches!(with(57, &4i32.to_be_bytes()), BatchError::InvalidCount { .. }));
        assert!(matches!(with(57, &i32::MIN.to_be_bytes()), BatchError::InvalidCount { .. }));
        assert!(matches!(with(22, &[5]), BatchError::UnknownCompression(_)));
    }

    #[test]
    fn sequences_wrap_after_the_largest_integer() {
        assert_eq!(increment_sequence(i32::MAX - 1, 1), i32::MAX);
        assert_eq!(increment_sequence(i32::MAX, 1), 0);
        assert_eq!(increment_sequence(i32::MAX, i32::MAX), i32::MAX - 1);
    }
}
