//! What is planted in a small directory is found where it was planted, and nothing else.

use std::path::PathBuf;
use std::sync::mpsc;

use rustix::io::Errno;

use super::super::{Ack, Append, LogConfig, Origin, Store, StoreOptions};
use super::*;
use crate::base::disk::MemoryDisk;
use crate::base::disk::crash::{CrashDisk, Operation};
use crate::base::uuid::Uuid;
use crate::storage::files::FileKind;
use crate::storage::scan::{Scanned, Scanner, WHOLE_CHUNK};
use crate::wire::records::{BatchBuilder, Compression};

pub(in crate::storage) const DATA: &str = "/data";
pub(in crate::storage) const BATCHES: i64 = 20;
pub(in crate::storage) const RECORDS: i64 = 3;

/// How the store came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::storage) enum End {
    Closed,
    Killed,
}

/// A directory with one log of some segments, each of some batches of three records.
pub(in crate::storage) fn written(disk: Arc<dyn Disk>, end: End) -> Arc<dyn Disk> {
    let store = Store::open(disk.clone(), StoreOptions::new(DATA)).unwrap();
    let config =
        LogConfig { segment_bytes: 700, index_interval_bytes: 150, ..LogConfig::default() };
    let id = PartitionId::new("t", 0).unwrap();
    let log = store.open_partition(id, Uuid([9; 16]), config, Arc::new(|_| {})).unwrap();
    for number in 0..BATCHES {
        let mut builder = BatchBuilder::new(Compression::None);
        for record in 0..RECORDS {
            let value = format!("value {number} {record}");
            builder.append(1000 + number, None, Some(value.as_bytes()), &[]);
        }
        let (batches, leader_epoch) = (builder.build().unwrap(), (number / 8) as i32);
        let append = Append { batches, leader_epoch, now_ms: 1000, origin: Origin::Client };
        let (sender, receiver) = mpsc::channel();
        log.append(append, Ack::Durable, move |reply| sender.send(reply).unwrap());
        receiver.recv().unwrap().unwrap();
    }
    if end == End::Closed {
        store.close().unwrap();
    }
    disk
}

pub(in crate::storage) fn memory(end: End) -> Arc<dyn Disk> {
    written(Arc::new(MemoryDisk::new()), end)
}

pub(in crate::storage) fn proved(disk: &Arc<dyn Disk>) -> PartitionReport {
    let found = verify(disk, Path::new(DATA), 2, |_| true).unwrap();
    assert_eq!(found.findings, []);
    let [report] = <[PartitionReport; 1]>::try_from(found.partitions).unwrap();
    report
}

pub(in crate::storage) fn in_log(name: &str) -> PathBuf {
    Path::new(DATA).join("t-0").join(name)
}

pub(in crate::storage) fn segments(disk: &Arc<dyn Disk>) -> Vec<i64> {
    let names = disk.list(&in_log("")).unwrap().into_iter().filter_map(|e| FileKind::of(&e.name));
    names.filter(|(kind, _)| *kind == FileKind::Log).map(|(_, base_offset)| base_offset).collect()
}

/// All batches with the files that they are in.
pub(in crate::storage) fn batches(disk: &Arc<dyn Disk>) -> Vec<(PathBuf, Scanned)> {
    let mut batches = Vec::new();
    for base_offset in segments(disk) {
        let path = FileKind::Log.path(&in_log(""), base_offset);
        let file = disk.open(&path).unwrap();
        let end = file.len().unwrap();
        let mut scanner = Scanner::new(file, 0, end, WHOLE_CHUNK);
        while let Ok(Some(batch)) = scanner.next_valid() {
            batches.push((path.clone(), batch));
        }
    }
    batches
}

pub(in crate::storage) fn flip(disk: &Arc<dyn Disk>, path: &Path, at: u64) {
    let file = disk.open(path).unwrap();
    let mut byte = Vec::new();
    file.read_at(&mut byte, 1, at).unwrap();
    file.write_at(&[byte[0] ^ 1], at).unwrap();
}

