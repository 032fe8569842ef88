//! Writing new batches.

use bytes::Bytes;

use super::batch::{
    BatchHeader, CONTROL, DELETE_HORIZON, HEADER_LENGTH, KEPT_FLAGS, NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID, NO_SEQUENCE, NO_TIMESTAMP, TRANSACTIONAL,
};
use super::compress::{CompressError, Compression};
use super::record::{Header, Record};
use super::varint::{put_varlong, varlong_size};

/// Why records do not make a batch.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// More bytes or more offsets than the format can count.
    #[error("the records do not fit into one batch")]
    TooLarge,
    /// The codec failed.
    #[error(transparent)]
    Compress(#[from] CompressError),
}

/// Collects records into one batch.
///
/// The first record gets the builder's base offset (0 unless set), each further one the next
/// offset. Without [`BatchBuilder::producer`] the batch is neither idempotent nor transactional.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    compression: Compression,
    base_offset: i64,
    partition_leader_epoch: i32,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    attributes: i16,
    base_timestamp: i64,
    max_timestamp: i64,
    record_count: usize,
    records: Vec<u8>,
    /// Last offset minus base offset, if it is not that of the last record.
    last_offset_delta: Option<i32>,
}

impl BatchBuilder {
    /// An empty batch whose records will be compressed with `compression`.
    pub fn new(compression: Compression) -> Self {
        Self {
            compression,
            base_offset: 0,
            partition_leader_epoch: -1,
            producer_id: NO_PRODUCER_ID,
            producer_epoch: NO_PRODUCER_EPOCH,
            base_sequence: NO_SEQUENCE,
            attributes: 0,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
            record_count: 0,
            records: Vec::new(),
            last_offset_delta: None,
        }
    }

    /// An empty batch to take the place of the one that has `header`, with fewer of its records:
    /// it has the same offsets, first and last, leader epoch, producer, flags and codec, and as
    /// long as no record is added the same largest timestamp. Add the records that stay with
    /// [`BatchBuilder::append_record`].
    pub fn in_place_of(header: &BatchHeader) -> Self {
        Self {
            // A codec that is not known has no records to be added.
            compression: header.compression().unwrap_or(Compression::None),
            base_offset: header.base_offset,
            partition_leader_epoch: header.partition_leader_epoch,
            producer_id: header.producer_id,
            producer_epoch: header.producer_epoch,
            base_sequence: header.base_sequence,
            attributes: header.attributes & KEPT_FLAGS,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: header.max_timestamp,
            record_count: 0,
            records: Vec::new(),
            last_offset_delta: Some(header.last_offset_delta),
        }
    }

    /// Sets the time from which on compaction may remove the tombstones or the marker in the batch
    /// (KIP-534), before any record is added.
    pub fn delete_horizon_ms(mut self, horizon_ms: i64) -> Self {
        self.attributes |= DELETE_HORIZON;
        self.base_timestamp = horizon_ms;
        self
    }

    /// Sets the offset of the first record.
    pub fn base_offset(mut self, base_offset: i64) -> Self {
        self.base_offset = base_offset;
        self
    }

    /// Sets the leader epoch.
    pub fn partition_leader_epoch(mut self, leader_epoch: i32) -> Self {
        self.partition_leader_epoch = leader_epoch;
        self
    }

