//! Of each key the newest record stays, and nobody notices that anything happens.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;

use kf::wire::error::ErrorCode;
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kf::wire::messages::offset_fetch::{OffsetFetchRequest, OffsetFetchRequestTopic};
use kf::wire::records::{BatchBuilder, Batches, Compression, DECOMPRESSED_LIMIT};

use crate::harness::requests::{batch, now_ms};
use crate::harness::{Client, TestBroker, wait_until};

/// Topic configs with which each batch gets its own segment, and all but the last is compacted.
const EAGERLY: [(&str, &str); 3] =
    [("cleanup.policy", "compact"), ("segment.ms", "1"), ("min.cleanable.dirty.ratio", "0")];

/// A broker whose cleaner hardly rests.
fn eager_broker() -> TestBroker {
    TestBroker::with(&[
        ("log.cleaner.backoff.ms", "5"),
        ("log.segment.delete.delay.ms", "20"),
        ("offsets.topic.num.partitions", "1"),
    ])
}

/// Produces records as one batch each, every one younger than those before. A value of none is a
/// tombstone.
#[track_caller]
fn produce(client: &mut Client, records: &[(&str, Option<&str>)]) {
    for (key, value) in records {
        let end = client.fetch("users", 0, 0).high_watermark;
        let mut builder = BatchBuilder::new(Compression::None);
        let timestamp = now_ms() - 1_000_000 + end * 10;
        builder.append(timestamp, Some(key.as_bytes()), value.map(str::as_bytes), &[]);
        let produced = client.produce("users", 0, builder.build().expect("one record"));
        assert_eq!(produced.error_code, ErrorCode::NONE);
    }
}

/// Offset, key and value of every record there is.
#[track_caller]
fn records(client: &mut Client) -> Vec<(i64, String, Option<String>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let (mut found, mut offset) = (Vec::new(), 0);
    loop {
        let fetched = client.fetch("users", 0, offset);
        assert_eq!(fetched.error_code, ErrorCode::NONE);
        for batch in Batches::new(fetched.records.unwrap_or_default()) {
            let batch = batch.expect("a whole batch");
            let bytes = batch.decompress(DECOMPRESSED_LIMIT).expect("a known codec");
            for record in batch.records(&bytes) {
                let record = record.expect("a record");
                let key = text(record.key.expect("a key"));
                found.push((record.offset, key, record.value.map(text)));
            }
            offset = batch.header().next_offset();
        }
        if offset >= fetched.high_watermark {
            return found;
        }
    }
}

#[track_caller]
fn wait_for(client: &mut Client, expected: &[(i64, &str, Option<&str>)]) {
    let own = |(offset, key, value): &(i64, &str, Option<&str>)| {
        (*offset, (*key).to_owned(), value.map(str::to_owned))
    };
    let expected: Vec<_> = expected.iter().map(own).collect();
    wait_until(&format!("{expected:?}"), || records(client) == expected);
}

#[test]
fn the_newest_record_of_each_key_stays_at_its_offset_whatever_happens_then() {
    let mut broker = eager_broker();
    let mut client = broker.connect();
    client.create_topic_with("users", 1, &EAGERLY);
    let sent = [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", "5"), ("d", "6")];
    produce(&mut client, &sent.map(|(key, value)| (key, Some(value))));
    let left = [(2, "a", Some("3")), (3, "c", Some("4")), (4, "b", Some("5")), (5, "d", Some("6"))];
    wait_for(&mut client, &left);
    broker.crash();
    broker.start_again();
    let mut client = broker.connect();
    wait_for(&mut client, &left);
    produce(&mut client, &[("c", Some("7")), ("e", Some("8"))]);
    wait_for(&mut client, &[left[0], left[2], left[3], (6, "c", Some("7")), (7, "e", Some("8"))]);
    broker.restart();
    let mut client = broker.connect();
    wait_for(&mut client, &[left[0], left[2], left[3], (6, "c", Some("7")), (7, "e", Some("8"))]);
}

#[test]
fn a_tombstone_takes_its_key_away_and_stays_for_those_who_have_read_the_key() {
    let broker = eager_broker();
    let mut client = broker.connect();
    client.create_topic_with("users", 1, &EAGERLY);
    produce(&mut client, &[("a", Some("1")), ("b", Some("2")), ("a", None), ("z", Some("3"))]);
    wait_for(&mut client, &[(1, "b", Some("2")), (2, "a", None), (3, "z", Some("3"))]);
}

#[test]
fn a_tombstone_whose_time_is_over_goes() {
    let broker = eager_broker();
    let mut client = broker.connect();
    client.create_topic_with("users", 1, &[&EAGERLY[..], &[("delete.retention.ms", "0")]].concat());
    produce(&mut client, &[("a", Some("1")), ("b", Some("2")), ("a", None)]);
    wait_until("the tombstone goes", || {
        // One pass sets its time, a later one sees that it is over.
        produce(&mut client, &[("z", Some("3"))]);
        records(&mut client).iter().all(|(_, key, _)| key != "a")
    });
    assert_eq!(records(&mut client)[0], (1, "b".to_owned(), Some("2".to_owned())));
}

#[test]
fn a_topic_is_compacted_when_it_is_told_to_be() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let configs = [("segment.ms", "1"), ("min.cleanable.dirty.ratio", "0")];
    client.create_topic_with("users", 1, &configs);
    produce(&mut client, &[("a", Some("1")), ("a", Some("2")), ("b", Some("3"))]);
    assert_eq!(records(&mut client).len(), 3);
    client.set_topic_config("users", "cleanup.policy", "compact");
    wait_for(&mut client, &[(1, "a", Some("2")), (2, "b", Some("3"))]);
}