/// The one finding, by its kind, file, bytes and offsets.
#[track_caller]
fn assert_found(
    report: &PartitionReport,
    kind: FindingKind,
    path: &Path,
    bytes: Option<(u64, u64)>,
    offsets: Option<(i64, i64)>,
) {
    let [found] = &report.findings[..] else { panic!("{:#?}", report.findings) };
    assert_eq!((found.kind, found.path.as_path()), (kind, path));
    assert_eq!(found.bytes.as_ref().map(|bytes| (bytes.start, bytes.end)), bytes);
    assert_eq!(found.offsets.as_ref().map(|offsets| (offsets.start, offsets.end)), offsets);
}

#[test]
fn a_directory_that_is_right_has_no_findings() {
    for end in [End::Closed, End::Killed] {
        let disk = memory(end);
        let report = proved(&disk);
        assert_eq!(report.findings, [], "{end:?}");
        assert!(report.segments > 3 && report.segments == segments(&disk).len());
        assert_eq!((report.log_start_offset, report.log_end_offset), (0, BATCHES * RECORDS));
        assert_eq!(report.batches, BATCHES as u64);
        assert_eq!(report.records, (BATCHES * RECORDS) as u64);
        let bytes: usize = batches(&disk).iter().map(|(_, batch)| batch.header.size()).sum();
        assert_eq!(report.bytes, bytes as u64);
    }
}

#[test]
fn a_flipped_bit_is_damage_of_the_offsets_of_its_batch() {
    for end in [End::Closed, End::Killed] {
        let disk = memory(end);
        for (path, batch) in batches(&disk) {
            let Scanned { position, header } = batch;
            // In the checksum, and in the last record.
            for at in [17, header.size() as u64 - 2] {
                flip(&disk, &path, position + at);
                let report = proved(&disk);
                let bytes = (position, position + header.size() as u64);
                let offsets = (header.base_offset, header.next_offset());
                assert_found(&report, FindingKind::Damage, &path, Some(bytes), Some(offsets));
                assert_eq!(report.offsets_damaged(), RECORDS as u64);
                assert_eq!(report.batches, BATCHES as u64 - 1);
                flip(&disk, &path, position + at);
            }
        }
        assert_eq!(proved(&disk).findings, []);
    }
}

#[test]
fn a_flipped_bit_in_what_no_checksum_of_the_batch_covers_is_damage_too() {
    let disk = memory(End::Closed);
    for (path, batch) in batches(&disk) {
        let Scanned { position, header } = batch;
        // Base offset, length, leader epoch, format version.
        for at in [6, 7, 10, 11, 15, 16] {
            flip(&disk, &path, position + at);
            let report = proved(&disk);
            let damaged = report.of_kind(FindingKind::Damage).next().expect("damage");
            assert_eq!(damaged.path, path);
            assert_eq!(damaged.offsets, Some(header.base_offset..header.next_offset()), "{at}");
            assert_eq!(report.offsets_damaged(), RECORDS as u64);
            flip(&disk, &path, position + at);
        }
    }
}

#[test]
fn what_follows_the_durable_end_is_a_torn_tail_and_no_damage() {
    for end in [End::Closed, End::Killed] {
        let disk = memory(end);
        let path = batches(&disk).pop().unwrap().0;
        let file = disk.open(&path).unwrap();
        let length = file.len().unwrap();
        file.write_at(&[7; 100], length).unwrap();
        let report = proved(&disk);
        assert_found(&report, FindingKind::TornTail, &path, Some((length, length + 100)), None);
        assert_eq!((report.torn_bytes(), report.offsets_damaged()), (100, 0));
    }
}

#[test]
fn bytes_that_are_missing_before_the_durable_end_are_damage() {
    for end in [End::Closed, End::Killed] {
        let disk = memory(end);
        let (path, batch) = batches(&disk).pop().unwrap();
        disk.open(&path).unwrap().set_len(batch.position).unwrap();
        let report = proved(&disk);
        let offsets = (batch.header.base_offset, batch.header.next_offset());
        let damage = report.of_kind(FindingKind::Damage).next().expect("damage");
        assert_eq!(damage.offsets, Some(offsets.0..offsets.1));
        assert_eq!(damage.bytes, Some(batch.position..batch.position));
        assert_eq!(report.log_end_offset, BATCHES * RECORDS);
    }
}

