//! The `.snapshot` files: a log's producers as they were at the offset in the name, in Kafka's
//! format, version 1.
//!
//! That has the newest batch of each producer only, so that a broker which starts from it does not
//! know the four before, and refuses one that is sent again. Here they stand after Kafka's entries:
//! a mark, their number, then producer id, last sequence, last offset, offset delta and timestamp
//! of each, the oldest of a producer first. The checksum covers them, and Kafka does not read as
//! far. A file that ends where Kafka's do has none.

use std::collections::VecDeque;

use super::producers::{AppendedBatch, BATCHES_RETAINED, Producer, Producers};
use crate::wire::records::NO_SEQUENCE;

const VERSION: i16 = 1;
/// The CRC-32C at bytes 2 to 5 covers everything after it.
const COVERED_AT: usize = 6;
const ENTRY_SIZE: usize = 46;
/// Says that older batches follow, and in which format.
const OLDER_BATCHES_MARK: [u8; 4] = *b"kfB1";
const OLDER_BATCH_SIZE: usize = 32;

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
    for (id, producer) in &entries {
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
    let older = entries.iter().flat_map(|(id, producer)| {
        let older = producer.batches.len().saturating_sub(1);
        producer.batches.iter().take(older).map(|batch| (**id, batch))
    });
    encode_older(&mut covered, &older.collect::<Vec<_>>());
    let mut bytes = Vec::with_capacity(COVERED_AT + covered.len());
    bytes.extend(VERSION.to_be_bytes());
    bytes.extend(crc32c::crc32c(&covered).to_be_bytes());
    bytes.extend(covered);
    bytes
}

fn encode_older(covered: &mut Vec<u8>, batches: &[(i64, &AppendedBatch)]) {
    if batches.is_empty() {
        return;
    }
    covered.extend(OLDER_BATCHES_MARK);
    covered.extend((batches.len() as i32).to_be_bytes());
    for (id, batch) in batches {
        covered.extend(id.to_be_bytes());
        covered.extend(batch.last_sequence.to_be_bytes());
        covered.extend(batch.last_offset.to_be_bytes());
        covered.extend(batch.offset_delta.to_be_bytes());
        covered.extend(batch.timestamp.to_be_bytes());
    }
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
    decode_covered(covered).ok_or(SnapshotError::Damaged)
}

/// Reads all that the checksum covers; `None` if that is not what it says.
fn decode_covered(covered: &[u8]) -> Option<Producers> {
    let (entries, older) = split_counted(covered, ENTRY_SIZE)?;
    let by_id = entries.chunks_exact(ENTRY_SIZE).map(decode_entry);
    let mut producers = Producers { by_id: by_id.collect::<Option<_>>()? };
    if older.is_empty() {
        return Some(producers);
    }
    let older = older.strip_prefix(&OLDER_BATCHES_MARK)?;
    let (batches, rest) = split_counted(older, OLDER_BATCH_SIZE)?;
    // The newest batch is there already, and those that come later stand after those before.
    for batch in batches.chunks_exact(OLDER_BATCH_SIZE).rev() {
        let (id, batch) = decode_older(batch)?;
        let known = &mut producers.by_id.get_mut(&id)?.batches;
        let is_older = known.front().is_some_and(|next| batch.last_offset < next.last_offset);
        if !is_older || known.len() == BATCHES_RETAINED {
            return None;
        }
        known.push_front(batch);
    }
    rest.is_empty().then_some(producers)
}

/// A count, as many items of `size` bytes, and the rest.
fn split_counted(bytes: &[u8], size: usize) -> Option<(&[u8], &[u8])> {
    let (count, rest) = bytes.split_first_chunk()?;
    let count = usize::try_from(i32::from_be_bytes(*count)).ok()?;
    rest.split_at_checked(count.checked_mul(size)?)
}

fn decode_older(bytes: &[u8]) -> Option<(i64, AppendedBatch)> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (last_sequence, rest) = rest.split_first_chunk()?;
    let (last_offset, rest) = rest.split_first_chunk()?;
    let (offset_delta, rest) = rest.split_first_chunk()?;
    let (timestamp, _) = rest.split_first_chunk()?;
    let batch = AppendedBatch {
        last_sequence: i32::from_be_bytes(*last_sequence),
        last_offset: i64::from_be_bytes(*last_offset),
        offset_delta: i32::from_be_bytes(*offset_delta),
        timestamp: i64::from_be_bytes(*timestamp),
    };
    Some((i64::from_be_bytes(*id), batch))
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

    /// A producer with as many batches as are remembered, beside one with a single batch.
    fn producers_with_older_batches() -> Producers {
        let mut producers = producers();
        let batch = |number: i32| AppendedBatch {
            last_sequence: number * 3,
            last_offset: 100 + i64::from(number),
            offset_delta: 0,
            timestamp: 5000 + i64::from(number),
        };
        let batches: VecDeque<_> = (1..=5).map(batch).collect();
        let last_timestamp = 5005;
        let busy = Producer { batches, last_timestamp, ..producers.by_id[&7].clone() };
        producers.by_id.insert(9, busy);
        producers
    }

    #[test]
    fn older_batches_stand_behind_what_kafka_reads() {
        let producers = producers_with_older_batches();
        let bytes = encode(&producers);
        let kafkas = 2 + 4 + 4 + 3 * ENTRY_SIZE;
        assert_eq!(bytes[kafkas..kafkas + 8], *b"kfB1\0\0\0\x04");
        assert_eq!(bytes.len(), kafkas + 8 + 4 * OLDER_BATCH_SIZE);
        assert_eq!(decode(&bytes), Ok(producers));
    }

    #[test]
    fn older_batches_that_cannot_be_are_damage() {
        let newest =
            AppendedBatch { last_sequence: 9, last_offset: 109, offset_delta: 4, timestamp: 5000 };
        let older = AppendedBatch { last_offset: 1, ..newest };
        let covered = |batches: &[(i64, &AppendedBatch)]| {
            let mut covered = encode(&producers())[COVERED_AT..].to_vec();
            encode_older(&mut covered, batches);
            covered
        };
        assert!(decode_covered(&covered(&[(7, &older)])).is_some());
        for impossible in
            [&[(6, &older)][..], &[(8, &older)], &[(7, &newest)], &[(7, &older), (7, &older)]]
        {
            assert_eq!(decode_covered(&covered(impossible)), None, "{impossible:?}");
        }
        let trailing = [&covered(&[(7, &older)])[..], b"x"].concat();
        assert_eq!(decode_covered(&trailing), None);
    }

    #[test]
    fn damage_and_unknown_versions_are_refused() {
        let bytes = encode(&producers_with_older_batches());
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
