//! The store as its users see it: over a real disk, over memory, and over a disk that fails.

mod failures;
mod flush;
mod watched_disk;

use std::path::{Path, PathBuf};
use std::sync::mpsc;

use bytes::Bytes;

use self::watched_disk::WatchedDisk;
use super::super::{Ack, Append, Appended, Durability, LogView, Origin};
use super::*;
use crate::base::disk::{MemoryDisk, RealDisk};
use crate::wire::records::{BatchBuilder, Batches, Compression};

const DATA: &str = "/data";

fn partition(topic: &str) -> PartitionId {
    PartitionId::new(topic, 0).unwrap()
}

fn open(disk: &Arc<dyn Disk>) -> Store {
    Store::open(disk.clone(), StoreOptions::new(DATA)).unwrap()
}

fn memory() -> Arc<dyn Disk> {
    Arc::new(MemoryDisk::new())
}

fn open_log(store: &Store, topic: &str) -> PartitionLog {
    let id = Uuid([9; 16]);
    store.open_partition(partition(topic), id, LogConfig::default(), Arc::new(|_| {})).unwrap()
}

fn batch(values: &[&str]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    values.iter().for_each(|value| builder.append(1000, None, Some(value.as_bytes()), &[]));
    builder.build().unwrap()
}

/// Calls `start` with a reply and waits for it.
fn wait<T: Send + 'static>(start: impl FnOnce(Box<dyn FnOnce(T) + Send>)) -> T {
    let (sender, receiver) = mpsc::channel();
    start(Box::new(move |reply| sender.send(reply).unwrap()));
    receiver.recv().unwrap()
}

fn append(log: &PartitionLog, values: &[&str], ack: Ack) -> Result<Appended, StorageError> {
    let append =
        Append { batches: batch(values), leader_epoch: 0, now_ms: 1000, origin: Origin::Client };
    wait(|reply| log.append(append, ack, reply))
}

fn delete_before(log: &PartitionLog, offset: i64) -> Result<i64, StorageError> {
    wait(|reply| log.delete_records_before(offset, 1000, reply))
}

fn values(view: &LogView) -> Vec<String> {
    let mut values = Vec::new();
    let mut offset = view.log_start_offset();
    while offset < view.log_end_offset() {
        for batch in Batches::new(view.read(offset, 100, i64::MAX, true).unwrap()) {
            let batch = batch.unwrap();
            let records = batch.decompress(1000).unwrap();
            for record in batch.records(&records).map(Result::unwrap) {
                if record.offset >= offset {
                    values.push(String::from_utf8(record.value.unwrap().to_vec()).unwrap());
                }
            }
            offset = batch.header().next_offset();
        }
    }
    values
}

#[test]
fn what_was_acked_is_there_after_a_clean_stop_and_after_a_crash() {
    let root = std::env::temp_dir().join(format!("kf-store-{}", std::process::id()));
    for (disk, directory) in
        [(memory(), PathBuf::from(DATA)), (Arc::new(RealDisk) as Arc<dyn Disk>, root.clone())]
    {
        let mut expected = Vec::new();
        for round in 0..6 {
            let options = StoreOptions::new(&directory);
            let store = Store::open(disk.clone(), options).unwrap();
            let log = open_log(&store, "t");
            assert_eq!(values(&log.view()), expected, "round {round}");
            for ack in [Ack::Appended, Ack::Durable] {
                let value = format!("{round} {ack:?}");
                let appended = append(&log, &[&value, "x"], ack).unwrap();
                assert_eq!(appended.base_offset, expected.len() as i64);
                assert_eq!(appended.last_offset, appended.base_offset + 1);
                expected.extend([value, "x".to_owned()]);
                assert_eq!(log.view().log_end_offset(), expected.len() as i64);
            }
            if round % 2 == 0 {
                store.close().unwrap();
            }
        }
    }
    std::fs::remove_dir_all(&root).unwrap();
}

#[test]
fn a_durable_append_is_synced_with_its_directories_before_it_is_answered() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    let log = open_log(&store, "t");
    append(&log, &["a"], Ack::Durable).unwrap();
    let synced = disk.synced();
    for name in ["/data", "/data/t-0", "/data/t-0/00000000000000000000.log"] {
        assert!(synced.iter().any(|path| path == name), "{name} in {synced:?}");
    }
    let before = synced_in_log(&disk);
    append(&log, &["b"], Ack::Durable).unwrap();
    assert_eq!(synced_in_log(&disk), before + 1, "only the log file has changed");
}

/// How many syncs there were in the log's directory, and of it.
fn synced_in_log(disk: &WatchedDisk) -> usize {
    disk.synced().iter().filter(|path| path.starts_with("/data/t-0")).count()
}

