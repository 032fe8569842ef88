//! Syncs that nobody waits for, because the topic asks for them.

use std::time::{Duration, Instant};

use super::*;

const LOG_FILE: &str = "/data/t-0/00000000000000000000.log";
/// How long a sync may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// The settings of a topic that nothing syncs but what it asks for.
fn answered_early() -> LogConfig {
    LogConfig { durability: Durability::Async, ..LogConfig::default() }
}

struct Setup {
    disk: Arc<WatchedDisk>,
    store: Store,
    log: PartitionLog,
}

/// A log whose directory and first record are synced.
fn setup(durability: Durability, config: LogConfig) -> Setup {
    let disk = Arc::new(WatchedDisk::default());
    let options = StoreOptions { durability, ..StoreOptions::new(DATA) };
    let store = Store::open(disk.clone(), options).unwrap();
    let log = open_log(&store, "t");
    append(&log, &["first"], Ack::Durable).unwrap();
    log.set_config(config);
    Setup { disk, store, log }
}

impl Setup {
    /// How often the log was synced.
    fn syncs(&self) -> usize {
        self.disk.synced().iter().filter(|path| *path == LOG_FILE).count()
    }

    #[track_caller]
    fn wait_for_syncs(&self, count: usize) {
        let start = Instant::now();
        while self.syncs() < count {
            assert!(start.elapsed() < PATIENCE, "{} of {count} syncs", self.syncs());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn the_append_that_reaches_flush_messages_waits_for_a_sync() {
    let config = LogConfig { flush_messages: 3, ..answered_early() };
    let setup = setup(Durability::Synced, config);
    let mut syncs = Vec::new();
    for values in [&["a"][..], &["b"], &["c"], &["d", "e"], &["f"], &["g", "h", "i", "j"], &["k"]] {
        append(&setup.log, values, Ack::Appended).unwrap();
        syncs.push(setup.syncs());
    }
    assert_eq!(syncs, [1, 1, 2, 2, 3, 4, 4]);
    append(&setup.log, &["l"], Ack::Durable).unwrap();
    append(&setup.log, &["m", "n"], Ack::Appended).unwrap();
    assert_eq!(setup.syncs(), 5, "what somebody waited for is not counted again");
}

#[test]
fn nothing_stays_unsynced_for_longer_than_flush_ms() {
    let flush_interval = Duration::from_millis(20);
    let setup = setup(Durability::Synced, LogConfig { flush_interval, ..answered_early() });
    let start = Instant::now();
    append(&setup.log, &["a"], Ack::Appended).unwrap();
    setup.wait_for_syncs(2);
    assert!(start.elapsed() >= flush_interval);
    append(&setup.log, &["b"], Ack::Appended).unwrap();
    setup.wait_for_syncs(3);
}

#[test]
fn a_shorter_flush_ms_holds_for_what_is_written_already() {
    let setup = setup(Durability::Synced, answered_early());
    append(&setup.log, &["a"], Ack::Appended).unwrap();
    let flush_interval = Duration::from_millis(1);
    setup.log.set_config(LogConfig { flush_interval, ..answered_early() });
    setup.wait_for_syncs(2);
}

#[test]
fn an_idle_log_is_not_synced_again() {
    let config = LogConfig { flush_interval: Duration::ZERO, ..answered_early() };
    let setup = setup(Durability::Synced, config);
    append(&setup.log, &["a"], Ack::Appended).unwrap();
    setup.wait_for_syncs(2);
    // Whatever was due is done when the thread has ended.
    drop(setup.store);
    assert_eq!(setup.disk.synced().iter().filter(|path| *path == LOG_FILE).count(), 2);
}

#[test]
fn a_store_that_never_syncs_does_not_for_flush_messages_either() {
    let config = LogConfig { flush_messages: 1, ..answered_early() };
    let setup = setup(Durability::Async, config);
    append(&setup.log, &["a"], Ack::Durable).unwrap();
    setup.store.close().unwrap();
    assert_eq!(setup.disk.synced(), [""; 0]);
}
