//! Clients that mean harm or know no better: they get nowhere, and an honest client never
//! notices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bytes::Bytes;
use kf::broker::dispatch::APIS;
use kf::wire::api::ApiKey;
use kf::wire::header::RequestHeader;
use kf::wire::messages::fetch::FetchRequest;
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::messages::metadata::MetadataRequest;
use kf::wire::records::{BatchBuilder, Compression};

use crate::harness::requests::{FETCH_VERSION, fetch, now_ms};
use crate::harness::{BrokerProcess, Client, TempDir, TestBroker};
use crate::random::Random;

/// Lets `attack` happen while an honest client produces and fetches without a pause. What that
/// client is answered must be what it is always answered.
fn beside_an_honest_client(broker: &TestBroker, attack: impl FnOnce()) {
    let mut client = broker.connect();
    client.create_topic("honest", 1);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let honest = scope.spawn(|| {
            let mut round = 0;
            // At least once, however short the attack is.
            while round == 0 || !is_over.load(Ordering::Relaxed) {
                let value = format!("value {round}");
                assert_eq!(client.produce_values("honest", 0, &[&value]), round);
                assert_eq!(client.fetch_values("honest", 0, round), [value]);
                round += 1;
            }
        });
        let end = EndOnDrop(&is_over);
        attack();
        drop(end);
        honest.join().expect("an honest client that noticed nothing");
    });
    // Who comes next is served too.
    assert!(!broker.connect().fetch_values("honest", 0, 0).is_empty());
}

/// Ends the honest client's loop, also when the attack panics.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A request of any API up to its body.
fn header(api_key: i16, api_version: i16, flexible: bool) -> Vec<u8> {
    let header =
        RequestHeader { api_key, api_version, correlation_id: 1, client_id: Some("c".to_owned()) };
    let mut writer = kf::wire::codec::Writer::new();
    header.encode(&mut writer, if flexible { 2 } else { 1 }).expect("a header");
    writer.into_bytes().to_vec()
}

/// Every API at every version, with the header that it wants.
fn every_request() -> impl Iterator<Item = (ApiKey, Vec<u8>)> {
    APIS.iter().flat_map(|api| {
        api.versions.clone().map(|version| {
            let flexible = api.key.request_header_version(version) == 2;
            (api.key, header(api.key.number(), version, flexible))
        })
    })
}

#[test]
fn many_connections_that_say_nothing_or_claim_much_are_only_waited_for() {
    let broker = TestBroker::start();
    let claim = (100i32 * 1024 * 1024).to_be_bytes();
    let half_a_frame = b"\0\0\0\x64\0\x03\0\x01";
    beside_an_honest_client(&broker, || {
        let mut connections: Vec<Client> = (0..200).map(|_| broker.connect()).collect();
        for (index, connection) in connections.iter_mut().enumerate() {
            match index % 4 {
                0 => connection.write_bytes(&claim),
                1 => connection.write_bytes(&[&claim[..], &[0; 1000]].concat()),
                2 => connection.write_bytes(half_a_frame),
                _ => {}
            }
        }
        // Those that have said nothing yet may still become clients.
        for connection in connections.iter_mut().skip(3).step_by(4) {
            connection.send(ListGroupsRequest::default(), 1);
        }
    });
}

#[test]
fn connections_that_come_and_go_leave_nothing_behind() {
    let broker = TestBroker::start();
    beside_an_honest_client(&broker, || {
        (0..300).for_each(|_| drop(broker.connect()));
    });
}

#[test]
fn huge_counts_and_lengths_close_the_connection() {
    let broker = TestBroker::start();
    let huge: [&[u8]; 4] = [
        // As an array's count, a string's length, and a compact one of either.
        b"\x7f\xff\xff\xff",
        b"\x7f\xff",
        b"\xff\xff\xff\xff\x0f",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    ];
    beside_an_honest_client(&broker, || {
        for (_, request) in every_request() {
            for body in huge {
                let mut client = broker.connect();
                client.write_frame(&[&request, body].concat());
                client.finish_writing();
                client.read_to_the_end();
            }
        }
    });
}