    /// Names the producer; `base_sequence` is that of the first record, or
    /// [`NO_SEQUENCE`].
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        (self.producer_id, self.producer_epoch, self.base_sequence) = (id, epoch, base_sequence);
        self
    }

    /// Makes the batch part of the producer's transaction.
    pub fn transactional(mut self) -> Self {
        self.attributes |= TRANSACTIONAL;
        self
    }

    /// Makes the batch one of control records.
    pub fn control(mut self) -> Self {
        self.attributes |= CONTROL;
        self
    }

    /// Adds a record. The timestamp is in milliseconds since the Unix epoch, or
    /// [`NO_TIMESTAMP`].
    pub fn append(
        &mut self,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        let offset_delta = self.record_count as i64;
        self.append_at(offset_delta, timestamp, key, value, headers);
    }

    /// Adds a record of the batch whose place this one takes; it keeps its offset.
    pub fn append_record(&mut self, record: &Record<'_>) {
        let Record { offset, timestamp, key, value, headers } = *record;
        let headers: Vec<_> = headers.iter().collect();
        let offset_delta = offset.wrapping_sub(self.base_offset);
        self.append_at(offset_delta, timestamp, key, value, &headers);
    }

    fn append_at(
        &mut self,
        offset_delta: i64,
        timestamp: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        if self.record_count == 0 {
            if self.attributes & DELETE_HORIZON == 0 {
                self.base_timestamp = timestamp;
            }
            self.max_timestamp = NO_TIMESTAMP;
        }
        self.max_timestamp = self.max_timestamp.max(timestamp);
        let timestamp_delta = timestamp.wrapping_sub(self.base_timestamp);
        self.record_count += 1;

        let body = 1
            + varlong_size(timestamp_delta)
            + varlong_size(offset_delta)
            + nullable_size(key)
            + nullable_size(value)
            + varlong_size(headers.len() as i64)
            + headers
                .iter()
                .map(|header| nullable_size(Some(header.key)) + nullable_size(header.value))
                .sum::<usize>();
        let records = &mut self.records;
        records.reserve(body + 5);
        put_varlong(records, body as i64);
        records.push(0);
        put_varlong(records, timestamp_delta);
        put_varlong(records, offset_delta);
        put_nullable(records, key);
        put_nullable(records, value);
        put_varlong(records, headers.len() as i64);
        for header in headers {
            put_nullable(records, Some(header.key));
            put_nullable(records, header.value);
        }
    }

    /// Records so far.
    pub fn record_count(&self) -> usize {
        self.record_count
    }

    /// Whether there are no records yet.
    pub fn is_empty(&self) -> bool {
        self.record_count == 0
    }

    /// Bytes that the batch has so far, before compression.
    pub fn size(&self) -> usize {
        HEADER_LENGTH + self.records.len()
    }

    /// Compresses the records and puts the header in front.
    ///
    /// # Errors
    /// More than 2 GiB, more than 2^31 records, or a codec that fails. No records is no error:
    /// such batches are what compaction leaves of a producer.
    pub fn build(self) -> Result<Bytes, BuildError> {
        let too_large = |_| BuildError::TooLarge;
        let record_count = i32::try_from(self.record_count).map_err(too_large)?;
        i32::try_from(self.size()).map_err(too_large)?;
        let codec = if self.record_count == 0 { Compression::None } else { self.compression };
        let compressed = match codec {
            Compression::None => self.records,
            codec => codec.compress(&self.records)?,
        };
        let last_offset_delta = self.last_offset_delta.unwrap_or((record_count - 1).max(0));
        let batch_length =
            i32::try_from(HEADER_LENGTH - 12 + compressed.len()).map_err(too_large)?;

        let mut covered = Vec::with_capacity(HEADER_LENGTH - 21 + compressed.len());
        covered.extend((self.attributes | codec.id()).to_be_bytes());
        covered.extend(last_offset_delta.to_be_bytes());
        covered.extend(self.base_timestamp.to_be_bytes());
        covered.extend(self.max_timestamp.to_be_bytes());
        covered.extend(self.producer_id.to_be_bytes());
        covered.extend(self.producer_epoch.to_be_bytes());
        covered.extend(self.base_sequence.to_be_bytes());
        covered.extend(record_count.to_be_bytes());
        covered.extend(compressed);

        let mut batch = Vec::with_capacity(21 + covered.len());
        batch.extend(self.base_offset.to_be_bytes());
        batch.extend(batch_length.to_be_bytes());
        batch.extend(self.partition_leader_epoch.to_be_bytes());
        batch.push(2);
        batch.extend(crc32c::crc32c(&covered).to_be_bytes());
        batch.extend(covered);
        Ok(batch.into())
    }
}

fn nullable_size(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varlong_size(bytes.len() as i64) + bytes.len())
}

