//! The decoders against bytes that nobody meant to write, and against another implementation.

use bytes::{Bytes, BytesMut};
use kafka_protocol::records as oracle;

use super::*;

/// Far more than the records of these tests need.
const LIMIT: usize = 1 << 16;

fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |limit| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % limit as u64) as usize
    }
}

fn sample(compression: Compression) -> Bytes {
    let mut builder = BatchBuilder::new(compression).producer(3, 1, 10);
    for index in 0..20 {
        let header = Header { key: b"header", value: Some(&[index]) };
        builder.append(i64::from(index), Some(b"key"), Some(&[index; 50]), &[header]);
    }
    builder.build().unwrap()
}

/// Reads all that can be read; what matters is that it ends.
fn read_all(bytes: Bytes) {
    for batch in Batches::new(bytes).map_while(Result::ok) {
        let Ok(records) = batch.decompress(LIMIT) else { continue };
        assert!(records.len() <= LIMIT.max(batch.bytes().len()));
        for record in batch.records(&records).map_while(Result::ok) {
            assert_eq!(record.headers.iter().count(), record.headers.len());
            EndTransactionMarker::parse(&record).ok();
        }
    }
}

#[test]
fn damaged_batches_never_panic_nor_exceed_the_limit() {
    for seed in 0..4_000 {
        let mut random = random(seed);
        let mut bytes = sample(Compression::ALL[random(5)]).to_vec();
        for _ in 0..1 + random(4) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        BatchHeader::validate(&bytes).ok();
        read_all(bytes.into());
    }
}

#[test]
fn random_bytes_never_panic_nor_exceed_the_limit() {
    for seed in 0..4_000 {
        let mut random = random(seed);
        let mut bytes: Vec<u8> = (0..random(300)).map(|_| random(256) as u8).collect();
        for codec in Compression::ALL {
            if let Ok(decompressed) = codec.decompress(&bytes, LIMIT) {
                assert!(decompressed.len() <= LIMIT);
            }
        }
        if bytes.len() > HEADER_LENGTH {
            // With a length, a format and a codec that are right, the records are looked at.
            let length = bytes.len() as i32 - 12;
            bytes[8..12].copy_from_slice(&length.to_be_bytes());
            bytes[16] = 2;
            bytes[22] &= 0xf8;
        }
        read_all(bytes.into());
    }
}

#[test]
fn our_batches_are_what_another_implementation_reads() {
    let mut builder = BatchBuilder::new(Compression::None).producer(7, 2, 100).base_offset(40);
    let header = Header { key: b"h", value: Some(b"1") };
    builder.append(1000, Some(b"k"), Some(b"v"), &[header]);
    builder.append(900, None, None, &[Header { key: b"n", value: None }]);
    let mut bytes = BytesMut::from(builder.build().unwrap().as_ref());
    let records = oracle::RecordBatchDecoder::decode(&mut bytes).unwrap().records;
    let facts: Vec<_> = records.iter().map(|r| (r.offset, r.timestamp, r.sequence)).collect();
    assert_eq!(facts, [(40, 1000, 100), (41, 900, 101)]);
    assert_eq!(records[0].key.as_deref(), Some(&b"k"[..]));
    assert_eq!(records[0].headers[0].as_deref(), Some(&b"1"[..]));
    assert_eq!((records[1].key.as_deref(), records[1].value.as_deref()), (None, None));
    assert_eq!(records[1].headers[0], None);
}

#[test]
fn we_read_the_batches_that_another_implementation_writes() {
    let record = |offset: i64, timestamp, value: &'static [u8]| oracle::Record {
        transactional: true,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: 5,
        producer_id: 9,
        producer_epoch: 1,
        timestamp_type: oracle::TimestampType::Creation,
        offset,
        sequence: offset as i32,
        timestamp,
        key: None,
        value: Some(Bytes::from_static(value)),
        headers: Default::default(),
    };
    let mut bytes = BytesMut::new();
    let options =
        oracle::RecordEncodeOptions { version: 2, compression: oracle::Compression::None };
    let records = [record(0, 500, b"a"), record(1, 700, b"b"), record(2, 600, b"c")];
    oracle::RecordBatchEncoder::encode(&mut bytes, records.iter(), &options).unwrap();
    let bytes = bytes.freeze();
    let header = BatchHeader::validate(&bytes).unwrap();
    assert!(header.is_transactional() && header.has_consecutive_offsets());
    assert_eq!((header.producer_id, header.partition_leader_epoch), (9, 5));
    assert_eq!((header.base_sequence, header.max_timestamp), (0, 700));
    let batch = Batch::parse(&bytes).unwrap();
    let decompressed = batch.decompress(0).unwrap();
    let read: Vec<_> = batch.records(&decompressed).map(Result::unwrap).collect();
    let facts: Vec<_> = read.iter().map(|r| (r.offset, r.timestamp, r.value.unwrap())).collect();
    assert_eq!(facts, [(0, 500, &b"a"[..]), (1, 700, b"b"), (2, 600, b"c")]);
}
