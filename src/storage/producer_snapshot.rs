//! The `.snapshot` files: a log's producers as they were at the offset in the name, in Kafka's
//! format, version 1. Of each producer only the newest batch is kept.

use std::collections::VecDeque;

use super::producers::{AppendedBatch, Producer, Producers};
use crate::wire::records::NO_SEQUENCE;

const VERSION: i16 = 1;
/// The CRC-32C at bytes 2 to 5 covers everything after it.
const COVERED_AT: usize = 6;
const ENTRY_SIZE: usize = 46;

/// Why a snapshot is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SnapshotError {
    #[error("its version is {0}")]
    UnknownVersion(i16),
    #[error("it is damaged")]
    Damaged,
}

/// The bytes of the file.
pub(super) fn encode(producers: &Producers) -> Vec<u8> {
    let mut entries: Vec<_> = producers.by_id.iter().collect();
    entries.sort_by_key(|(id, _)| **id);
    let mut covered = Vec::with_capacity(4 + entries.len() * ENTRY_SIZE);
    covered.extend((entries.len() as i32).to_be_bytes());
    for (id, producer) in entries {
        let newest = producer.batches.back();
        covered.extend(id.to_be_bytes());
        covered.extend(producer.epoch.to_be_bytes());
        covered.extend(newest.map_or(NO_SEQUENCE, |batch| batch.last_sequence).to_be_bytes());
        covered.extend(newest.map_or(-1, |batch| batch.last_offset).to_be_bytes());
        covered.extend(newest.map_or(0, |batch| batch.offset_delta).to_be_bytes());
        covered.extend(producer.last_timestamp.to_be_bytes());
        covered.extend(producer.coordinator_epoch.to_be_bytes());
        covered.extend(producer.transaction_start.unwrap_or(-1).to_be_bytes());
    }
    let mut bytes = Vec::with_capacity(COVERED_AT + covered.len());
    bytes.extend(VERSION.to_be_bytes());
    bytes.extend(crc32c::crc32c(&covered).to_be_bytes());
    bytes.extend(covered);
    bytes
}

/// Reads the bytes of the file.
pub(super) fn decode(bytes: &[u8]) -> Result<Producers, SnapshotError> {
    let (version, rest) = bytes.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    let version = i16::from_be_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::UnknownVersion(version));
    }
    let (crc, covered) = rest.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    if u32::from_be_bytes(*crc) != crc32c::crc32c(covered) {
        return Err(SnapshotError::Damaged);
    }
    let (count, entries) = covered.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    if entries.len() as i64 != i64::from(i32::from_be_bytes(*count)) * ENTRY_SIZE as i64 {
        return Err(SnapshotError::Damaged);
    }
    let by_id = entries.chunks_exact(ENTRY_SIZE).map(decode_entry);
    Ok(Producers { by_id: by_id.collect::<Option<_>>().ok_or(SnapshotError::Damaged)? })
}

fn decode_entry(entry: &[u8]) -> Option<(i64, Producer)> {
    let (id, rest) = entry.split_first_chunk()?;
    let (epoch, rest) = rest.split_first_chunk()?;
    let (last_sequence, rest) = rest.split_first_chunk()?;
    let (last_offset, rest) = rest.split_first_chunk()?;
    let (offset_delta, rest) = rest.split_first_chunk()?;
    let (timestamp, rest) = rest.split_first_chunk()?;
    let (coordinator_epoch, rest) = rest.split_first_chunk()?;
    let (transaction_start, _) = rest.split_first_chunk()?;
    let batch = AppendedBatch {
        last_sequence: i32::from_be_bytes(*last_sequence),
        last_offset: i64::from_be_bytes(*last_offset),
        offset_delta: i32::from_be_bytes(*offset_delta),
        timestamp: i64::from_be_bytes(*timestamp),
    };
    let producer = Producer {
        epoch: i16::from_be_bytes(*epoch),
        batches: if batch.last_offset < 0 { VecDeque::new() } else { [batch].into() },
        last_timestamp: batch.timestamp,
        coordinator_epoch: i32::from_be_bytes(*coordinator_epoch),
        transaction_start: Some(i64::from_be_bytes(*transaction_start)).filter(|start| *start >= 0),
    };
    Some((i64::from_be_bytes(*id), producer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn producers() -> Producers {
        let batch =
            AppendedBatch { last_sequence: 9, last_offset: 109, offset_delta: 4, timestamp: 5000 };
        let idempotent = Producer {
            epoch: 2,
            batches: [batch].into(),
            last_timestamp: 5000,
            coordinator_epoch: -1,
            transaction_start: None,
        };
        let after_marker = Producer {
            epoch: 0,
            batches: VecDeque::new(),
            last_timestamp: 6000,
            coordinator_epoch: 3,
            transaction_start: Some(80),
        };
        Producers { by_id: [(7, idempotent), (8, after_marker)].into() }
    }

    #[test]
    fn producers_survive_the_round_trip_in_the_layout_of_kafka() {
        let bytes = encode(&producers());
        assert_eq!(bytes.len(), 2 + 4 + 4 + 2 * 46);
        assert_eq!(bytes[..2], [0, 1]);
        assert_eq!(bytes[6..20], [0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7, 0, 2]);
        assert_eq!(decode(&bytes), Ok(producers()));
    }

    #[test]
    fn damage_and_unknown_versions_are_refused() {
        let bytes = encode(&producers());
        for length in 0..bytes.len() {
            assert!(decode(&bytes[..length]).is_err(), "cut at {length}");
        }
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(decode(&damaged).is_err(), "flipped at {at}");
        }
        assert_eq!(decode(&[0, 2, 0, 0]), Err(SnapshotError::UnknownVersion(2)));
    }
}
