//! What the broker has answered for is there after it has ended, however it ended.

use kf::wire::error::ErrorCode;
use kf::wire::messages::init_producer_id::InitProducerIdRequest;

use crate::harness::requests::{batch, idempotent_batch};
use crate::harness::{BrokerProcess, Client, TempDir, TestBroker};

/// The ways in which a broker ends inside of a process.
const ENDINGS: [(&str, fn(&mut TestBroker)); 2] =
    [("stop", TestBroker::stop), ("crash", TestBroker::crash)];

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
fn what_a_killed_broker_has_acknowledged_is_there_when_it_starts_again() {
    let data = TempDir::new();
    let broker = BrokerProcess::start(data.path());
    let mut client = broker.connect();
    client.create_topic("orders", 1);
    for index in 0..10 {
        let response = client.produce("orders", 0, batch(&[&format!("value {index}")]));
        assert_eq!(response.base_offset, index);
    }
    broker.kill();

    let broker = BrokerProcess::start(data.path());
    let expected: Vec<String> = (0..10).map(|index| format!("value {index}")).collect();
    assert_eq!(broker.connect().fetch_values("orders", 0, 0), expected);
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
