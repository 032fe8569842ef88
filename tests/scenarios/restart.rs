//! What the broker has answered for is there after it has ended, however it ended.

use std::sync::Arc;
use std::sync::mpsc::channel;

use kf::base::disk::RealDisk;
use kf::storage::{Ack, Append, LogConfig, Origin, PartitionId, Store, StoreOptions};
use kf::wire::error::ErrorCode;
use kf::wire::messages::create_partitions::{CreatePartitionsRequest, CreatePartitionsTopic};
use kf::wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use kf::wire::messages::find_coordinator::FindCoordinatorRequest;
use kf::wire::messages::init_producer_id::InitProducerIdRequest;
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::messages::offset_fetch::OffsetFetchRequest;
use kf::wire::records::{BatchBuilder, Compression};

use crate::harness::requests::{batch, idempotent_batch};
use crate::harness::{BrokerProcess, Client, Member, TempDir, TestBroker};

/// A way in which a broker ends.
type Ending = fn(&mut TestBroker);

/// The ways in which a broker ends inside of a process, with their names.
const ENDINGS: [(&str, Ending); 2] = [("stop", TestBroker::stop), ("crash", TestBroker::crash)];

/// Runs a test for every way in which a broker ends: `before`, the end, a new start, `after`.
fn for_every_ending<T>(before: impl Fn(&mut Client) -> T, after: impl Fn(&mut Client, T)) {
    for (name, end) in ENDINGS {
        println!("the broker ends by {name}");
        let mut broker = TestBroker::start();
        let kept = before(&mut broker.connect());
        end(&mut broker);
        broker.start_again();
        after(&mut broker.connect(), kept);
    }
}

#[test]
fn topics_and_records_survive() {
    for_every_ending(
        |client| {
            client.create_topic("orders", 2);
            client.produce_values("orders", 1, &["a", "b"]);
            client.produce_values("orders", 1, &["c"]);
        },
        |client, ()| {
            assert_eq!(client.fetch_values("orders", 1, 0), ["a", "b", "c"]);
            assert_eq!(client.fetch_values("orders", 0, 0), [""; 0]);
            assert_eq!(client.produce_values("orders", 1, &["d"]), 3);
        },
    );
}

