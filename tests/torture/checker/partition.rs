//! A partition's records as a reader found them, held against its history.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::anomaly::Anomaly;
use super::history::{Content, History, Outcome, Promise, RecordId};

/// A record that a reader has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) offset: i64,
    /// `None` if the record does not name itself.
    pub(crate) id: Option<RecordId>,
    pub(crate) content: Content,
    /// Bytes of key and value.
    pub(crate) bytes: u64,
}

/// All of a partition, read from its start to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) log_start: i64,
    pub(crate) high_watermark: i64,
    pub(crate) records: Vec<Found>,
}

/// What a topic's settings allow to be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Nothing but what clients have asked to delete.
    Everything,
    /// All but whole segments in front, while at least this many bytes of keys and values stay.
    LastBytes(u64),
    /// The last record of each key, at least.
    LastOfKey,
}

/// Everything that is wrong with a reading, at most `limit` complaints.
pub(crate) fn check(
    history: &History,
    keeps: Keeps,
    reading: &Reading,
    limit: usize,
) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    anomalies.extend(start(history, keeps, reading));
    anomalies.extend(density(keeps, reading));
    anomalies.extend(order(reading));
    anomalies.extend(contents(history, reading));
    anomalies.extend(losses(history, keeps, reading));
    anomalies.truncate(limit);
    anomalies
}

/// Whether two readings of the same log are the same, where they overlap. What compaction may remove
/// may be missing in the second.
pub(crate) fn compare(keeps: Keeps, first: &Reading, second: &Reading) -> Option<Anomaly> {
    let start = first_offset(keeps, first).max(first_offset(keeps, second));
    let end = first.high_watermark.min(second.high_watermark);
    let inside = |reading: &Reading| -> BTreeMap<i64, Found> {
        let records = reading.records.iter().map(|record| (record.offset, *record));
        records.filter(|(offset, _)| (start..end).contains(offset)).collect()
    };
    let (first, second) = (inside(first), inside(second));
    let is_gone = |offset: &&i64| keeps != Keeps::LastOfKey && !second.contains_key(*offset);
    let gone = first.keys().find(is_gone).copied();
    let differs = second.iter().find(|(offset, record)| first.get(*offset) != Some(*record));
    let offset = gone.or(differs.map(|(offset, _)| *offset))?;
    Some(Anomaly::Unstable { offset })
}

fn start(history: &History, keeps: Keeps, reading: &Reading) -> Option<Anomaly> {
    let log_start = reading.log_start;
    let (acked, asked) = (history.deleted.acked() as i64, history.deleted.asked() as i64);
    if log_start < acked {
        return Some(Anomaly::Undeleted { log_start, deleted_before: acked });
    }
    if log_start <= asked {
        return None;
    }
    match keeps {
        Keeps::Everything | Keeps::LastOfKey => Some(Anomaly::Overdeleted { log_start, asked }),
        Keeps::LastBytes(at_least) => {
            let bytes = reading.records.iter().map(|record| record.bytes).sum();
            (bytes < at_least).then_some(Anomaly::Overretained { bytes, at_least })
        }
    }
}

/// Offsets increase and, unless compaction may remove records, there is a record at each.
fn density(keeps: Keeps, reading: &Reading) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    let mut next = first_offset(keeps, reading);
    for record in &reading.records {
        let offset = record.offset;
        if offset < next {
            anomalies.push(Anomaly::Backwards { offset, after: next - 1 });
        } else if offset > next && keeps != Keeps::LastOfKey {
            anomalies.push(Anomaly::Gap { from: next, to: offset });
        }
        next = offset + 1;
    }
    if next < reading.high_watermark && keeps != Keeps::LastOfKey {
        anomalies.push(Anomaly::Gap { from: next, to: reading.high_watermark });
    }
    anomalies
}

/// Each record stands there once, and those of one producer in the order in which it sent them.
fn order(reading: &Reading) -> Vec<Anomaly> {
    let mut anomalies = Vec::new();
    let mut offsets = HashMap::new();
    let mut last_of: HashMap<u32, RecordId> = HashMap::new();
    for record in &reading.records {
        let Some(id) = record.id else { continue };
        if let Some(first) = offsets.insert(id, record.offset) {
            anomalies.push(Anomaly::Duplicate { id, first, second: record.offset });
            continue;
        }
        let last = last_of.entry(id.producer).or_insert(id);
        if *last > id {
            anomalies.push(Anomaly::Reordered { id, after: *last, offset: record.offset });
        }
        *last = (*last).max(id);
    }
    anomalies
}

/// Each record was sent like this and not refused, and is where its producer was told.
fn contents(history: &History, reading: &Reading) -> Vec<Anomaly> {
    let judge = |found: &Found| {
        let offset = found.offset;
        let unsent = Anomaly::Unsent { id: found.id, offset };
        let Some(id) = found.id else { return Some(unsent) };
        let Some(sent) = history.sent.get(&id) else { return Some(unsent) };
        if sent.content != found.content {
            return Some(Anomaly::Altered { id, offset });
        }
        match sent.outcome {
            Outcome::Refused => Some(unsent),
            Outcome::Acked { offset: Some(acked) } if acked != offset => {
                Some(Anomaly::Moved { id, acked, found: offset })
            }
            Outcome::Acked { .. } | Outcome::Unknown => None,
        }
    };
    reading.records.iter().filter_map(judge).collect()
}

/// Everything durable that was acknowledged is there, but for what may be missing.
fn losses(history: &History, keeps: Keeps, reading: &Reading) -> Vec<Anomaly> {
    let found: HashSet<RecordId> = reading.records.iter().filter_map(|record| record.id).collect();
    let start = first_offset(keeps, reading);
    let mut last_of_key: HashMap<u64, i64> = HashMap::new();
    for record in &reading.records {
        let last = last_of_key.entry(record.content.key).or_insert(record.offset);
        *last = record.offset.max(*last);
    }
    let mut losses = Vec::new();
    for (id, sent) in &history.sent {
        let Outcome::Acked { offset } = sent.outcome else { continue };
        // Where an answer has not said: it may have been in front of the log start.
        let is_deleted = offset.unwrap_or(0) < start;
        let is_replaced = keeps == Keeps::LastOfKey
            && last_of_key.get(&sent.content.key).is_some_and(|last| Some(*last) > offset);
        if sent.promise != Promise::Nothing && !found.contains(id) && !is_deleted && !is_replaced {
            losses.push((offset, *id));
        }
    }
    losses.sort();
    losses.into_iter().map(|(offset, id)| Anomaly::Lost { id, offset }).collect()
}

/// The first offset that is judged. While retention is at work, the log start moves on between
/// its reading and that of the records.
fn first_offset(keeps: Keeps, reading: &Reading) -> i64 {
    match (keeps, reading.records.first()) {
        (Keeps::LastBytes(_), Some(first)) => first.offset,
        _ => reading.log_start,
    }
}