#[test]
fn the_data_directory_and_what_a_killed_process_left_in_it_have_durable_names() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    assert!(disk.synced().contains(&"/".to_owned()));
    let log = open_log(&store, "t");
    log.set_config(LogConfig { durability: Durability::Async, ..LogConfig::default() });
    append(&log, &["a"], Ack::Appended).unwrap();
    assert!(!disk.synced().contains(&"/data/t-0/00000000000000000000.log".to_owned()));
    drop(store);
    let before = disk.synced().len();
    let _store = open(&(disk.clone() as Arc<dyn Disk>));
    let synced = disk.synced().split_off(before);
    for name in ["/data", "/data/t-0", "/data/t-0/00000000000000000000.log"] {
        assert!(synced.iter().any(|path| path == name), "{name} in {synced:?}");
    }
}

#[test]
fn a_new_partition_has_nothing_of_a_removed_one_of_its_name() {
    let disk = memory();
    disk.create_dir_all(Path::new(DATA)).unwrap();
    for name in ["recovery-point-offset-checkpoint", "log-start-offset-checkpoint"] {
        disk.replace(&Path::new(DATA).join(name), b"0\n1\nt 0 22\n", true).unwrap();
    }
    append(&open_log(&open(&disk), "t"), &["new"], Ack::Durable).unwrap();
    assert_eq!(values(&open_log(&open(&disk), "t").view()), ["new"]);
}

#[test]
fn removing_a_topic_whose_records_were_just_deleted_fails_no_sync() {
    let options = StoreOptions { open_files: 1, ..StoreOptions::new(DATA) };
    let store = Store::open(memory(), options).unwrap();
    let config = LogConfig { segment_bytes: 100, ..LogConfig::default() };
    for _ in 0..50 {
        let log = store
            .open_partition(partition("t"), Uuid([9; 16]), config.clone(), Arc::new(|_| {}))
            .unwrap();
        for _ in 0..5 {
            append(&log, &["a"], Ack::Appended).unwrap();
        }
        log.delete_records_before(5, 1000, |_| {});
        wait(|reply| log.remove(reply)).unwrap();
    }
    store.check().unwrap();
}

#[test]
fn removing_deleted_segments_takes_no_files_of_a_new_topic_of_the_same_name() {
    let disk = memory();
    let store = open(&disk);
    for round in 0..100 {
        let log = open_log(&store, "t");
        append(&log, &["a"], Ack::Durable).unwrap();
        let path = Path::new("/data/t-0/00000000000000000000.log");
        log.delete_records_before(1, 1000, |_| {});
        wait(|reply| log.remove(reply)).unwrap();
        let successor = open_log(&store, "t");
        append(&successor, &["b"], Ack::Durable).unwrap();
        // All that was to be removed is removed when a later removal is done.
        let other = open_log(&store, "other");
        append(&other, &["c"], Ack::Durable).unwrap();
        wait(|reply| other.remove(reply)).unwrap();
        assert!(disk.open(path).is_ok(), "round {round}");
        wait(|reply| successor.remove(reply)).unwrap();
    }
}

#[test]
fn an_old_view_never_shows_the_records_of_a_successor() {
    let options = StoreOptions { open_files: 1, ..StoreOptions::new(DATA) };
    let store = Store::open(memory(), options).unwrap();
    let log = open_log(&store, "t");
    append(&log, &["old"], Ack::Durable).unwrap();
    let view = log.view();
    wait(|reply| log.remove(reply)).unwrap();
    append(&open_log(&store, "t"), &["new"], Ack::Durable).unwrap();
    // Its file is closed for want of descriptors, and could only be opened by its name.
    append(&open_log(&store, "u"), &["other"], Ack::Durable).unwrap();
    let read = view.read(0, 1000, i64::MAX, true);
    assert!(matches!(read, Err(StorageError::Removed)), "{read:?}");
}

#[test]
fn async_never_syncs() {
    let disk = Arc::new(WatchedDisk::default());
    let options = StoreOptions { durability: Durability::Async, ..StoreOptions::new(DATA) };
    let store = Store::open(disk.clone(), options).unwrap();
    let log = open_log(&store, "t");
    append(&log, &["a"], Ack::Durable).unwrap();
    delete_before(&log, 1).unwrap();
    store.close().unwrap();
    assert_eq!(disk.synced(), [""; 0]);
}

#[test]
fn a_failed_sync_is_never_retried() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    let log = open_log(&store, "t");
    append(&log, &["a"], Ack::Durable).unwrap();
    disk.fail_syncs(true);
    // The first sync that fails may be one that nobody waits for.
    let failed = append(&log, &["b"], Ack::Durable);
    assert!(matches!(failed, Err(StorageError::Io { .. } | StorageError::Poisoned(_))));
    disk.fail_syncs(false);
    let synced = disk.synced();
    for ack in [Ack::Durable, Ack::Appended] {
        assert!(matches!(append(&log, &["c"], ack), Err(StorageError::Poisoned(_))));
    }
    assert!(matches!(delete_before(&log, 1), Err(StorageError::Poisoned(_))));
    assert!(matches!(store.check(), Err(StorageError::Poisoned(_))));
    assert!(matches!(store.close(), Err(StorageError::Poisoned(_))));
    assert_eq!(disk.synced(), synced);
    assert!(disk.read(Path::new("/data/.kafka_cleanshutdown")).is_err());
}