#[test]
fn a_producers_sequence_numbers_survive() {
    let producer_id =
        |client: &mut Client| client.send(InitProducerIdRequest::default(), 4).producer_id;
    for_every_ending(
        |client| {
            client.create_topic("orders", 1);
            let id = producer_id(client);
            for sequence in 0..3 {
                let records = idempotent_batch(id, 0, sequence, &["value"]);
                assert_eq!(client.produce("orders", 0, records).base_offset, i64::from(sequence));
            }
            id
        },
        |client, id| {
            // Kafka's snapshots know of the last batch only; it is found again in any case.
            let again = client.produce("orders", 0, idempotent_batch(id, 0, 2, &["value"]));
            assert_eq!((again.error_code, again.base_offset), (ErrorCode::NONE, 2));
            let gap = client.produce("orders", 0, idempotent_batch(id, 0, 5, &["value"]));
            assert_eq!(gap.error_code, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
            let next = client.produce("orders", 0, idempotent_batch(id, 0, 3, &["value"]));
            assert_eq!((next.error_code, next.base_offset), (ErrorCode::NONE, 3));
            assert_ne!(producer_id(client), id);
        },
    );
}

#[test]
fn configs_partitions_and_deletions_survive() {
    for_every_ending(
        |client| {
            client.create_topic_with("orders", 1, &[("max.message.bytes", "100")]);
            client.create_topic("gone", 1);
            client.create_topic("shortened", 1);
            client.produce_values("shortened", 0, &["a", "b", "c"]);
            client.delete_topic("gone");
            delete_records(client, "shortened", 2);
            add_partitions(client, "shortened", 3);
        },
        |client, ()| {
            let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
            let topics = client.send(all, 1).topics;
            let found: Vec<_> =
                topics.iter().map(|t| (t.name.as_deref().unwrap(), t.partitions.len())).collect();
            assert_eq!(found, [("orders", 1), ("shortened", 3)]);
            let refused = client.produce("orders", 0, batch(&[&"x".repeat(100)]));
            assert_eq!(refused.error_code, ErrorCode::MESSAGE_TOO_LARGE);
            let below = client.fetch("shortened", 0, 1);
            assert_eq!(below.error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
            let start = client.fetch("shortened", 0, 2);
            assert_eq!((start.error_code, start.log_start_offset), (ErrorCode::NONE, 2));
        },
    );
}

fn delete_records(client: &mut Client, topic: &str, offset: i64) {
    let partitions = vec![DeleteRecordsPartition { partition_index: 0, offset }];
    let topics = vec![DeleteRecordsTopic { name: topic.to_owned(), partitions }];
    let response = client.send(DeleteRecordsRequest { topics, timeout_ms: 1000 }, 2);
    assert_eq!(response.topics[0].partitions[0].low_watermark, offset);
}

fn add_partitions(client: &mut Client, topic: &str, count: i32) {
    let topic = CreatePartitionsTopic { name: topic.to_owned(), count, assignments: None };
    let request =
        CreatePartitionsRequest { topics: vec![topic], ..CreatePartitionsRequest::default() };
    assert_eq!(client.send(request, 3).results[0].error_code, ErrorCode::NONE);
}

#[test]
fn groups_their_members_and_their_offsets_survive() {
    for (name, end) in ENDINGS {
        println!("the broker ends by {name}");
        let mut broker = TestBroker::start();
        let mut client = broker.connect();
        client.create_topic("orders", 1);
        find_coordinator(&mut client);
        let mut member = Member::new(broker.connect(), "readers");
        member.join_alone("all");
        assert_eq!(member.commit("orders", 5), ErrorCode::NONE);
        end(&mut broker);
        broker.start_again();
        // Its connection is another one; all else is as it was.
        member.client = broker.connect();
        find_coordinator(&mut member.client);
        assert_eq!(member.heartbeat(), ErrorCode::NONE);
        member.ask_to_sync(&[]);
        assert_eq!(&member.synced().assignment[..], b"all");
        assert_eq!(committed(&mut broker.connect()), (5, Some("where I am".to_owned())));
        assert_eq!(member.leave(), ErrorCode::NONE);
    }
}

fn find_coordinator(client: &mut Client) {
    let request = FindCoordinatorRequest { key: "readers".to_owned(), ..Default::default() };
    assert_eq!(client.send(request, 2).error_code, ErrorCode::NONE);
}

/// Offset and metadata that the group has committed.
fn committed(client: &mut Client) -> (i64, Option<String>) {
    let request = OffsetFetchRequest { group_id: "readers".to_owned(), ..Default::default() };
    let told = client.send(request, 5).topics.remove(0).partitions.remove(0);
    (told.committed_offset, told.metadata)
}

#[test]
fn kinds_of_group_records_that_only_kafka_writes_do_not_keep_the_broker_from_starting() {
    /// Version of the key of ConsumerGroupMetadata (KIP-848).
    const CONSUMER_GROUP_METADATA: i16 = 3;
    let mut broker = TestBroker::start();
    let mut client = broker.connect();
    find_coordinator(&mut client);
    let all = MetadataRequest { topics: None, ..MetadataRequest::default() };
    let topic_id = client.send(all, 12).topics[0].topic_id;
    broker.stop();

    let store = Store::open(Arc::new(RealDisk), StoreOptions::new(broker.data_dir())).unwrap();
    let partition = PartitionId::new("__consumer_offsets", 0).unwrap();
    let log =
        store.open_partition(partition, topic_id, LogConfig::default(), Arc::new(|_| {})).unwrap();
    let mut builder = BatchBuilder::new(Compression::None);
    builder.append(0, Some(&CONSUMER_GROUP_METADATA.to_be_bytes()), Some(b"\0\0"), &[]);
    let append = Append {
        batches: builder.build().unwrap(),
        leader_epoch: 0,
        now_ms: 0,
        origin: Origin::Internal,
    };
    let (reply, appended) = channel();
    log.append(append, Ack::Durable, move |result| reply.send(result).unwrap());
    assert_eq!(appended.recv().unwrap().unwrap().base_offset, 0);
    store.close().unwrap();

    broker.start_again();
    Member::new(broker.connect(), "readers").join_alone("all");
}

#[test]
fn what_a_killed_broker_has_acknowledged_is_there_when_it_starts_again() {
    let data = TempDir::new();
    let broker = BrokerProcess::start(data.path());
    let mut client = broker.connect();
    client.create_topic_with("orders", 1, &[("max.message.bytes", "200")]);
    let id = client.send(InitProducerIdRequest::default(), 4).producer_id;
    for sequence in 0..10 {
        let records = idempotent_batch(id, 0, sequence, &[&format!("value {sequence}")]);
        assert_eq!(client.produce("orders", 0, records).base_offset, i64::from(sequence));
    }
    find_coordinator(&mut client);
    let mut member = Member::new(broker.connect(), "readers");
    member.join_alone("all");
    assert_eq!(member.commit("orders", 7), ErrorCode::NONE);
    delete_records(&mut client, "orders", 3);
    broker.kill();

    let broker = BrokerProcess::start(data.path());
    let mut client = broker.connect();
    let expected: Vec<String> = (3..10).map(|index| format!("value {index}")).collect();
    assert_eq!(client.fetch_values("orders", 0, 3), expected);
    assert_eq!(client.fetch("orders", 0, 2).error_code, ErrorCode::OFFSET_OUT_OF_RANGE);
    for sequence in 5..10 {
        let records = idempotent_batch(id, 0, sequence, &[&format!("value {sequence}")]);
        let again = client.produce("orders", 0, records);
        assert_eq!((again.error_code, again.base_offset), (ErrorCode::NONE, i64::from(sequence)));
    }
    let too_large = client.produce("orders", 0, batch(&[&"x".repeat(200)]));
    assert_eq!(too_large.error_code, ErrorCode::MESSAGE_TOO_LARGE);
    find_coordinator(&mut client);
    assert_eq!(committed(&mut client), (7, Some("where I am".to_owned())));
    member.client = broker.connect();
    assert_eq!(member.heartbeat(), ErrorCode::NONE);
    assert!(broker.terminate().success());
}

#[test]
fn the_command_line_finds_what_it_created_before_the_restart() {
    let mut broker = TestBroker::synced();
    broker.kf(&["topics", "--create", "--topic", "flights", "--partitions", "3"]).stdout();
    broker.kf(&["produce", "--topic", "flights"]).stdin("JFK\nLAX\n").stdout();
    broker.restart();
    assert_eq!(broker.kf(&["topics", "--list"]).stdout(), "flights\n");
    let consume = ["consume", "--topic", "flights", "--from-beginning", "--max-messages", "2"];
    let mut lines: Vec<_> = broker.kf(&consume).stdout().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["JFK", "LAX"]);
}