fn put_nullable(buffer: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => put_varlong(buffer, -1),
        Some(bytes) => {
            put_varlong(buffer, bytes.len() as i64);
            buffer.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Batch, BatchHeader, DECOMPRESSED_LIMIT};
    use super::*;

    #[test]
    fn every_codec_gives_back_what_it_was_given() {
        for compression in Compression::ALL {
            let mut builder = BatchBuilder::new(compression);
            for index in 0..1000i64 {
                let value = format!("value {index}");
                builder.append(index, Some(&index.to_be_bytes()), Some(value.as_bytes()), &[]);
            }
            let bytes = builder.build().unwrap();
            let header = BatchHeader::validate(&bytes).unwrap();
            assert_eq!(header.compression(), Ok(compression));
            assert!(header.has_consecutive_offsets());
            assert_eq!((header.base_timestamp, header.max_timestamp), (0, 999));
            let batch = Batch::parse(&bytes).unwrap();
            let records = batch.decompress(DECOMPRESSED_LIMIT).unwrap();
            for (index, record) in batch.records(&records).enumerate() {
                let record = record.unwrap();
                assert_eq!(record.offset, index as i64);
                assert_eq!(record.value, Some(format!("value {index}").as_bytes()));
            }
        }
    }

    #[test]
    fn a_batch_in_place_of_another_keeps_what_is_said_of_all_its_records() {
        for compression in Compression::ALL {
            let mut builder = BatchBuilder::new(compression)
                .base_offset(100)
                .partition_leader_epoch(4)
                .producer(9, 3, 7)
                .transactional();
            let header = [Header { key: b"h", value: None }];
            (0..5).for_each(|n| builder.append(1000 + n, Some(&[n as u8]), None, &header));
            let batch = Batch::parse(&builder.build().unwrap()).unwrap();
            let before = *batch.header();
            let decompressed = batch.decompress(DECOMPRESSED_LIMIT).unwrap();
            let records: Vec<_> = batch.records(&decompressed).map(Result::unwrap).collect();
            for horizon_ms in [None, Some(5000)] {
                let mut builder = BatchBuilder::in_place_of(&before);
                builder = horizon_ms.map_or(builder.clone(), |at| builder.delete_horizon_ms(at));
                [1, 3].iter().for_each(|n| builder.append_record(&records[*n]));
                let bytes = builder.build().unwrap();
                let header = BatchHeader::validate(&bytes).unwrap();
                let expected = BatchHeader {
                    record_count: 2,
                    base_timestamp: horizon_ms.unwrap_or(1001),
                    max_timestamp: 1003,
                    attributes: before.attributes | if horizon_ms.is_some() { 1 << 6 } else { 0 },
                    batch_length: header.batch_length,
                    crc: header.crc,
                    ..before
                };
                assert_eq!(header, expected);
                assert_eq!(header.delete_horizon_ms(), horizon_ms);
                let batch = Batch::parse(&bytes).unwrap();
                let decompressed = batch.decompress(DECOMPRESSED_LIMIT).unwrap();
                let kept: Vec<_> = batch.records(&decompressed).map(Result::unwrap).collect();
                assert_eq!(kept, [records[1].clone(), records[3].clone()]);
            }
            let empty = BatchBuilder::in_place_of(&before).build().unwrap();
            let header = BatchHeader::validate(&empty).unwrap();
            assert_eq!((header.record_count, empty.len()), (0, HEADER_LENGTH));
            assert_eq!((header.base_offset, header.last_offset()), (100, 104));
            assert_eq!((header.base_sequence, header.last_sequence()), (7, 11));
            assert_eq!(header.max_timestamp, 1004);
        }
    }

    #[test]
    fn a_thousand_records_without_sequence_make_one_batch() {
        let mut builder = BatchBuilder::new(Compression::None);
        (0..1000).for_each(|_| builder.append(0, None, Some(b"v"), &[]));
        let header = BatchHeader::validate(&builder.build().unwrap()).unwrap();
        assert_eq!((header.record_count, header.base_sequence), (1000, NO_SEQUENCE));
        assert!(!header.has_producer_id());
    }

    #[test]
    fn attributes_say_what_was_asked() {
        let mut builder = BatchBuilder::new(Compression::Zstd)
            .producer(9, 3, i32::MAX)
            .transactional()
            .control()
            .base_offset(100)
            .partition_leader_epoch(4);
        builder.append(-1, None, None, &[]);
        builder.append(-1, None, None, &[]);
        let header = BatchHeader::validate(&builder.build().unwrap()).unwrap();
        assert!(header.is_transactional() && header.is_control());
        assert_eq!(header.delete_horizon_ms(), None);
        assert_eq!((header.producer_id, header.producer_epoch), (9, 3));
        assert_eq!((header.base_sequence, header.last_sequence()), (i32::MAX, 0));
        assert_eq!((header.base_offset, header.partition_leader_epoch), (100, 4));
    }
}