#[test]
fn appends_that_wait_together_are_synced_together() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    let log = open_log(&store, "t");
    append(&log, &["first"], Ack::Durable).unwrap();
    let before = synced_in_log(&disk);
    let (sender, receiver) = mpsc::channel();
    // While one sync is held up, all that arrives becomes the next group.
    disk.hold_syncs();
    for number in 0..100 {
        let sender = sender.clone();
        let append =
            Append { batches: batch(&["x"]), leader_epoch: 0, now_ms: 0, origin: Origin::Internal };
        let reply = move |reply| sender.send((number, reply)).unwrap();
        log.append(append, Ack::Durable, reply);
    }
    while log.view().log_end_offset() < 101 {
        thread::yield_now();
    }
    assert!(receiver.try_recv().is_err(), "nothing is durable yet");
    disk.release_syncs();
    for expected in 0..100 {
        let (number, reply): (i64, Result<Appended, StorageError>) = receiver.recv().unwrap();
        assert_eq!((number, reply.unwrap().base_offset), (expected, expected + 1));
    }
    // The group that was held up, the one that gathered, and at most a straggler.
    let groups = synced_in_log(&disk) - before;
    assert!(groups <= 3, "{groups} syncs");
    store.close().unwrap();
}

#[test]
fn deleted_records_stay_deleted_after_a_crash() {
    let disk = memory();
    let store = open(&disk);
    let log = open_log(&store, "t");
    for value in ["a", "b", "c"] {
        append(&log, &[value, value], Ack::Durable).unwrap();
    }
    assert_eq!(delete_before(&log, 3).unwrap(), 3);
    assert_eq!(values(&log.view()), ["b", "c", "c"]);
    let below = log.view().read(2, 100, i64::MAX, true);
    assert!(matches!(below, Err(StorageError::OffsetOutOfRange { log_start_offset: 3, .. })));
    assert_eq!(delete_before(&log, 2).unwrap(), 3, "it never moves back");
    assert!(matches!(delete_before(&log, 7), Err(StorageError::OffsetOutOfRange { .. })));
    drop(store);
    let store = open(&disk);
    let log = open_log(&store, "t");
    assert_eq!(values(&log.view()), ["b", "c", "c"]);
    assert_eq!(delete_before(&log, 6).unwrap(), 6, "all may go");
    assert_eq!(log.view().size_bytes(), 0);
    drop(store);
    let store = open(&disk);
    let log = open_log(&store, "t");
    assert_eq!(append(&log, &["d"], Ack::Durable).unwrap().base_offset, 6);
}

#[test]
fn a_removed_log_is_gone_and_its_name_is_free_at_once() {
    let disk = memory();
    let store = open(&disk);
    let log = open_log(&store, "t");
    append(&log, &["old"], Ack::Durable).unwrap();
    let twice =
        store.open_partition(partition("t"), Uuid([9; 16]), LogConfig::default(), Arc::new(|_| {}));
    assert!(matches!(twice.err(), Some(StorageError::AlreadyOpen(_))));
    let (sender, receiver) = mpsc::channel();
    log.remove(move |reply| sender.send(reply).unwrap());
    let successor = open_log(&store, "t");
    assert_eq!(append(&successor, &["new"], Ack::Durable).unwrap().base_offset, 0);
    receiver.recv().unwrap().unwrap();
    assert!(matches!(append(&log, &["x"], Ack::Durable), Err(StorageError::Removed)));
    store.close().unwrap();
    let names: Vec<_> = disk.list(Path::new(DATA)).unwrap();
    assert_eq!(names.iter().filter(|entry| entry.is_directory).count(), 1);
    assert_eq!(values(&open_log(&open(&disk), "t").view()), ["new"]);
}

#[test]
fn directories_of_deleted_topics_are_removed_at_the_start() {
    let disk = memory();
    let name = partition("t").deleted_directory(Uuid([3; 16]));
    disk.create_dir_all(&Path::new(DATA).join(&name)).unwrap();
    let store = open(&disk);
    assert!(store.recovered().is_empty());
    assert!(disk.list(&Path::new(DATA).join(&name)).is_err());
}