#[test]
fn random_bytes_are_answered_or_close_the_connection() {
    let broker = TestBroker::start();
    let mut random = Random::from_environment();
    beside_an_honest_client(&broker, || {
        for (api, request) in every_request() {
            let mut client = broker.connect();
            let length = random.below(200);
            client.write_frame(&[request, random.bytes(length)].concat());
            client.finish_writing();
            // By chance these may be questions that wait for long.
            if ![ApiKey::Fetch, ApiKey::JoinGroup, ApiKey::SyncGroup].contains(&api) {
                client.read_to_the_end();
            }
        }
        for _ in 0..200 {
            let mut client = broker.connect();
            let length = 1 + random.below(2000);
            client.write_bytes(&random.bytes(length));
            client.finish_writing();
            client.read_to_the_end();
        }
    });
}

#[test]
fn a_hundred_thousand_unknown_tags_are_skipped() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let mut request = header(3, 9, true);
    request.pop();
    // The count of tags in the header, then each with its number and a length of 0.
    request.extend(b"\xa0\x8d\x06");
    for tag in 0..100_000u32 {
        request.extend([
            (tag & 0x7f) as u8 | 0x80,
            (tag >> 7 & 0x7f) as u8 | 0x80,
            (tag >> 14) as u8,
        ]);
        request.push(0);
    }
    // No topics, no creation, no operations, no tags.
    request.extend(b"\x01\0\0\0\0");
    client.write_frame(&request);
    let (id, response) = client.read::<MetadataRequest>(9);
    assert_eq!((id, response.topics.len()), (1, 0));
}

#[test]
fn a_small_batch_that_grows_without_end_is_refused() {
    let broker = TestBroker::start();
    let mut builder = BatchBuilder::new(Compression::Zstd);
    let value = vec![0; 200 << 20];
    builder.append(now_ms(), None, Some(&value), &[]);
    let bomb: Bytes = builder.build().expect("a batch");
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    drop(value);
    beside_an_honest_client(&broker, || {
        let mut client = broker.connect();
        client.create_topic("bombed", 1);
        assert!(client.produce("bombed", 0, bomb).error_code.is_error());
        assert_eq!(client.fetch_values("bombed", 0, 0), [""; 0]);
    });
}

#[test]
fn ten_thousand_requests_before_the_first_answer_is_read_are_all_answered() {
    let broker = TestBroker::start();
    beside_an_honest_client(&broker, || {
        let mut client = broker.connect();
        let ids: Vec<_> =
            (0..10_000).map(|_| client.write(&ListGroupsRequest::default(), 1)).collect();
        for id in ids {
            assert_eq!(client.read::<ListGroupsRequest>(1).0, id);
        }
    });
}

#[test]
fn a_client_that_does_not_read_its_answers_gets_no_more_memory() {
    const ANSWERS: usize = 60;
    const MIB: usize = 1 << 20;
    let data = TempDir::new();
    let broker = BrokerProcess::start(data.path());
    let mut honest = broker.connect();
    honest.create_topic("orders", 1);
    for _ in 0..8 {
        honest.produce_values("orders", 0, &[&"x".repeat(1_000_000)]);
    }
    let request = {
        let mut request = FetchRequest { max_bytes: i32::MAX, ..fetch("orders", 0, 0) };
        request.topics[0].partitions[0].partition_max_bytes = i32::MAX;
        request
    };
    let Some(before) = broker.peak_memory_bytes() else {
        println!("skipped: this system does not tell how much memory a process had");
        return;
    };
    let mut slow = broker.connect();
    let ids: Vec<_> = (0..ANSWERS).map(|_| slow.write(&request, FETCH_VERSION)).collect();
    // As long as it takes to answer many others, there is time to read for the slow one.
    for _ in 0..200 {
        honest.produce_values("orders", 0, &["small"]);
    }
    let grown = broker.peak_memory_bytes().unwrap_or(0).saturating_sub(before);
    assert!(grown < 64 * MIB, "{} MiB for {ANSWERS} answers of 8 MiB", grown / MIB);
    for id in ids {
        assert_eq!(slow.read::<FetchRequest>(FETCH_VERSION).0, id);
    }
}
