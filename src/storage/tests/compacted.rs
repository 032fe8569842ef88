//! What compaction may take away, and what it must not.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::super::log::Log;
use super::expected::{Broken, header, require};
use crate::wire::records::{Batch, Batches, DECOMPRESSED_LIMIT};

/// A record that was sent: its timestamp, its key and its value.
type Sent = (i64, Option<Bytes>, Option<Bytes>);

/// Every record between start and end is one that was sent; those that are missing have a newer
/// one of the same key, or are tombstones.
pub(super) fn check_records(sent: &[Bytes], log: &Log) -> Result<(), Broken> {
    let view = &log.view;
    let mut missing = BTreeMap::new();
    for batch in sent {
        missing.extend(records(&Batch::parse(batch).expect("a batch that was built"))?);
    }
    let newest: BTreeMap<_, _> =
        missing.iter().map(|(offset, (_, key, _))| (key.clone(), *offset)).collect();
    let headers: BTreeMap<_, _> =
        sent.iter().map(header).map(|header| (header.base_offset, header)).collect();
    let mut offset = view.log_start_offset;
    missing.retain(|at, _| *at >= offset);
    while offset < view.log_end_offset {
        let read = view.read(offset, 2000, i64::MAX, true);
        let read = read.map_err(|error| format!("at {offset}: {error}"))?;
        require!(!read.is_empty(), "nothing is read at {offset}");
        for batch in Batches::new(read) {
            let batch = batch.map_err(|error| format!("at {offset}: {error}"))?;
            let found = batch.header();
            let base_offset = found.base_offset;
            let original = headers.get(&base_offset);
            let original = original.ok_or(format!("no batch was sent to {base_offset}"))?;
            require!(
                found.last_offset() == original.last_offset()
                    && found.partition_leader_epoch == original.partition_leader_epoch
                    && found.producer_id == original.producer_id
                    && found.producer_epoch == original.producer_epoch
                    && found.base_sequence == original.base_sequence,
                "{found:?} is left of {original:?}"
            );
            for (at, record) in records(&batch)? {
                let sent = missing.remove(&at);
                require!(
                    sent.as_ref() == Some(&record) || at < view.log_start_offset,
                    "{record:?} at {at}, {sent:?} was sent"
                );
            }
            offset = found.next_offset();
        }
    }
    require!(offset == view.log_end_offset, "it ends at {offset}");
    for (offset, (_, key, value)) in missing {
        let is_newest = newest.get(&key) == Some(&offset);
        require!(!is_newest || value.is_none(), "the newest record of {key:?} at {offset} is gone");
    }
    Ok(())
}

fn records(batch: &Batch) -> Result<Vec<(i64, Sent)>, Broken> {
    let bytes = batch.decompress(DECOMPRESSED_LIMIT).map_err(|error| error.to_string())?;
    let copy = |bytes: Option<&[u8]>| bytes.map(Bytes::copy_from_slice);
    let records = batch.records(&bytes).map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        Ok((record.offset, (record.timestamp, copy(record.key), copy(record.value))))
    });
    records.collect()
}
