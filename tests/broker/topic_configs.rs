//! Topic configs whose effect is in the files of the data directory. All are changed while the
//! broker runs, and hold for what comes after.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kf::base::uuid::Uuid;
use kf::wire::error::ErrorCode;
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::records::{BatchBuilder, Compression};

use super::configs::set;
use super::delete_records::delete;
use crate::harness::requests::{PRODUCE_VERSION, batch, now_ms, produce};
use crate::harness::{Client, PATIENCE, TestBroker, wait_until};

/// acks=1: the answer comes when the batch is appended.
const ACKS_LEADER: i16 = 1;

/// A broker that syncs, and a topic.
fn started() -> (TestBroker, Client) {
    let broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    (broker, client)
}

/// A batch of one record.
fn record(timestamp: i64, value: &[u8]) -> Bytes {
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(timestamp, None, Some(value), &[]);
    builder.build().expect("a batch")
}

/// Sends one record, stamped with a time.
#[track_caller]
fn send_at(client: &mut Client, timestamp: i64) {
    let response = client.produce("orders", 0, record(timestamp, b"value"));
    assert_eq!(response.error_code, ErrorCode::NONE, "{response:?}");
}

/// Sends one record with acks=1.
#[track_caller]
fn send_without_waiting(client: &mut Client, topic: &str) {
    let mut request = produce(topic, 0, batch(&["value"]));
    request.acks = ACKS_LEADER;
    let response = client.send(request, PRODUCE_VERSION);
    assert_eq!(response.responses[0].partition_responses[0].error_code, ErrorCode::NONE);
}

/// The files of partition 0 whose names end so.
fn files(broker: &TestBroker, suffix: &str) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(broker.data_dir().join("orders-0")).expect("a partition's directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = paths.filter(|path| path.to_string_lossy().ends_with(suffix)).collect();
    files.sort();
    files
}

/// Whether a file is the log of a segment with this base offset, whatever has become of it.
fn is_log(path: &Path, base_offset: i64) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with(&format!("{base_offset:020}.log"))
}

/// The offset up to which the broker has noted that partition 0 is durable.
fn durable_end(broker: &TestBroker, topic_id: Uuid) -> i64 {
    let mut end = 0;
    for name in ["kf-commit.0", "kf-commit.1"] {
        let notes = fs::read(broker.data_dir().join(name)).unwrap_or_default();
        let places = (0..notes.len()).filter(|at| notes[*at..].starts_with(&topic_id.0));
        for at in places {
            // After the topic's id and the number of the partition.
            if let Some(offset) = notes.get(at + 20..at + 28) {
                end = end.max(i64::from_be_bytes(offset.try_into().expect("eight bytes")));
            }
        }
    }
    end
}

#[track_caller]
fn wait_until_durable(broker: &TestBroker, topic_id: Uuid, end: i64) {
    let start = Instant::now();
    while durable_end(broker, topic_id) < end {
        assert!(start.elapsed() < PATIENCE, "durable up to {}", durable_end(broker, topic_id));
        thread::sleep(Duration::from_millis(1));
    }
}

fn id_of(client: &mut Client, topic: &str) -> Uuid {
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let topics = client.send(all, 12).topics;
    let found = topics.iter().find(|found| found.name.as_deref() == Some(topic));
    found.expect("the topic").topic_id
}

#[test]
fn an_async_topic_is_answered_before_anything_is_synced() {
    let (broker, mut client) = started();
    client.create_topic_with("views", 1, &[("durability", "async")]);
    let (orders, views) = (id_of(&mut client, "orders"), id_of(&mut client, "views"));
    client.produce_values("views", 0, &["a"]);
    client.produce_values("orders", 0, &["a"]);
    wait_until_durable(&broker, orders, 1);
    assert_eq!(durable_end(&broker, views), 0);
    set(&mut client, "views", "durability", "synced");
    client.produce_values("views", 0, &["b"]);
    wait_until_durable(&broker, views, 2);
    set(&mut client, "orders", "durability", "async");
    client.produce_values("orders", 0, &["b"]);
    client.produce_values("views", 0, &["c"]);
    wait_until_durable(&broker, views, 3);
    assert_eq!(durable_end(&broker, orders), 1);
}

#[test]
fn flush_messages_and_flush_ms_sync_what_nobody_waits_for() {
    let (broker, mut client) = started();
    client.create_topic("views", 1);
    let (orders, views) = (id_of(&mut client, "orders"), id_of(&mut client, "views"));
    for topic in ["orders", "views"] {
        set(&mut client, topic, "durability", "async");
    }
    set(&mut client, "orders", "flush.messages", "3");
    set(&mut client, "views", "flush.ms", "10");
    send_without_waiting(&mut client, "orders");
    send_without_waiting(&mut client, "orders");
    send_without_waiting(&mut client, "views");
    wait_until_durable(&broker, views, 1);
    assert_eq!(durable_end(&broker, orders), 0);
    send_without_waiting(&mut client, "orders");
    wait_until_durable(&broker, orders, 3);
}

