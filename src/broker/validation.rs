//! What a produced batch must be before it may be appended, by the rules of Kafka's LogValidator.
//!
//! One batch per partition, format version 2, the CRC right, offsets consecutive from 0. Timestamps
//! are checked against the topic's limits or replaced by the broker's, keys are demanded by
//! compacted topics, and the largest timestamp is computed, not believed. Then the records are
//! brought into the topic's codec, if it has one of its own.

use bytes::{Bytes, BytesMut};

use crate::config::topic::{CompressionType, TimestampType as ConfiguredTimestamps, TopicConfig};
use crate::wire::error::ErrorCode;
use crate::wire::records::{
    Batch, BatchError, BatchHeader, BatchMut, BuildError, Compression, DECOMPRESSED_LIMIT,
    DecompressError, NO_TIMESTAMP, RecordError, TimestampType, UnknownCompression,
};

/// First version of Produce whose clients know zstd (KIP-110).
const FIRST_VERSION_WITH_ZSTD: i16 = 7;

/// Why a batch is refused: what the producer is told (KIP-467).
#[derive(Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What the producer acts on.
    pub code: ErrorCode,
    /// What a person reads.
    pub message: String,
    /// The records that are to blame, by their index in the batch.
    pub records: Vec<(i32, String)>,
}

impl Invalid {
    fn batch(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), records: Vec::new() }
    }
}

impl From<BatchError> for Invalid {
    fn from(error: BatchError) -> Self {
        let code = match error {
            BatchError::UnsupportedMagic(_) => ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT,
            BatchError::InvalidCount { .. } => ErrorCode::INVALID_RECORD,
            _ => ErrorCode::CORRUPT_MESSAGE,
        };
        Self::batch(code, error.to_string())
    }
}

impl From<DecompressError> for Invalid {
    fn from(error: DecompressError) -> Self {
        let code = match error {
            DecompressError::TooLarge { .. } => ErrorCode::MESSAGE_TOO_LARGE,
            _ => ErrorCode::CORRUPT_MESSAGE,
        };
        Self::batch(code, error.to_string())
    }
}

impl From<RecordError> for Invalid {
    fn from(error: RecordError) -> Self {
        Self::batch(ErrorCode::INVALID_RECORD, error.to_string())
    }
}

impl From<BuildError> for Invalid {
    fn from(error: BuildError) -> Self {
        let code = match error {
            BuildError::TooLarge => ErrorCode::MESSAGE_TOO_LARGE,
            BuildError::Compress(_) => ErrorCode::UNKNOWN_SERVER_ERROR,
        };
        Self::batch(code, error.to_string())
    }
}

/// Whether [`validate`] has to compress or decompress, which takes time and memory.
pub fn is_costly(records: &[u8], config: &TopicConfig) -> bool {
    BatchHeader::parse(records).is_ok_and(|header| {
        let plain = Ok(Compression::None);
        header.compression() != plain || stored_codec(&header, config) != plain
    })
}

