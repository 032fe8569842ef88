//! Disks that are full, logs that are damaged, threads that die.

use rustix::io::Errno;

use super::*;
use crate::base::disk::crash::{CrashDisk, Operation};

fn no_room() -> StorageError {
    StorageError::io(Path::new(DATA))(std::io::ErrorKind::StorageFull.into())
}

#[test]
fn while_the_disk_is_full_all_goes_on_but_records_of_clients() {
    let crash_disk = CrashDisk::default();
    crash_disk.set_capacity(1_000_000);
    let disk: Arc<dyn Disk> = Arc::new(crash_disk.clone());
    let store = open(&disk);
    store.space.look();
    let (log, offsets) = (open_log(&store, "t"), open_log(&store, "__consumer_offsets"));
    let value = "x".repeat(10_000);
    let mut acked = Vec::new();
    let refused = loop {
        match append(&log, &[&value], Ack::Durable) {
            Ok(_) => acked.push(value.clone()),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StorageError::DiskFull { .. }), "{refused}");
    assert!(acked.len() > 80, "{}", acked.len());
    // Somebody else takes the rest, and the broker's own records take the reserve.
    let stranger = disk.create(Path::new("/data/stranger")).unwrap();
    let free = || disk.file_system(Path::new(DATA)).unwrap().room().unwrap().unwrap().free;
    stranger.set_len(free()).unwrap();
    let internal = || {
        let (batches, origin) = (batch(&["an offset"]), Origin::Internal);
        let append = Append { batches, leader_epoch: 0, now_ms: 1000, origin };
        wait(|reply| offsets.append(append, Ack::Durable, reply))
    };
    internal().unwrap();
    assert_eq!(values(&log.view()), acked);
    assert!(append(&log, &["y"], Ack::Durable).is_err());
    // Deletions make room, and clients may write again without a restart.
    assert_eq!(delete_before(&log, 60).unwrap(), 60);
    internal().unwrap();
    // Now the reserve is gone too, and what it held.
    assert!(store.space.with_reserve(|| Err::<(), _>(no_room())).is_err());
    stranger.set_len(stranger.len().unwrap() + free()).unwrap();
    wait(|reply| log.remove(reply)).unwrap();
    while store.space.is_low() {
        // The files go after the answer.
        store.space.look();
        thread::yield_now();
    }
    append(&open_log(&store, "u"), &["z"], Ack::Durable).unwrap();
    drop(store);
    let store = open(&disk);
    assert_eq!(values(&open_log(&store, "u").view()), ["z"]);
    assert_eq!(values(&open_log(&store, "__consumer_offsets").view()).len(), 2);
}

#[test]
fn readers_see_a_deletion_once_it_is_durable() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    let log = open_log(&store, "t");
    log.set_config(LogConfig { segment_bytes: 200, ..LogConfig::default() });
    for value in ["a", "b", "c", "d", "e", "f"] {
        append(&log, &[value], Ack::Durable).unwrap();
    }
    disk.hold_syncs();
    let (sender, receiver) = mpsc::channel();
    let reply = move |start: Result<i64, _>| sender.send(start.unwrap()).unwrap();
    log.delete_records_before(4, 0, reply);
    let (sent, appended) = mpsc::channel();
    let (batches, origin) = (batch(&["g"]), Origin::Client);
    let append = Append { batches, leader_epoch: 0, now_ms: 1000, origin };
    log.append(append, Ack::Appended, move |result| sent.send(result.is_ok()).unwrap());
    assert!(appended.recv().unwrap(), "the deletion was begun");
    let seen = values(&log.view());
    // Before anything is asserted, for a store waits for its syncs when it is dropped.
    disk.release_syncs();
    assert_eq!(seen, ["a", "b", "c", "d", "e", "f", "g"]);
    assert_eq!(receiver.recv().unwrap(), 4);
    assert_eq!(log.view().log_start_offset(), 4);
}

