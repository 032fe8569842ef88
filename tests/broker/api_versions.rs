//! ApiVersions: the first question of every client, which must be answered whatever it is.

use bytes::Bytes;
use kf::wire::codec::Reader;
use kf::wire::error::ErrorCode;
use kf::wire::frame::encode_request;
use kf::wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use kf::wire::messages::list_groups::ListGroupsRequest;
use kf::wire::schema::Message;

use crate::harness::TestBroker;

fn named(name: &str, version: &str) -> ApiVersionsRequest {
    ApiVersionsRequest {
        client_software_name: name.to_owned(),
        client_software_version: version.to_owned(),
    }
}

/// The body of an answer, behind a response header of version 0.
fn body(frame: Bytes, version: i16) -> ApiVersionsResponse {
    let mut reader = Reader::new(frame.slice(4..));
    let response = ApiVersionsResponse::decode(&mut reader, version).expect("a response");
    reader.finish().expect("nothing behind it");
    response
}

#[test]
fn an_unknown_version_is_answered_at_version_0_and_the_client_can_go_on() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for version in [5, 99, i16::MAX, -1] {
        // Whatever such a version may have in its body.
        let header =
            [&18i16.to_be_bytes()[..], &version.to_be_bytes(), &9i32.to_be_bytes(), b"\xff\xff"];
        client.write_frame(&[&header.concat(), &b"\x7f\x01\x02 what is this?"[..]].concat());
        let frame = client.read_frame();
        assert_eq!(frame[..4], 9i32.to_be_bytes());
        let response = body(frame, 0);
        assert_eq!(response.error_code, ErrorCode::UNSUPPORTED_VERSION);
        let told: Vec<_> =
            response.api_keys.iter().map(|a| (a.api_key, a.min_version, a.max_version)).collect();
        assert_eq!(told, [(18, 0, 4)]);
    }
    assert_eq!(client.send(named("kf", "1.0"), 3).error_code, ErrorCode::NONE);
}

#[test]
fn the_response_header_has_no_tags_even_where_the_body_is_flexible() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for version in [3, 4] {
        client.write_frame(
            &encode_request(&named("kf", "1.0"), version, 7, "c").unwrap().into_bytes(),
        );
        assert_eq!(body(client.read_frame(), version).error_code, ErrorCode::NONE);
    }
}

#[test]
fn a_name_of_a_software_that_is_none_is_an_invalid_request() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    for (name, version) in [("", "1"), ("kf", ""), ("-kf", "1"), ("kf", "1 0"), ("k\u{e4}", "1")] {
        let response = client.send(named(name, version), 3);
        assert_eq!(response.error_code, ErrorCode::INVALID_REQUEST, "{name:?} {version:?}");
    }
    // Older versions do not name it.
    assert_eq!(client.send(named("", ""), 2).error_code, ErrorCode::NONE);
}

#[test]
fn produce_and_join_group_are_advertised_from_0() {
    let broker = TestBroker::start();
    let response = broker.connect().send(named("kf", "1.0"), 4);
    for api_key in [0, 11] {
        let api = response.api_keys.iter().find(|api| api.api_key == api_key);
        assert_eq!(api.map(|api| api.min_version), Some(0), "API {api_key}");
    }
}

#[test]
fn bytes_behind_a_request_are_ignored() {
    let broker = TestBroker::start();
    let mut client = broker.connect();
    let frame = encode_request(&ListGroupsRequest::default(), 0, 7, "c").unwrap().into_bytes();
    client.write_frame(&[&frame, &b"more"[..]].concat());
    assert_eq!(client.read::<ListGroupsRequest>(0).0, 7);
}