#[test]
fn a_segment_has_all_its_room_from_the_start_if_the_topic_wants_it() {
    const SEGMENT_BYTES: u64 = 1 << 20;
    let (mut broker, mut client) = started();
    set(&mut client, "orders", "segment.bytes", &SEGMENT_BYTES.to_string());
    set(&mut client, "orders", "preallocate", "true");
    client.produce_values("orders", 0, &["a"]);
    let length =
        |broker: &TestBroker| fs::metadata(&files(broker, ".log")[0]).expect("a log").len();
    let room = |broker: &TestBroker| {
        fs::metadata(&files(broker, ".log")[0]).expect("a log").blocks() * 512
    };
    assert!(length(&broker) < 200, "{}", length(&broker));
    // Some file systems reserve nothing.
    let reserved = room(&broker);
    assert!(!(100_000..SEGMENT_BYTES).contains(&reserved), "{reserved}");
    let record = record(now_ms(), &[b'x'; 900_000]);
    for offset in 1..3 {
        let response = client.send(produce("orders", 0, record.clone()), PRODUCE_VERSION);
        assert_eq!(response.responses[0].partition_responses[0].base_offset, offset);
    }
    assert_eq!(files(&broker, ".log").len(), 2);
    assert!(room(&broker) < length(&broker) + 100_000, "{}", room(&broker));
    broker.stop();
    let last = fs::metadata(&files(&broker, ".log")[1]).expect("a log");
    assert!(last.blocks() * 512 < last.len() + 100_000, "{}", last.blocks());
}

#[test]
fn the_files_of_deleted_segments_stay_for_a_while() {
    let (broker, mut client) = started();
    let mut delete_one = |delay_ms: &str, offset: i64| {
        set(&mut client, "orders", "file.delete.delay.ms", delay_ms);
        client.produce_values("orders", 0, &["a"]);
        assert_eq!(delete(&mut client, "orders", 0, offset), (ErrorCode::NONE, offset));
    };
    delete_one("60000", 1);
    let deleted = || files(&broker, ".deleted").into_iter().filter(|path| is_log(path, 0)).count();
    assert_eq!(deleted(), 1);
    delete_one("0", 2);
    wait_until("the second one goes at once", || {
        files(&broker, "").iter().all(|path| !is_log(path, 1))
    });
    assert_eq!(deleted(), 1);
}

#[test]
fn index_interval_bytes_says_how_dense_the_index_is() {
    let (mut broker, mut client) = started();
    set(&mut client, "orders", "index.interval.bytes", "1");
    (0..5).for_each(|_| send_at(&mut client, now_ms()));
    set(&mut client, "orders", "index.interval.bytes", "4096");
    (0..5).for_each(|_| send_at(&mut client, now_ms()));
    broker.stop();
    let index = fs::metadata(&files(&broker, ".index")[0]).expect("an index");
    assert_eq!(index.len() / 8, 4, "an entry for each batch but the first and the later ones");
}

#[test]
fn a_full_index_closes_the_segment() {
    let (broker, mut client) = started();
    let first = now_ms() - 1000;
    set(&mut client, "orders", "index.interval.bytes", "1");
    (0..5).for_each(|number| send_at(&mut client, first + number));
    assert_eq!(files(&broker, ".log").len(), 1);
    // Room for two entries of the time index.
    set(&mut client, "orders", "segment.index.bytes", "24");
    (5..9).for_each(|number| send_at(&mut client, first + number));
    assert_eq!(files(&broker, ".log").len(), 3);
}

#[test]
fn a_segment_is_closed_when_its_records_span_more_than_segment_ms() {
    const SPAN_MS: i64 = 1_000_000;
    let (broker, mut client) = started();
    let first = now_ms() - SPAN_MS;
    send_at(&mut client, first);
    set(&mut client, "orders", "segment.ms", &SPAN_MS.to_string());
    send_at(&mut client, first + SPAN_MS);
    assert_eq!(files(&broker, ".log").len(), 1);
    send_at(&mut client, first + SPAN_MS + 1);
    assert_eq!(files(&broker, ".log").len(), 2);
}

#[test]
fn jitter_closes_segments_earlier() {
    const SPAN_MS: i64 = 1_000_000_000;
    let (broker, mut client) = started();
    let first = now_ms() - SPAN_MS;
    set(&mut client, "orders", "segment.ms", &SPAN_MS.to_string());
    send_at(&mut client, first);
    send_at(&mut client, first + SPAN_MS);
    assert_eq!(files(&broker, ".log").len(), 1);
    set(&mut client, "orders", "segment.jitter.ms", &SPAN_MS.to_string());
    send_at(&mut client, first + SPAN_MS);
    assert_eq!(files(&broker, ".log").len(), 2);
}

#[test]
fn the_level_of_a_codec_is_obeyed() {
    let (_broker, mut client) = started();
    let text: String = (0..20_000).map(|number| (number * number % 977).to_string()).collect();
    let mut size = |level: &str, value: &str| {
        set(&mut client, "orders", level, value);
        let response = client.produce("orders", 0, record(now_ms(), text.as_bytes()));
        assert_eq!(response.error_code, ErrorCode::NONE);
        client.fetch("orders", 0, response.base_offset).records.expect("records").len()
    };
    size("compression.type", "gzip");
    assert!(size("compression.gzip.level", "9") < size("compression.gzip.level", "1"));
    size("compression.type", "zstd");
    assert!(size("compression.zstd.level", "19") < size("compression.zstd.level", "-50"));
}
