//! Connections and framing: who is answered, who is not, and in which order.

use std::time::{Duration, Instant};

use kf::wire::messages::fetch::FetchRequest;
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::messages::produce::ProduceRequest;

use crate::harness::requests::{FETCH_VERSION, PRODUCE_VERSION, batch, fetch, produce};
use crate::harness::{Client, TestBroker};

/// The timestamp that stands for the end of the log.
const LATEST: i64 = -1;

/// What another client sees: everything as usual.
#[track_caller]
fn assert_serving(broker: &TestBroker) {
    let response = broker.connect().send(MetadataRequest::default(), 1);
    assert_eq!(response.brokers.len(), 1);
}

/// Sends `bytes` on a new connection.
fn connection_that_sent(broker: &TestBroker, bytes: &[u8]) -> Client {
    let mut client = broker.connect();
    client.write_bytes(bytes);
    client
}

#[test]
fn what_is_not_the_protocol_closes_the_connection_and_nothing_else() {
    let broker = TestBroker::start();
    let refused: [(&str, &[u8]); 9] = [
        ("HTTP", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("a frame that is too long", &(100 * 1024 * 1024 + 1i32).to_be_bytes()),
        ("the longest frame", &i32::MAX.to_be_bytes()),
        ("a negative length", &(-1i32).to_be_bytes()),
        ("the most negative length", &i32::MIN.to_be_bytes()),
        ("an empty frame", &[0; 4]),
        ("a frame without a whole header", b"\0\0\0\x02\0\x12"),
        ("a client id longer than its frame", b"\0\0\0\x0a\0\x03\0\x01\0\0\0\x07\x7f\xff"),
    ];
    for (what, bytes) in refused {
        println!("{what}");
        connection_that_sent(&broker, bytes).assert_closed();
        assert_serving(&broker);
    }
}

#[test]
fn what_is_pipelined_behind_a_produce_sees_its_records() {
    let broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for round in 0..50 {
        client.write(&produce("orders", 0, batch(&["a"])), PRODUCE_VERSION);
        let partition = ListOffsetsPartition { timestamp: LATEST, ..Default::default() };
        let topic = ListOffsetsTopic { name: "orders".to_owned(), partitions: vec![partition] };
        let latest = ListOffsetsRequest { topics: vec![topic], ..Default::default() };
        client.write(&latest, 3);
        client.read::<ProduceRequest>(PRODUCE_VERSION);
        let (_, response) = client.read::<ListOffsetsRequest>(3);
        assert_eq!(response.topics[0].partitions[0].offset, round + 1);
    }
}

#[test]
fn a_client_that_goes_away_inside_a_frame_is_forgotten() {
    let broker = TestBroker::start();
    let frame = b"\0\0\0\x64\0\x03\0\x01";
    for cut in 1..frame.len() {
        let mut client = connection_that_sent(&broker, &frame[..cut]);
        client.finish_writing();
        client.assert_closed();
    }
    assert_serving(&broker);
}

#[test]
fn an_api_or_version_that_is_not_served_closes_the_connection() {
    let broker = TestBroker::start();
    // Produce 2 is advertised and not served; key 4 is gone since Kafka 4.0.
    for (api_key, version) in [(0i16, 2i16), (0, 14), (1, 3), (3, 14), (4, 0), (-1, 0), (9999, 0)] {
        println!("API {api_key} version {version}");
        let mut client = broker.connect();
        let header = [
            &api_key.to_be_bytes()[..],
            &version.to_be_bytes(),
            &7i32.to_be_bytes(),
            &[0, 1, b'c'],
        ];
        client.write_frame(&header.concat());
        client.assert_closed();
    }
    assert_serving(&broker);
}

#[test]
fn requests_on_one_connection_are_answered_in_their_order() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let ids: Vec<i32> = (0..100).map(|_| client.write(&ListGroupsRequest::default(), 1)).collect();
    for id in ids {
        assert_eq!(client.read::<ListGroupsRequest>(1).0, id);
    }
}

#[test]
fn appends_and_other_requests_keep_their_order_on_one_connection() {
    let broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for _ in 0..20 {
        client.write(&produce("orders", 0, batch(&["value"])), PRODUCE_VERSION);
        client.write(&fetch("orders", 0, 0), FETCH_VERSION);
        client.write(&MetadataRequest::default(), 1);
    }
    for round in 0..20 {
        let (id, produced) = client.read::<ProduceRequest>(PRODUCE_VERSION);
        let offset = produced.responses[0].partition_responses[0].base_offset;
        let (next_id, _) = client.read::<FetchRequest>(FETCH_VERSION);
        let (last_id, _) = client.read::<MetadataRequest>(1);
        assert_eq!(offset, round);
        assert_eq!((next_id, last_id), (id + 1, id + 2));
    }
}

#[test]
fn a_connection_without_requests_is_closed_after_a_while() {
    let broker = TestBroker::with(&[("connections.max.idle.ms", "200")]);
    let mut silent = broker.connect();
    let mut slow = connection_that_sent(&broker, b"\0\0\0\x64\0\x03");
    let start = Instant::now();
    silent.assert_closed();
    slow.assert_closed();
    assert!(start.elapsed() >= Duration::from_millis(150));
    assert_serving(&broker);
}

#[test]
fn a_client_that_waits_for_an_answer_is_not_idle() {
    let broker = TestBroker::with(&[("connections.max.idle.ms", "200")]);
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    let request = FetchRequest { max_wait_ms: 500, ..fetch("orders", 0, 0) };
    client.send(request, FETCH_VERSION);
    client.send(MetadataRequest::default(), 1);
}
