//! `.snapshot` files: a partition's producers. What `kf broker` adds after them is not shown, as the
//! script does not show it.

use std::io::Read;
use std::path::Path;

use bytes::Bytes;

use super::java::optional_long;
use super::open;
use super::report::{Report, Stop};
use crate::wire::codec::Reader;
use crate::wire::messages::producer_snapshot::{ProducerEntry, ProducerSnapshot};
use crate::wire::schema::Message;

/// The CRC-32C that follows the version covers everything from here on.
const COVERED_AT: usize = 6;
/// The largest snapshot that is read, in bytes: almost three million producers.
const MAX_SIZE: u64 = 128 << 20;

/// Shows all producers, if the file is what was written.
pub(super) fn dump(path: &Path, report: &mut Report) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(Stop::reading)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(Stop::file(format!("it has more than {MAX_SIZE} bytes")));
    }
    let snapshot = decode(bytes.into())?;
    snapshot.producer_entries.iter().try_for_each(|entry| report.line(line(entry)))?;
    Ok(())
}

fn decode(bytes: Bytes) -> Result<ProducerSnapshot, Stop> {
    let Some(version) = bytes.first_chunk().copied().map(i16::from_be_bytes) else {
        return Err(Stop::file("it has no version"));
    };
    let computed = crc32c::crc32c(bytes.get(COVERED_AT..).unwrap_or_default());
    let snapshot = ProducerSnapshot::decode(&mut Reader::new(bytes.slice(2..)), version)
        .map_err(|error| Stop::file(error.to_string()))?;
    match snapshot.crc == computed {
        true => Ok(snapshot),
        false => Err(Stop::file(format!(
            "its checksum is {computed:#010x}, and it says {:#010x}",
            snapshot.crc
        ))),
    }
}

fn line(entry: &ProducerEntry) -> String {
    let transaction_start =
        Some(entry.current_txn_first_offset).filter(|&first_offset| first_offset >= 0);
    let mut line = format!(
        "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} \
         lastTimestamp: {} ",
        entry.producer_id,
        entry.epoch,
        entry.coordinator_epoch,
        optional_long(transaction_start),
        entry.timestamp,
    );
    if entry.last_offset >= 0 {
        line += &format!(
            "firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
            decrement_sequence(entry.last_sequence, entry.offset_delta),
            entry.last_sequence,
            entry.last_offset,
            entry.offset_delta,
            entry.timestamp,
        );
    }
    line
}

/// `sequence` moved back by `by`; before 0 comes `i32::MAX`.
fn decrement_sequence(sequence: i32, by: i32) -> i32 {
    (i64::from(sequence) - i64::from(by)).rem_euclid(i64::from(i32::MAX) + 1) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_go_back_beyond_zero() {
        assert_eq!(decrement_sequence(5, 5), 0);
        assert_eq!(decrement_sequence(1, 3), i32::MAX - 1);
    }
}
