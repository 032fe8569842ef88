//! Connections and framing: who is answered, who is not, and in which order.

use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::metadata::MetadataRequest;

use crate::harness::{Client, TestBroker};

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