/// Checks what a producer sent for one partition, and gives it the timestamps and the codec that
/// apply.
/// `produce_version` is that of its request; `decompressible_bytes` is what all batches of that
/// request may still decompress to, and becomes less.
///
/// Recompression keeps the records, and of the header all but codec, length and CRC; a batch that
/// is in the topic's codec already keeps its bytes, whatever its level.
///
/// # Errors
/// The first rule that is broken; for rules about single records, all records that break it.
pub fn validate(
    records: &Bytes,
    config: &TopicConfig,
    produce_version: i16,
    now_ms: i64,
    decompressible_bytes: &mut usize,
) -> Result<Batch, Invalid> {
    let batch = check_batch(records, config, produce_version)?;
    let decompressed = batch.decompress(DECOMPRESSED_LIMIT.min(*decompressible_bytes))?;
    if batch.header().compression() != Ok(Compression::None) {
        *decompressible_bytes = decompressible_bytes.saturating_sub(decompressed.len());
    }
    let mut checked = RecordChecks::new(config, now_ms);
    let mut count = 0;
    for (index, record) in (0..).zip(batch.records(&decompressed)) {
        let record = record?;
        if record.offset != i64::from(index) {
            return Err(Invalid::batch(
                ErrorCode::INVALID_RECORD,
                format!("Record {index} of the batch has the offset {}.", record.offset),
            ));
        }
        checked.check(index, record.timestamp, record.key.is_some());
        count += 1;
    }
    let header = batch.header();
    if count != header.record_count {
        return Err(Invalid::batch(
            ErrorCode::INVALID_RECORD,
            format!("The batch announces {} records and holds {count}.", header.record_count),
        ));
    }
    let (timestamp_type, max_timestamp) = match config.message_timestamp_type {
        ConfiguredTimestamps::CreateTime => (TimestampType::CreateTime, checked.finish()?),
        ConfiguredTimestamps::LogAppendTime => {
            checked.finish()?;
            (TimestampType::LogAppendTime, now_ms)
        }
    };
    let batch = recompress(batch, &decompressed, config)?;
    stamp(batch, timestamp_type, max_timestamp)
}

fn check_batch(
    records: &Bytes,
    config: &TopicConfig,
    produce_version: i16,
) -> Result<Batch, Invalid> {
    let refuse = |message: &str| Err(Invalid::batch(ErrorCode::INVALID_RECORD, message));
    if records.is_empty() {
        return refuse("A produce request of version 3 and above must carry one record batch.");
    }
    let announced = BatchHeader::parse(records)?;
    if announced.size() < records.len() {
        return refuse("A produce request must carry exactly one record batch per partition.");
    }
    check_size(records, config)?;
    let header = BatchHeader::validate(records)?;
    if header.base_offset != 0 {
        return refuse("The base offset of a produced batch must be 0.");
    }
    if !header.has_consecutive_offsets() {
        return refuse("The offsets of a produced batch must be consecutive.");
    }
    if header.is_control() {
        return refuse("Clients are not allowed to write control records.");
    }
    if header.timestamp_type() == TimestampType::LogAppendTime {
        return Err(Invalid::batch(
            ErrorCode::INVALID_TIMESTAMP,
            "A producer cannot stamp records with the time of the append.",
        ));
    }
    if header.has_producer_id() && header.base_sequence < 0 {
        return refuse("A batch with a producer id needs a sequence number.");
    }
    let zstd = header.compression() == Ok(Compression::Zstd);
    if zstd && produce_version < FIRST_VERSION_WITH_ZSTD {
        return Err(Invalid::batch(
            ErrorCode::UNSUPPORTED_COMPRESSION_TYPE,
            "zstd needs version 7 of the Produce API.",
        ));
    }
    Ok(Batch::parse(records)?)
}

fn check_size(batch: &[u8], config: &TopicConfig) -> Result<(), Invalid> {
    let (size, limit) = (batch.len(), config.max_message_bytes);
    if size <= limit.unsigned_abs() as usize {
        return Ok(());
    }
    let message = format!(
        "The record batch size is {size} bytes which exceeds the maximum configured value of \
         {limit}."
    );
    Err(Invalid::batch(ErrorCode::MESSAGE_TOO_LARGE, message))
}

/// The codec that a batch is kept in.
fn stored_codec(
    header: &BatchHeader,
    config: &TopicConfig,
) -> Result<Compression, UnknownCompression> {
    match config.compression_type {
        CompressionType::Producer => header.compression(),
        CompressionType::Uncompressed => Ok(Compression::None),
        CompressionType::Gzip => Ok(Compression::Gzip),
        CompressionType::Snappy => Ok(Compression::Snappy),
        CompressionType::Lz4 => Ok(Compression::Lz4),
        CompressionType::Zstd => Ok(Compression::Zstd),
    }
}

