//! What a produced batch must be before it may be appended, by the rules of Kafka's LogValidator.
//!
//! One batch per partition, format version 2, the CRC right, offsets consecutive from 0. Timestamps
//! are checked against the topic's limits or replaced by the broker's, keys are demanded by
//! compacted topics, and the largest timestamp is computed, not believed.

use bytes::{Bytes, BytesMut};

use crate::config::topic::{TimestampType as ConfiguredTimestamps, TopicConfig};
use crate::wire::error::ErrorCode;
use crate::wire::records::{
    Batch, BatchError, BatchHeader, BatchMut, Compression, DECOMPRESSED_LIMIT, DecompressError,
    NO_TIMESTAMP, RecordError, TimestampType,
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

/// Checks what a producer sent for one partition, and gives it the timestamps that apply.
/// `produce_version` is that of its request; `decompressible_bytes` is what all batches of that
/// request may still decompress to, and becomes less.
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
    let size = records.len();
    if size > config.max_message_bytes as usize {
        return Err(Invalid::batch(
            ErrorCode::MESSAGE_TOO_LARGE,
            format!(
                "The record batch size is {size} bytes which exceeds the maximum configured value \
                 of {}.",
                config.max_message_bytes
            ),
        ));
    }
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
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::broker::BrokerConfig;
    use crate::wire::records::{BatchBuilder, HEADER_LENGTH};

    const NOW_MS: i64 = 1_700_000_000_000;

    fn config(overrides: &[(&str, &str)]) -> TopicConfig {
        let overrides: BTreeMap<_, _> =
            overrides.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        TopicConfig::from_overrides(&BrokerConfig::default(), &overrides).unwrap()
    }

    fn batch(compression: Compression, timestamps: &[i64], key: Option<&[u8]>) -> Bytes {
        let mut builder = BatchBuilder::new(compression);
        for timestamp in timestamps {
            builder.append(*timestamp, key, Some(b"value"), &[]);
        }
        builder.build().unwrap()
    }

    fn validate(
        records: &Bytes,
        config: &TopicConfig,
        produce_version: i16,
    ) -> Result<Batch, Invalid> {
        super::validate(
            records,
            config,
            produce_version,
            NOW_MS,
            &mut DECOMPRESSED_LIMIT.to_owned(),
        )
    }

    fn code(records: &Bytes, config: &TopicConfig) -> ErrorCode {
        validate(records, config, 9).map_or_else(|invalid| invalid.code, |_| ErrorCode::NONE)
    }

    #[test]
    fn a_plain_batch_of_every_codec_is_taken() {
        for compression in Compression::ALL {
            let records = batch(compression, &[NOW_MS, NOW_MS - 5], None);
            let valid = validate(&records, &config(&[]), 9).unwrap();
            assert_eq!(valid.bytes(), &records, "{compression}");
        }
    }

    #[test]
    fn what_is_not_exactly_one_batch_is_refused() {
        let one = batch(Compression::None, &[NOW_MS], None);
        let two: Bytes = [one.clone(), one.clone()].concat().into();
        assert_eq!(code(&two, &config(&[])), ErrorCode::INVALID_RECORD);
        assert_eq!(code(&Bytes::new(), &config(&[])), ErrorCode::INVALID_RECORD);
        for cut in 1..one.len() {
            let refused = code(&one.slice(..cut), &config(&[]));
            assert_eq!(refused, ErrorCode::CORRUPT_MESSAGE, "cut at {cut}");
        }
    }

    #[test]
    fn a_flipped_bit_is_a_corrupt_message() {
        let mut damaged = batch(Compression::None, &[NOW_MS], None).to_vec();
        damaged[70] ^= 1;
        assert_eq!(code(&damaged.into(), &config(&[])), ErrorCode::CORRUPT_MESSAGE);
    }

    #[test]
    fn a_batch_larger_than_the_topic_allows_is_refused() {
        let records = batch(Compression::None, &[NOW_MS], None);
        let limit = |bytes: usize| config(&[("max.message.bytes", &bytes.to_string())]);
        assert_eq!(code(&records, &limit(records.len())), ErrorCode::NONE);
        assert_eq!(code(&records, &limit(records.len() - 1)), ErrorCode::MESSAGE_TOO_LARGE);
    }

    #[test]
    fn a_compacted_topic_wants_keys_and_names_the_records_without() {
        let compacted = config(&[("cleanup.policy", "compact")]);
        let keyed = batch(Compression::None, &[NOW_MS], Some(b"key"));
        assert_eq!(code(&keyed, &compacted), ErrorCode::NONE);
        let invalid =
            validate(&batch(Compression::Lz4, &[NOW_MS, NOW_MS], None), &compacted, 9).unwrap_err();
        assert_eq!(invalid.code, ErrorCode::INVALID_RECORD);
        assert_eq!(invalid.records.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn timestamps_must_be_within_the_limits_of_the_topic() {
        let limits = config(&[
            ("message.timestamp.before.max.ms", "1000"),
            ("message.timestamp.after.max.ms", "10"),
        ]);
        for (timestamp, expected) in [
            (NOW_MS - 1000, ErrorCode::NONE),
            (NOW_MS - 1001, ErrorCode::INVALID_TIMESTAMP),
            (NOW_MS + 10, ErrorCode::NONE),
            (NOW_MS + 11, ErrorCode::INVALID_TIMESTAMP),
            (NO_TIMESTAMP, ErrorCode::NONE),
        ] {
            let records = batch(Compression::None, &[timestamp], None);
            assert_eq!(code(&records, &limits), expected, "{timestamp}");
        }
    }

    #[test]
    fn log_append_time_replaces_the_timestamps() {
        let config = config(&[("message.timestamp.type", "LogAppendTime")]);
        let valid = validate(&batch(Compression::None, &[7], None), &config, 9).unwrap();
        let header = BatchHeader::validate(valid.bytes()).unwrap();
        assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
        assert_eq!(header.max_timestamp, NOW_MS);
    }

    #[test]
    fn a_wrong_largest_timestamp_is_put_right() {
        let mut records = batch(Compression::None, &[NOW_MS - 2, NOW_MS - 1], None).to_vec();
        BatchMut::parse(&mut records)
            .unwrap()
            .set_max_timestamp(TimestampType::CreateTime, NOW_MS + 77);
        let valid = validate(&records.into(), &config(&[]), 9).unwrap();
        assert_eq!(BatchHeader::validate(valid.bytes()).unwrap().max_timestamp, NOW_MS - 1);
    }

    #[test]
    fn zstd_needs_a_client_that_knows_it() {
        let records = batch(Compression::Zstd, &[NOW_MS], None);
        let refused = validate(&records, &config(&[]), 6).unwrap_err();
        assert_eq!(refused.code, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
    }

    #[test]
    fn clients_write_no_control_records() {
        let mut builder = BatchBuilder::new(Compression::None).control();
        builder.append(NOW_MS, Some(b"\0\0\0\0"), Some(b""), &[]);
        assert_eq!(code(&builder.build().unwrap(), &config(&[])), ErrorCode::INVALID_RECORD);
    }

    #[test]
    fn the_batches_of_a_request_decompress_to_a_bounded_size_together() {
        let records = batch(Compression::Zstd, &[NOW_MS; 100], None);
        let mut left = 2000;
        let mut results = Vec::new();
        while results.last() != Some(&ErrorCode::MESSAGE_TOO_LARGE) {
            let result = super::validate(&records, &config(&[]), 9, NOW_MS, &mut left);
            results.push(result.map_or_else(|invalid| invalid.code, |_| ErrorCode::NONE));
        }
        assert_eq!(results, [ErrorCode::NONE, ErrorCode::MESSAGE_TOO_LARGE]);
    }

    #[test]
    fn a_record_whose_offset_is_not_its_place_is_refused() {
        let mut records = batch(Compression::None, &[NOW_MS], None).to_vec();
        // The record's length, attributes and timestamp delta take a byte each.
        const OFFSET_DELTA_AT: usize = HEADER_LENGTH + 3;
        assert_eq!(records[OFFSET_DELTA_AT], 0);
        records[OFFSET_DELTA_AT] = 126;
        let header = BatchHeader::parse(&records).unwrap();
        // Sets the CRC right for the damaged bytes.
        BatchMut::parse(&mut records)
            .unwrap()
            .set_max_timestamp(TimestampType::CreateTime, header.max_timestamp);
        assert_eq!(code(&records.into(), &config(&[])), ErrorCode::INVALID_RECORD);
    }
}