#[test]
fn young_records_wait_for_as_long_as_the_topic_says() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let day = [("min.compaction.lag.ms", "86400000")];
    client.create_topic_with("users", 1, &[&EAGERLY[..], &day].concat());
    produce(&mut client, &[("a", Some("1")), ("a", Some("2")), ("b", Some("3"))]);
    assert_eq!(records(&mut client).len(), 3);
    // They are older than a second.
    client.set_topic_config("users", "min.compaction.lag.ms", "1000");
    wait_for(&mut client, &[(1, "a", Some("2")), (2, "b", Some("3"))]);
}

#[test]
fn old_records_do_not_wait_for_more_dirt() {
    let broker = eager_broker();
    let mut client = broker.connect();
    let configs = [
        ("cleanup.policy", "compact"),
        ("min.cleanable.dirty.ratio", "1"),
        ("max.compaction.lag.ms", "86400000"),
        ("segment.ms", "1"),
    ];
    client.create_topic_with("users", 1, &configs);
    produce(&mut client, &[("a", Some("1")), ("a", Some("2")), ("b", Some("3"))]);
    assert_eq!(records(&mut client).len(), 3);
    client.set_topic_config("users", "max.compaction.lag.ms", "1000");
    wait_for(&mut client, &[(1, "a", Some("2")), (2, "b", Some("3"))]);
}

#[test]
fn records_without_key_are_refused() {
    let broker = eager_broker();
    let mut client = broker.connect();
    client.create_topic_with("users", 1, &EAGERLY);
    let refused = client.produce("users", 0, batch(&["no key"]));
    assert_eq!(refused.error_code, ErrorCode::INVALID_RECORD);
}

#[test]
fn the_offsets_of_groups_are_compacted_and_stay_known() {
    let mut broker = TestBroker::with(&[
        ("log.cleaner.backoff.ms", "5"),
        ("log.cleaner.min.cleanable.ratio", "0"),
        ("log.roll.ms", "1"),
        ("log.segment.delete.delay.ms", "20"),
        ("offsets.topic.num.partitions", "1"),
    ]);
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    client.send(FindCoordinatorRequest { key: "readers".to_owned(), ..Default::default() }, 2);
    for offset in 0..30 {
        assert_eq!(commit(&mut client, offset), ErrorCode::NONE);
        thread::sleep(Duration::from_millis(2));
    }
    let segments = || {
        let entries = fs::read_dir(broker.data_dir().join("__consumer_offsets-0")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".log")).count()
    };
    wait_until("all segments but the active one become one", || segments() == 2);
    broker.crash();
    broker.start_again();
    let mut client = broker.connect();
    assert_eq!(committed(&mut client), BTreeMap::from([(0, 29)]));
}

fn commit(client: &mut Client, offset: i64) -> ErrorCode {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        ..Default::default()
    };
    let topic = OffsetCommitRequestTopic {
        name: "orders".to_owned(),
        partitions: vec![partition],
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: "readers".to_owned(),
        topics: vec![topic],
        ..OffsetCommitRequest::default()
    };
    client.send(request, 7).topics.remove(0).partitions.remove(0).error_code
}

/// The committed offsets of all partitions of the topic.
fn committed(client: &mut Client) -> BTreeMap<i32, i64> {
    let topic = OffsetFetchRequestTopic { name: "orders".to_owned(), partition_indexes: vec![0] };
    let request = OffsetFetchRequest {
        group_id: "readers".to_owned(),
        topics: Some(vec![topic]),
        ..OffsetFetchRequest::default()
    };
    let found = client.send(request, 5).topics.remove(0).partitions;
    found.iter().map(|partition| (partition.partition_index, partition.committed_offset)).collect()
}
