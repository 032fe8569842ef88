//! Which header stands before which message, and what its bytes are.

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as peer;
use kafka_protocol::protocol::{Encodable, StrBytes};
use kf::wire::api::ApiKey;
use kf::wire::codec::{Reader, Writer};
use kf::wire::header::{RequestHeader, ResponseHeader};

#[test]
fn every_version_of_every_api_has_the_headers_of_kafka() {
    for &api in ApiKey::ALL {
        let theirs = peer::ApiKey::try_from(api.number()).expect("an API that the peer has");
        for version in api.versions() {
            let (request, response) =
                (api.request_header_version(version), api.response_header_version(version));
            assert_eq!(request, theirs.request_header_version(version), "{api:?} {version}");
            assert_eq!(response, theirs.response_header_version(version), "{api:?} {version}");
        }
    }
}

#[test]
fn an_api_versions_response_has_no_flexible_header_at_any_version() {
    for version in ApiKey::ApiVersions.versions() {
        assert_eq!(ApiKey::ApiVersions.response_header_version(version), 0);
    }
}

#[test]
fn request_headers_are_those_of_another_implementation() {
    for client_id in [None, Some(""), Some("kf"), Some("é".repeat(200).as_str())] {
        for header_version in [1, 2] {
            let ours = RequestHeader {
                api_key: 18,
                api_version: 3,
                correlation_id: -7,
                client_id: client_id.map(str::to_owned),
            };
            let theirs = peer::RequestHeader::default()
                .with_request_api_key(18)
                .with_request_api_version(3)
                .with_correlation_id(-7)
                .with_client_id(client_id.map(|id| StrBytes::from_string(id.to_owned())));
            let bytes = peer_bytes(&theirs, header_version);
            assert_eq!(RequestHeader::peek(&bytes), Some((18, 3)));
            let mut writer = Writer::new();
            ours.encode(&mut writer, header_version).expect("a header");
            assert_eq!(writer.into_bytes(), bytes);
            let mut reader = Reader::new(bytes);
            assert_eq!(RequestHeader::decode(&mut reader, header_version), Ok(ours));
            assert_eq!(reader.remaining(), 0);
        }
    }
}

#[test]
fn response_headers_are_those_of_another_implementation() {
    for correlation_id in [0, 1, -1, i32::MAX, i32::MIN] {
        for header_version in [0, 1] {
            let theirs = peer::ResponseHeader::default().with_correlation_id(correlation_id);
            let bytes = peer_bytes(&theirs, header_version);
            let ours = ResponseHeader { correlation_id };
            let mut writer = Writer::new();
            ours.encode(&mut writer, header_version).expect("a header");
            assert_eq!(writer.into_bytes(), bytes);
            let mut reader = Reader::new(bytes);
            assert_eq!(ResponseHeader::decode(&mut reader, header_version), Ok(ours));
            assert_eq!(reader.remaining(), 0);
        }
    }
}

#[test]
fn unknown_tagged_fields_in_headers_are_skipped() {
    let bytes = Bytes::from_static(b"\0\0\0\x09\x02\x05\x03abc\x09\0rest");
    let mut reader = Reader::new(bytes);
    let header = ResponseHeader::decode(&mut reader, 1);
    assert_eq!(header, Ok(ResponseHeader { correlation_id: 9 }));
    assert_eq!(reader.remaining(), 4);
}

fn peer_bytes(header: &impl Encodable, header_version: i16) -> Bytes {
    let mut bytes = BytesMut::new();
    header.encode(&mut bytes, header_version).expect("a header");
    bytes.freeze()
}