#[test]
fn a_partition_of_another_topic_id_is_not_opened_but_may_be_removed() {
    let disk = memory();
    let store = open(&disk);
    append(&open_log(&store, "t"), &["a"], Ack::Durable).unwrap();
    store.close().unwrap();
    let store = open(&disk);
    assert_eq!(store.recovered()[0].topic_id, Some(Uuid([9; 16])));
    let other =
        store.open_partition(partition("t"), Uuid([8; 16]), LogConfig::default(), Arc::new(|_| {}));
    assert!(matches!(other.err(), Some(StorageError::TopicIdMismatch { .. })));
    let refused = store.remove_recovered(&partition("t"), Uuid([8; 16]), |_| {});
    assert!(matches!(refused, Err(StorageError::TopicIdMismatch { .. })));
    let id = Uuid([9; 16]);
    wait(|reply| store.remove_recovered(&partition("t"), id, reply).unwrap()).unwrap();
    assert!(disk.list(Path::new("/data/t-0")).is_err());
    assert_eq!(open_log(&store, "t").view().log_end_offset(), 0);
}

#[test]
fn one_damaged_partition_does_not_keep_the_others_from_opening() {
    let disk = memory();
    let store = open(&disk);
    for topic in ["bad", "good"] {
        append(&open_log(&store, topic), &["a"], Ack::Durable).unwrap();
    }
    store.close().unwrap();
    let path = Path::new("/data/bad-0/leader-epoch-checkpoint");
    disk.replace(path, b"7\n0\n", false).unwrap();
    let store = open(&disk);
    let errors: Vec<_> = store.recovered().iter().map(|found| found.error.is_some()).collect();
    assert_eq!(errors, [true, false]);
    let bad = store.open_partition(
        partition("bad"),
        Uuid([9; 16]),
        LogConfig::default(),
        Arc::new(|_| {}),
    );
    assert!(matches!(bad.err(), Some(StorageError::UnknownVersion { .. })));
    assert_eq!(values(&open_log(&store, "good").view()), ["a"]);
}

#[test]
fn a_damaged_batch_that_was_durable_is_noticed_and_never_cut_off() {
    let disk = memory();
    let store = open(&disk);
    let log = open_log(&store, "t");
    append(&log, &["a"], Ack::Durable).unwrap();
    append(&log, &["b"], Ack::Durable).unwrap();
    store.close().unwrap();
    let path = Path::new("/data/t-0/00000000000000000000.log");
    let file = disk.open(path).unwrap();
    file.write_at(b"x", file.len().unwrap() - 2).unwrap();
    let damaged = disk.read(path).unwrap();
    // The first start is clean, the second one is not: what was durable before stays so.
    for offset in [2, 3] {
        let store = open(&disk);
        let log = open_log(&store, "t");
        let read = log.view().read(1, 1000, i64::MAX, true);
        assert!(matches!(read, Err(StorageError::Corrupt { .. })), "{read:?}");
        assert!(disk.read(path).unwrap().starts_with(&damaged));
        assert!(!log.view().read(0, 1000, i64::MAX, true).unwrap().is_empty());
        assert_eq!(append(&log, &["c"], Ack::Durable).unwrap().base_offset, offset);
        assert!(!log.view().read(offset, 1000, i64::MAX, true).unwrap().is_empty());
    }
}

#[test]
fn many_partitions_live_with_few_open_files_and_empty_ones_have_no_directory() {
    let disk = Arc::new(WatchedDisk::default());
    let options = StoreOptions { open_files: 10, ..StoreOptions::new(DATA) };
    let store = Store::open(disk.clone(), options).unwrap();
    let logs: Vec<_> = (0..500).map(|number| open_log(&store, &format!("t{number}"))).collect();
    assert_eq!(disk.list(Path::new(DATA)).unwrap().len(), 1, "the checkpoint alone");
    for round in 0..3 {
        for (number, log) in logs.iter().enumerate().take(200) {
            let value = format!("{number}");
            append(log, &[&value], Ack::Appended).unwrap();
            assert_eq!(values(&log.view()), vec![value; round + 1]);
        }
    }
    // Those that are written, read and synced at the moment come on top.
    assert!(disk.most_open() <= 10 + 2 + 16, "{}", disk.most_open());
    store.close().unwrap();
    assert!(disk.most_open() <= 10 + 2 + 16, "{}", disk.most_open());
}

#[test]
fn each_new_view_is_told_to_the_listener_before_the_reply() {
    let store = open(&memory());
    let (sender, receiver) = mpsc::channel();
    let tell = move |view: &LogView| sender.send((view.log_end_offset(), view.high_watermark()));
    let listener: Listener = Arc::new(move |view| tell(view).unwrap());
    let log = store
        .open_partition(partition("t"), Uuid([9; 16]), LogConfig::default(), listener)
        .unwrap();
    for expected in 1..=3 {
        append(&log, &["a"], Ack::Durable).unwrap();
        assert_eq!(receiver.try_recv(), Ok((expected, expected - 1)));
        assert_eq!(receiver.try_recv(), Ok((expected, expected)));
    }
}
