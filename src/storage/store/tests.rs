//! The store as its users see it: over a real disk, over memory, and over a disk that fails.

use std::path::PathBuf;
use std::sync::mpsc;

use bytes::Bytes;

use super::super::{Ack, Append, Appended, LogView, Origin};
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
