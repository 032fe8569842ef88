use std::collections::BTreeMap;

use super::*;
use crate::config::broker::BrokerConfig;
use crate::wire::records::{BatchBuilder, HEADER_LENGTH, Header};

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

fn validate(records: &Bytes, config: &TopicConfig, produce_version: i16) -> Result<Batch, Invalid> {
    super::validate(records, config, produce_version, NOW_MS, &mut DECOMPRESSED_LIMIT.to_owned())
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

/// The values of `compression.type` that name a codec.
fn codecs() -> [(&'static str, Compression); 5] {
    Compression::ALL.map(|codec| match codec {
        Compression::None => ("uncompressed", codec),
        codec => (codec.name(), codec),
    })
}

#[test]
fn records_are_the_same_in_whatever_codec_the_topic_has() {
    let headers = [
        Header { key: b"h", value: Some(b"1") },
        Header { key: b"h", value: None },
        Header { key: b"", value: Some(b"") },
    ];
    for (name, stored) in codecs() {
        for sent in Compression::ALL {
            let mut builder = BatchBuilder::new(sent).producer(77, 5, i32::MAX - 1);
            builder.append(NOW_MS, None, Some(b""), &headers);
            builder.append(NOW_MS - 9, Some(b"key"), None, &[]);
            builder.append(NO_TIMESTAMP, Some(b""), Some(&[b'x'; 5000]), &[]);
            let records = builder.build().unwrap();
            let config = config(&[("compression.type", name)]);
            let valid = validate(&records, &config, 9).unwrap();
            let header = BatchHeader::validate(valid.bytes()).unwrap();
            assert_eq!(header.compression(), Ok(stored), "{sent} to {stored}");
            let before = Batch::parse(&records).unwrap();
            let decompressed = [&before, &valid].map(|b| b.decompress(DECOMPRESSED_LIMIT).unwrap());
            assert_eq!(decompressed[0], decompressed[1], "{sent} to {stored}");
            let read = |batch: &Batch, bytes: &Bytes| {
                let records = batch.records(bytes).map(|r| format!("{:?}", r.unwrap()));
                records.collect::<Vec<_>>()
            };
            assert_eq!(read(&before, &decompressed[0]), read(&valid, &decompressed[1]));
            let BatchHeader { batch_length, crc, attributes, .. } = *before.header();
            assert_eq!(BatchHeader { batch_length, crc, attributes, ..header }, *before.header());
            assert_eq!(sent == stored, valid.bytes() == &records, "{sent} to {stored}");
        }
    }
}

#[test]
fn log_append_time_and_a_new_codec_go_together() {
    let config =
        config(&[("message.timestamp.type", "LogAppendTime"), ("compression.type", "zstd")]);
    let valid = validate(&batch(Compression::Snappy, &[7, 9], None), &config, 9).unwrap();
    let header = BatchHeader::validate(valid.bytes()).unwrap();
    assert_eq!(header.compression(), Ok(Compression::Zstd));
    assert_eq!(header.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!((header.max_timestamp, header.base_timestamp), (NOW_MS, 7));
}

#[test]
fn the_level_of_the_topic_is_the_effort_that_is_spent() {
    let text: String = (0..20_000).map(|number| (number * number % 977).to_string()).collect();
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(NOW_MS, None, Some(text.as_bytes()), &[]);
    let records = builder.build().unwrap();
    for (codec, low, high) in [("gzip", "1", "9"), ("zstd", "-50", "19")] {
        let level = format!("compression.{codec}.level");
        let size = |value: &str| {
            let config = config(&[("compression.type", codec), (&level, value)]);
            validate(&records, &config, 9).unwrap().bytes().len()
        };
        assert!(size(high) < size(low), "{codec}");
    }
}

#[test]
fn a_batch_that_grows_too_large_in_the_topics_codec_is_refused() {
    let mut builder = BatchBuilder::new(Compression::Zstd);
    builder.append(NOW_MS, None, Some(&[0; 10_000]), &[]);
    let records = builder.build().unwrap();
    let limit = ("max.message.bytes", "1000");
    assert_eq!(code(&records, &config(&[limit])), ErrorCode::NONE);
    let uncompressed = config(&[limit, ("compression.type", "uncompressed")]);
    assert_eq!(code(&records, &uncompressed), ErrorCode::MESSAGE_TOO_LARGE);
}

#[test]
fn a_topic_in_zstd_takes_other_codecs_from_clients_that_do_not_know_it() {
    let config = config(&[("compression.type", "zstd")]);
    let records = batch(Compression::Gzip, &[NOW_MS], None);
    assert!(validate(&records, &config, 3).is_ok());
}