#[test]
fn a_wrong_index_is_to_be_made_again_and_nothing_is_lost() {
    let disk = memory(End::Closed);
    let base_offset = segments(&disk)[1];
    for (kind, entry, at) in [
        (FileKind::Index, 8, 7),
        (FileKind::TimeIndex, 12, 7),
        (FileKind::TimeIndex, 12, 10),
        (FileKind::Sums, 12, 2),
        (FileKind::Sums, 12, 5),
        (FileKind::Sums, 12, 11),
    ] {
        let path = kind.path(&in_log(""), base_offset);
        let whole = disk.read(&path).unwrap();
        let entries = whole.len() as u64 / entry;
        assert!(entries > 1, "{kind:?} {entries}");
        for number in 0..entries {
            flip(&disk, &path, number * entry + at);
            let report = proved(&disk);
            let bytes = (number * entry, (number + 1) * entry);
            assert_found(&report, FindingKind::Rebuild, &path, Some(bytes), None);
            flip(&disk, &path, number * entry + at);
        }
        disk.open(&path).unwrap().set_len(entry + 1).unwrap();
        let report = proved(&disk);
        assert_eq!(report.of_kind(FindingKind::Rebuild).count(), 1, "{kind:?}");
        assert_eq!(report.offsets_damaged(), 0);
        disk.replace(&path, &whole, true).unwrap();
    }
    disk.remove_file(&FileKind::Index.path(&in_log(""), base_offset)).unwrap();
    assert!(proved(&disk).findings.iter().any(|found| found.reason == "there is no such file"));
}

#[test]
fn small_files_that_are_damaged_are_told() {
    for (name, kind) in [
        ("partition.metadata", FindingKind::Rebuild),
        ("leader-epoch-checkpoint", FindingKind::Rebuild),
        ("kf-damage", FindingKind::Rebuild),
        ("00000000000000000060.snapshot", FindingKind::Rebuild),
    ] {
        let disk = memory(End::Closed);
        disk.replace(&in_log(name), b"not what was written", true).unwrap();
        assert_found(&proved(&disk), kind, &in_log(name), None, None);
    }
}

#[test]
fn a_checkpoint_of_epochs_that_the_batches_contradict_is_to_be_made_again() {
    let disk = memory(End::Closed);
    let path = in_log("leader-epoch-checkpoint");
    let text = String::from_utf8(disk.read(&path).unwrap()).unwrap();
    assert_eq!(text, "0\n3\n0 0\n1 24\n2 48\n");
    disk.replace(&path, text.replace("1 24", "1 23").as_bytes(), true).unwrap();
    assert_eq!(proved(&disk).findings, [], "no batch starts there");
    disk.replace(&path, text.replace("1 24", "1 27").as_bytes(), true).unwrap();
    assert_found(&proved(&disk), FindingKind::Rebuild, &path, None, Some((24, 25)));
}

#[test]
fn what_is_no_part_of_a_log_is_listed() {
    let disk = memory(End::Closed);
    for name in ["1.log.deleted", "2.log.deleted", "00000000000000000007.index"] {
        disk.create(&in_log(name)).unwrap();
    }
    let report = proved(&disk);
    let found: Vec<_> = report.of_kind(FindingKind::Leftover).map(|found| &found.reason).collect();
    assert_eq!(
        found,
        [
            "2 files of deleted segments, which the next start removes",
            "an index without a log; the next start removes it",
        ]
    );
    disk.create_dir_all(&Path::new(DATA).join("gone-0.1234-delete")).unwrap();
    let whole = verify(&disk, Path::new(DATA), 1, |_| false).unwrap();
    assert_eq!((whole.partitions.len(), whole.findings.len()), (0, 1));
}

#[test]
fn an_error_of_the_disk_is_no_damage() {
    let crash = CrashDisk::default();
    let disk = written(Arc::new(crash.clone()), End::Closed);
    let mut unreadable = 0;
    for after in 0.. {
        crash.fail(Operation::Read, after, 1, Errno::IO);
        let found = verify(&disk, Path::new(DATA), 1, |_| true);
        crash.heal();
        // The checkpoints of the directory: nothing is said of any partition.
        let Ok(found) = found else { continue };
        let report = &found.partitions[0];
        if report.findings.is_empty() {
            break;
        }
        assert!(report.findings.iter().all(|found| found.kind == FindingKind::Unreadable));
        unreadable += 1;
    }
    assert!(unreadable > segments(&disk).len());
}