/// The batch in the topic's codec, which must not make it larger than the topic allows.
fn recompress(batch: Batch, decompressed: &[u8], config: &TopicConfig) -> Result<Batch, Invalid> {
    let codec = stored_codec(batch.header(), config).map_err(BatchError::from)?;
    if batch.header().compression() == Ok(codec) {
        return Ok(batch);
    }
    let level = match codec {
        Compression::Gzip => Some(config.compression_gzip_level).filter(|level| *level > 0),
        Compression::Zstd => Some(config.compression_zstd_level),
        Compression::None | Compression::Snappy | Compression::Lz4 => None,
    };
    let recompressed = batch.recompress(decompressed, codec, level)?;
    check_size(recompressed.bytes(), config)?;
    Ok(recompressed)
}

/// The batch with these timestamps in its header; copied only if they are not there already.
fn stamp(
    batch: Batch,
    timestamp_type: TimestampType,
    max_timestamp: i64,
) -> Result<Batch, Invalid> {
    let header = batch.header();
    if (header.timestamp_type(), header.max_timestamp) == (timestamp_type, max_timestamp) {
        return Ok(batch);
    }
    let mut bytes = BytesMut::from(batch.bytes().as_ref());
    BatchMut::parse(&mut bytes)?.set_max_timestamp(timestamp_type, max_timestamp);
    Ok(Batch::parse(&bytes.freeze())?)
}

/// The rules for single records, and what they broke.
struct RecordChecks {
    needs_key: bool,
    /// Earliest and latest timestamp allowed; `None` where the broker stamps records itself.
    timestamps: Option<(i64, i64)>,
    max_timestamp: i64,
    without_key: Vec<i32>,
    wrong_time: Vec<(i32, i64)>,
}

impl RecordChecks {
    fn new(config: &TopicConfig, now_ms: i64) -> Self {
        let earliest = now_ms.saturating_sub(config.message_timestamp_before_max_ms);
        let latest = now_ms.saturating_add(config.message_timestamp_after_max_ms);
        let by_producer = config.message_timestamp_type == ConfiguredTimestamps::CreateTime;
        Self {
            needs_key: config.cleanup_policy.compact,
            timestamps: by_producer.then_some((earliest, latest)),
            max_timestamp: NO_TIMESTAMP,
            without_key: Vec::new(),
            wrong_time: Vec::new(),
        }
    }

    fn check(&mut self, index: i32, timestamp: i64, has_key: bool) {
        self.max_timestamp = self.max_timestamp.max(timestamp);
        if self.needs_key && !has_key {
            self.without_key.push(index);
        }
        let in_time = self.timestamps.is_none_or(|(earliest, latest)| {
            timestamp == NO_TIMESTAMP || (earliest..=latest).contains(&timestamp)
        });
        if !in_time {
            self.wrong_time.push((index, timestamp));
        }
    }

    /// The largest timestamp, or what is wrong.
    fn finish(self) -> Result<i64, Invalid> {
        if !self.without_key.is_empty() {
            let sentence = "Compacted topic cannot accept message without key.";
            return Err(Invalid {
                code: ErrorCode::INVALID_RECORD,
                message: "One or more records have been rejected due to 1 or more record errors \
                          in total."
                    .to_owned(),
                records: self.without_key.into_iter().map(|i| (i, sentence.to_owned())).collect(),
            });
        }
        let Some((earliest, latest)) = self.timestamps.filter(|_| !self.wrong_time.is_empty())
        else {
            return Ok(self.max_timestamp);
        };
        let sentence = |(index, timestamp)| {
            let text = format!(
                "Timestamp {timestamp} of message with offset {index} is out of range. The \
                 timestamp should be within [{earliest}, {latest}]"
            );
            (index, text)
        };
        Err(Invalid {
            code: ErrorCode::INVALID_TIMESTAMP,
            message: "One or more records have been rejected due to invalid timestamp".to_owned(),
            records: self.wrong_time.into_iter().map(sentence).collect(),
        })
    }
}

#[cfg(test)]
mod tests;
