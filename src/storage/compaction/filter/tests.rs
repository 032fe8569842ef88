use super::*;
use crate::wire::records::{Compression, EndTransactionMarker};

const NOW_MS: i64 = 1_000_000;
const RETENTION_MS: i64 = 500;

type KeyValue<'a> = (Option<&'a str>, Option<&'a str>);

fn batch_at(base_offset: i64, records: &[KeyValue<'_>]) -> Batch {
    let builder = BatchBuilder::new(Compression::Lz4).base_offset(base_offset);
    let mut builder = builder.producer(9, 1, 5);
    for (timestamp, (key, value)) in (100..).zip(records) {
        builder.append(timestamp, key.map(str::as_bytes), value.map(str::as_bytes), &[]);
    }
    Batch::parse(&builder.build().unwrap()).unwrap()
}

/// The newest offsets of keys, in the log before offset 100.
fn keys(newest: &[(&str, i64)]) -> KeyOffsets {
    let mut keys = KeyOffsets::new(10_000, 0);
    newest.iter().for_each(|(key, offset)| assert!(keys.put(key.as_bytes(), *offset)));
    keys.reach(100);
    keys
}

fn apply(keys: &KeyOffsets, now_ms: i64, batch: &Batch, place: Place) -> Remainder {
    let filter = Filter { keys, now_ms, delete_retention_ms: RETENTION_MS };
    filter.apply(batch, place).unwrap()
}

#[track_caller]
fn rewritten(remainder: Remainder) -> Batch {
    match remainder {
        Remainder::Rewritten(bytes) => {
            BatchHeader::validate(&bytes).unwrap();
            Batch::parse(&bytes).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

/// Offsets, timestamps and values of the records.
fn records(batch: &Batch) -> Vec<(i64, i64, Option<String>)> {
    let bytes = batch.decompress(DECOMPRESSED_LIMIT).unwrap();
    let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
    let read = |record: Result<Record<'_>, _>| {
        let record = record.unwrap();
        (record.offset, record.timestamp, record.value.map(text))
    };
    batch.records(&bytes).map(read).collect()
}

#[test]
fn records_that_have_a_newer_one_go_and_offsets_stay() {
    let batch =
        batch_at(10, &[(Some("a"), Some("1")), (Some("b"), Some("2")), (Some("a"), Some("3"))]);
    let keys = keys(&[("b", 11), ("a", 12)]);
    let left = rewritten(apply(&keys, NOW_MS, &batch, Place::default()));
    assert_eq!(records(&left), [(11, 101, Some("2".into())), (12, 102, Some("3".into()))]);
    let (before, after) = (batch.header(), left.header());
    assert_eq!((after.base_offset, after.last_offset()), (10, 12));
    assert_eq!((after.base_sequence, after.last_sequence()), (5, 7));
    assert_eq!(after.compression(), before.compression());
    assert_eq!(apply(&keys, NOW_MS, &left, Place::default()), Remainder::Unchanged);
}

#[test]
fn what_the_map_has_not_reached_stays() {
    let batch = batch_at(99, &[(Some("a"), Some("1")), (Some("a"), Some("2")), (None, Some("3"))]);
    let left = rewritten(apply(&keys(&[("a", 99 + 7)]), NOW_MS, &batch, Place::default()));
    assert_eq!(records(&left).len(), 2);
    assert_eq!(records(&left)[0].0, 100);
}

#[test]
fn a_batch_of_which_nothing_is_left_goes_unless_it_is_kept() {
    let batch = batch_at(10, &[(Some("a"), Some("1")), (None, Some("no key"))]);
    let keys = keys(&[("a", 50)]);
    assert_eq!(apply(&keys, NOW_MS, &batch, Place::default()), Remainder::Nothing);
    let kept = Place { is_kept: true, ..Place::default() };
    let empty = rewritten(apply(&keys, NOW_MS, &batch, kept));
    assert_eq!((empty.header().record_count, empty.header().last_offset()), (0, 11));
    assert_eq!((empty.header().producer_id, empty.header().last_sequence()), (9, 6));
    assert_eq!(apply(&keys, NOW_MS, &empty, kept), Remainder::Unchanged);
    assert_eq!(apply(&keys, NOW_MS, &empty, Place::default()), Remainder::Nothing);
}

#[test]
fn a_tombstone_gets_a_horizon_and_goes_when_it_has_passed() {
    let batch = batch_at(10, &[(Some("a"), None), (Some("b"), Some("2"))]);
    let keys = keys(&[("a", 10), ("b", 11)]);
    let marked = rewritten(apply(&keys, NOW_MS, &batch, Place::default()));
    let horizon_ms = NOW_MS + RETENTION_MS;
    assert_eq!(marked.header().delete_horizon_ms(), Some(horizon_ms));
    assert_eq!(records(&marked), records(&batch), "timestamps count from the horizon");
    let before = apply(&keys, horizon_ms - 1, &marked, Place::default());
    assert_eq!(before, Remainder::Unchanged, "a second pass sets no other horizon");
    let after = rewritten(apply(&keys, horizon_ms, &marked, Place::default()));
    assert_eq!(records(&after), [(11, 101, Some("2".into()))]);
    assert_eq!(after.header().delete_horizon_ms(), Some(horizon_ms));
}

#[test]
fn a_tombstone_that_has_a_newer_record_goes_at_once() {
    let batch = batch_at(10, &[(Some("a"), None)]);
    let remainder = apply(&keys(&[("a", 20)]), NOW_MS, &batch, Place::default());
    assert_eq!(remainder, Remainder::Nothing);
}

#[test]
fn aborted_data_goes_whatever_its_keys() {
    let batch = batch_at(10, &[(Some("a"), Some("1"))]);
    let aborted = Place { is_aborted: true, ..Place::default() };
    assert_eq!(apply(&keys(&[]), NOW_MS, &batch, aborted), Remainder::Nothing);
    let empty = apply(&keys(&[]), NOW_MS, &batch, Place { is_kept: true, ..aborted });
    assert_eq!(rewritten(empty).header().record_count, 0);
}

#[test]
fn a_marker_stays_while_there_is_data_and_then_until_its_horizon() {
    let marker = EndTransactionMarker { committed: true, coordinator_epoch: 3 };
    let marker = Batch::parse(&marker.batch(9, 1, 100).unwrap()).unwrap();
    let keys = keys(&[]);
    assert_eq!(apply(&keys, NOW_MS, &marker, Place::default()), Remainder::Unchanged);
    let orphaned = Place { is_orphaned_marker: true, ..Place::default() };
    let marked = rewritten(apply(&keys, NOW_MS, &marker, orphaned));
    let horizon_ms = NOW_MS + RETENTION_MS;
    assert_eq!(marked.header().delete_horizon_ms(), Some(horizon_ms));
    assert!(marked.header().is_control() && records(&marked) == records(&marker));
    assert_eq!(apply(&keys, horizon_ms - 1, &marked, orphaned), Remainder::Unchanged);
    assert_eq!(apply(&keys, horizon_ms, &marked, orphaned), Remainder::Nothing);
    let last = Place { is_kept: true, ..orphaned };
    let empty = rewritten(apply(&keys, horizon_ms, &marked, last));
    assert!(empty.header().is_control() && empty.header().record_count == 0);
}
