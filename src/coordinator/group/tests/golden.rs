//! A `__consumer_offsets` that a real Apache Kafka 4.2 wrote; `tests/golden/README.md` says how.

use super::*;
use crate::wire::records::{Batches, EndTransactionMarker};

const LOG: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/golden/segments/__consumer_offsets-0/00000000000000000000.log"
));

/// Replays Kafka's log as a broker does at start; calls `each` with every record that is no marker.
fn replay(driver: &mut Driver, mut each: impl FnMut(Bytes, Option<Bytes>)) {
    for batch in Batches::new(Bytes::from_static(LOG)) {
        let batch = batch.expect("a whole batch");
        let bytes = batch.decompress(usize::MAX).expect("records");
        let producer_id = batch.header().producer_id;
        for record in batch.records(&bytes) {
            let record = record.expect("a record");
            if batch.header().is_control() {
                let marker = EndTransactionMarker::parse(&record).expect("a marker");
                let is_committed = marker.expect("the end of a transaction").committed;
                driver.machine.transaction_ended(0, producer_id, is_committed);
                continue;
            }
            let key = record.key.map(Bytes::copy_from_slice).expect("a key");
            let value = record.value.map(Bytes::copy_from_slice);
            each(key.clone(), value.clone());
            let producer_id = batch.header().is_transactional().then_some(producer_id);
            driver.machine.replay(key, value, producer_id).expect("a record that we know");
        }
    }
    let effects = driver.machine.loaded(driver.now);
    driver.absorb(effects);
}

/// The broker that was captured has one partition of `__consumer_offsets`.
fn driver() -> Driver {
    Driver::with(GroupSettings { offsets_partitions: 1, ..GroupSettings::default() })
}

fn fetch_all(driver: &Driver, group_id: &str) -> (String, i64, i32) {
    let group = OffsetFetchRequestGroup { group_id: group_id.into(), ..Default::default() };
    let topic = driver.machine.fetch_offsets(&group, true).topics.remove(0);
    let partition = &topic.partitions[0];
    (topic.name, partition.committed_offset, partition.committed_leader_epoch)
}

#[test]
fn we_write_the_bytes_that_kafka_writes() {
    let mut count = 0;
    replay(&mut driver(), |key, value| {
        let record = GroupRecord::from_bytes(key.clone(), value.clone()).expect("a record");
        assert_eq!(record.to_bytes(), Ok((key, value)), "{record:?}");
        count += 1;
    });
    assert_eq!(count, 5);
}

#[test]
fn the_groups_of_kafka_live_on_here() {
    let mut driver = driver();
    replay(&mut driver, |_, _| {});
    let group = driver.machine.describe("golden", 6);
    assert_eq!((group.group_state.as_str(), group.protocol_data.as_str()), ("Stable", "range"));
    assert_eq!(group.members[0].group_instance_id.as_deref(), Some("one"));
    assert_eq!(group.members[0].client_host, "/127.0.0.1");
    assert_eq!(fetch_all(&driver, "golden"), ("none".into(), 3, 0));
    assert_eq!(fetch_all(&driver, "golden-transaction"), ("transaction".into(), 3, -1));
    let heartbeat = HeartbeatRequest {
        group_id: "golden".into(),
        generation_id: 1,
        member_id: group.members[0].member_id.clone(),
        group_instance_id: Some("one".into()),
    };
    assert_eq!(driver.machine.heartbeat(&heartbeat, driver.now).error_code, ErrorCode::NONE);
}
