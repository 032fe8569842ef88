//! InitProducerId: an id that nobody else has or ever had.

use std::collections::HashSet;

use kf::wire::error::ErrorCode;
use kf::wire::messages::init_producer_id::InitProducerIdRequest;

use crate::harness::{Client, TestBroker};

#[track_caller]
fn next(client: &mut Client) -> i64 {
    let response = client.send(InitProducerIdRequest::default(), 4);
    assert_eq!((response.error_code, response.producer_epoch), (ErrorCode::NONE, 0));
    response.producer_id
}

#[test]
fn ids_are_never_handed_out_twice_whatever_happens_to_the_broker() {
    let mut broker = TestBroker::start();
    let mut handed_out = HashSet::new();
    for end in [TestBroker::stop, TestBroker::crash, TestBroker::stop] {
        let mut client = broker.connect();
        // More than one block of ids.
        for _ in 0..1100 {
            assert!(handed_out.insert(next(&mut client)));
        }
        end(&mut broker);
        broker.start_again();
    }
    assert!(handed_out.insert(next(&mut broker.connect())));
}

#[test]
fn a_producer_that_asks_again_gets_another_id() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let first = next(&mut client);
    let again = InitProducerIdRequest { producer_id: first, ..InitProducerIdRequest::default() };
    let response = client.send(again, 4);
    assert_eq!((response.error_code, response.producer_epoch), (ErrorCode::NONE, 0));
    assert_ne!(response.producer_id, first);
}