#[test]
fn readers_see_records_that_nobody_waits_for_once_they_are_durable() {
    let disk = Arc::new(WatchedDisk::default());
    let store = open(&(disk.clone() as Arc<dyn Disk>));
    let (sender, receiver) = mpsc::channel();
    let listener: Listener = Arc::new(move |view| {
        // The test listens for a while only.
        let _ = sender.send(view.high_watermark());
    });
    let log = store
        .open_partition(partition("t"), Uuid([9; 16]), LogConfig::default(), listener)
        .unwrap();
    append(&log, &["first"], Ack::Durable).unwrap();
    disk.hold_syncs();
    append(&log, &["a"], Ack::Appended).unwrap();
    assert_eq!((log.view().log_end_offset(), log.view().high_watermark()), (2, 1));
    disk.release_syncs();
    while receiver.recv().unwrap() < 2 {}
    let early = LogConfig { durability: Durability::Async, ..LogConfig::default() };
    log.set_config(early);
    append(&log, &["b"], Ack::Appended).unwrap();
    assert_eq!(log.view().high_watermark(), 3, "the topic wants to be answered early");
}

#[test]
fn a_damaged_partition_is_removed_and_its_name_is_free_without_a_restart() {
    let disk = memory();
    let store = open(&disk);
    append(&open_log(&store, "t"), &["old"], Ack::Durable).unwrap();
    store.close().unwrap();
    let path = Path::new("/data/t-0/leader-epoch-checkpoint");
    disk.replace(path, b"7\n0\n", false).unwrap();
    let store = open(&disk);
    let found = store.recovered();
    assert!(found[0].error.is_some() && found[0].topic_id == Some(Uuid([9; 16])));
    let (sender, receiver) = mpsc::channel();
    let reply = move |reply| sender.send(reply).unwrap();
    store.remove_recovered(&partition("t"), Uuid([9; 16]), reply).unwrap();
    let successor = open_log(&store, "t");
    assert_eq!(append(&successor, &["new"], Ack::Durable).unwrap().base_offset, 0);
    receiver.recv().unwrap().unwrap();
    drop(store);
    assert_eq!(values(&open_log(&open(&disk), "t").view()), ["new"]);
}

#[test]
fn when_a_storage_thread_dies_nobody_waits_and_nothing_more_is_accepted() {
    let store = open(&memory());
    let listener: Listener = Arc::new(|_| panic!("a listener that was told to panic"));
    let log = store
        .open_partition(partition("t"), Uuid([9; 16]), LogConfig::default(), listener)
        .unwrap();
    let (sender, receiver) = mpsc::channel();
    for _ in 0..3 {
        let sender = sender.clone();
        let append = Append {
            batches: batch(&["x"]),
            leader_epoch: 0,
            now_ms: 1000,
            origin: Origin::Client,
        };
        log.append(append, Ack::Durable, move |reply| drop(sender.send(reply)));
    }
    drop(sender);
    assert!(receiver.iter().all(|reply| reply.is_err()), "answered, or known to be never");
    while store.check().is_ok() {
        thread::yield_now();
    }
    assert!(store.close().is_err());
}

/// What the log holds when the disk keeps nothing that was not synced.
fn values_after_a_power_cut(disk: &CrashDisk) -> Vec<String> {
    let store = open(&(Arc::new(disk.crash(&mut |_| 0)) as Arc<dyn Disk>));
    values(&open_log(&store, "t").view())
}

#[test]
fn what_is_served_after_a_failed_sync_survives_a_power_cut() {
    let disk = CrashDisk::default();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let store = open(&shared);
    let log = open_log(&store, "t");
    // With the second answer, what the first one has left to do is done.
    append(&log, &["a"], Ack::Durable).unwrap();
    append(&log, &["b"], Ack::Durable).unwrap();
    disk.fail(Operation::Sync, 0, 9, Errno::IO);
    append(&log, &["c"], Ack::Durable).unwrap_err();
    drop((log, store));
    disk.heal();
    let store = open(&shared);
    let served = values(&open_log(&store, "t").view());
    assert_eq!(served, ["a", "b"]);
    assert_eq!(values_after_a_power_cut(&disk), served);
}

#[test]
fn what_was_answered_early_survives_a_power_cut_after_a_clean_stop() {
    let disk = CrashDisk::default();
    let store = open(&(Arc::new(disk.clone()) as Arc<dyn Disk>));
    let log = open_log(&store, "t");
    log.set_config(LogConfig { durability: Durability::Async, ..LogConfig::default() });
    append(&log, &["a"], Ack::Durable).unwrap();
    append(&log, &["b"], Ack::Appended).unwrap();
    store.close().unwrap();
    assert_eq!(values_after_a_power_cut(&disk), ["a", "b"]);
}
