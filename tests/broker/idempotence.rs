//! Idempotent producers: what is sent twice is there once, and what is missing is noticed.

use kf::wire::error::ErrorCode;

use crate::harness::requests::idempotent_batch;
use crate::harness::{Client, TestBroker};

const PRODUCER: i64 = 77;

/// Sends a batch of as many records as there are `values`.
fn send(client: &mut Client, epoch: i16, sequence: i32, values: &[&str]) -> (ErrorCode, i64) {
    let records = idempotent_batch(PRODUCER, epoch, sequence, values);
    let response = client.produce("orders", 0, records);
    (response.error_code, response.base_offset)
}

fn started() -> (TestBroker, Client) {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    (broker, client)
}

#[test]
fn the_last_five_batches_are_known_and_get_their_first_offsets_again() {
    let (_broker, mut client) = started();
    for number in 0..7 {
        let sent = send(&mut client, 0, number * 2, &["a", "b"]);
        assert_eq!(sent, (ErrorCode::NONE, i64::from(number) * 2));
    }
    for number in 2..7 {
        let again = send(&mut client, 0, number * 2, &["a", "b"]);
        assert_eq!(again, (ErrorCode::NONE, i64::from(number) * 2));
    }
    let forgotten = send(&mut client, 0, 2, &["a", "b"]);
    assert_eq!(forgotten, (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1));
    assert_eq!(client.fetch("orders", 0, 0).high_watermark, 14);
}

#[test]
fn the_last_five_batches_are_known_after_a_clean_stop_and_after_a_crash() {
    let mut broker = TestBroker::synced();
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for number in 0..7 {
        assert_eq!(send(&mut client, 0, number, &["a"]), (ErrorCode::NONE, i64::from(number)));
    }
    for restart in [TestBroker::restart, TestBroker::crash_and_start] {
        restart(&mut broker);
        let mut client = broker.connect();
        for number in 2..7 {
            assert_eq!(send(&mut client, 0, number, &["a"]), (ErrorCode::NONE, i64::from(number)));
        }
        let forgotten = send(&mut client, 0, 1, &["a"]);
        assert_eq!(forgotten, (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1));
        assert_eq!(client.fetch("orders", 0, 0).high_watermark, 7);
    }
    assert_eq!(send(&mut broker.connect(), 0, 7, &["b"]), (ErrorCode::NONE, 7));
}

#[test]
fn a_gap_is_out_of_order() {
    let (_broker, mut client) = started();
    send(&mut client, 0, 0, &["a", "b"]);
    for sequence in [3, 1, 100] {
        let gap = send(&mut client, 0, sequence, &["lost"]);
        assert_eq!(gap, (ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, -1), "{sequence}");
    }
    assert_eq!(send(&mut client, 0, 2, &["c"]), (ErrorCode::NONE, 2));
}

#[test]
fn an_older_epoch_is_fenced_and_a_newer_one_starts_at_zero() {
    let (_broker, mut client) = started();
    send(&mut client, 3, 0, &["a"]);
    assert_eq!(send(&mut client, 2, 1, &["lost"]).0, ErrorCode::INVALID_PRODUCER_EPOCH);
    assert_eq!(send(&mut client, 4, 1, &["lost"]).0, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(send(&mut client, 4, 0, &["b"]), (ErrorCode::NONE, 1));
    assert_eq!(send(&mut client, 3, 1, &["lost"]).0, ErrorCode::INVALID_PRODUCER_EPOCH);
}

#[test]
fn an_unknown_producer_may_start_at_any_sequence() {
    let (_broker, mut client) = started();
    assert_eq!(send(&mut client, 5, 1234, &["a"]), (ErrorCode::NONE, 0));
    assert_eq!(send(&mut client, 5, 1235, &["b"]), (ErrorCode::NONE, 1));
}

#[test]
fn after_the_largest_sequence_comes_zero() {
    let (_broker, mut client) = started();
    assert_eq!(send(&mut client, 0, i32::MAX - 1, &["a", "b"]), (ErrorCode::NONE, 0));
    assert_eq!(send(&mut client, 0, 0, &["c"]), (ErrorCode::NONE, 2));
    // A batch may also reach across.
    assert_eq!(send(&mut client, 0, 1, &["d"]), (ErrorCode::NONE, 3));
    assert_eq!(send(&mut client, 0, i32::MAX - 1, &["a", "b"]), (ErrorCode::NONE, 0));
}

#[test]
fn producers_are_known_by_partition() {
    let (_broker, mut client) = started();
    client.create_topic("flights", 2);
    for partition in 0..2 {
        let records = idempotent_batch(PRODUCER, 0, 0, &["value"]);
        let response = client.produce("flights", partition, records);
        assert_eq!((response.error_code, response.base_offset), (ErrorCode::NONE, 0));
    }
}

#[test]
fn five_batches_in_flight_are_appended_in_order_and_once() {
    use crate::harness::requests::{PRODUCE_VERSION, produce};
    use kf::wire::messages::produce::ProduceRequest;
    let (_broker, mut client) = started();
    let sequences = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4];
    for sequence in sequences {
        let records = idempotent_batch(PRODUCER, 0, sequence, &[&sequence.to_string()]);
        client.write(&produce("orders", 0, records), PRODUCE_VERSION);
    }
    for sequence in sequences {
        let (_, response) = client.read::<ProduceRequest>(PRODUCE_VERSION);
        let partition = &response.responses[0].partition_responses[0];
        let told = (partition.error_code, partition.base_offset);
        assert_eq!(told, (ErrorCode::NONE, i64::from(sequence)));
    }
    assert_eq!(client.fetch_values("orders", 0, 0), ["0", "1", "2", "3", "4"]);
}
