//! Against peers that do one thing each, on a listener of their own.

use tokio::io::AsyncWriteExt;

use super::*;
use crate::client::scripted_peer::{Peer, nobody, peer, serves};
use crate::wire::messages::metadata::MetadataRequest;

const BOUND: Duration = Duration::from_secs(5);

async fn open(address: &str) -> Result<Connection, ClientError> {
    Connection::open(address, "test", BOUND, BOUND).await
}

async fn cluster_id(connection: &Connection) -> Result<Option<String>, ClientError> {
    connection.request(&MetadataRequest::default()).await.map(|response| response.cluster_id)
}

#[tokio::test]
async fn a_peer_that_speaks_another_protocol_is_named() {
    let say = |bytes: &'static [u8]| {
        peer(async move |mut peer: Peer| {
            peer.next().await;
            peer.writer.write_all(bytes).await.unwrap();
        })
    };
    let tls_alert = say(b"\x15\x03\x03\x00\x02\x02\x28").await;
    assert!(matches!(open(&tls_alert).await, Err(ClientError::TlsPeer(a)) if a == tls_alert));
    let http = say(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    assert!(matches!(open(&http).await, Err(ClientError::HttpPeer(a)) if a == http));
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_unreachable() {
    let (address, _socket) = nobody();
    let error = open(&address).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot connect to {address}: ")), "{error}");
}

#[tokio::test]
async fn a_peer_that_never_answers_is_given_up_after_the_bound() {
    let address = peer(async |mut peer: Peer| {
        peer.next().await;
        peer.until_closed().await;
    })
    .await;
    let bound = Duration::from_millis(20);
    let error = Connection::open(&address, "test", bound, bound).await.unwrap_err();
    assert_eq!(error.to_string(), format!("{address} did not answer ApiVersions within 20 ms"));
}

#[tokio::test]
async fn a_peer_that_closes_ends_all_waiting_and_all_later_requests() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        peer.next().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    for _ in 0..2 {
        let error = cluster_id(&connection).await.unwrap_err();
        assert!(matches!(error, ClientError::Disconnected { .. }), "{error}");
    }
    assert!(!connection.is_open());
}

#[tokio::test]
async fn an_old_broker_is_asked_again_at_its_own_version() {
    let address = peer(async |mut peer: Peer| {
        let (_, version, id) = peer.next().await;
        assert_eq!(version, 4);
        let refusal = ApiVersionsResponse {
            error_code: ErrorCode::UNSUPPORTED_VERSION,
            ..serves(&[(18, 0, 2)])
        };
        peer.answer::<ApiVersionsRequest>(&refusal, 0, id).await;
        let (_, version, id) = peer.next().await;
        assert_eq!(version, 2);
        peer.answer::<ApiVersionsRequest>(&serves(&[(18, 0, 2), (3, 0, 7)]), version, id).await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    assert_eq!(connection.version(ApiKey::Metadata).unwrap(), 7);
}

#[tokio::test]
async fn the_version_is_the_highest_that_both_sides_know_and_the_caller_takes() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    assert_eq!(connection.version(ApiKey::Metadata).unwrap(), 5);
    assert_eq!(connection.version_within(ApiKey::Metadata, 0..=3).unwrap(), 3);
    let too_new = connection.version_within(ApiKey::Metadata, 9..=10).unwrap_err();
    assert_eq!(
        too_new.to_string(),
        format!(
            "the broker at {address} serves Metadata at versions 1 to 5, and 9 to 10 are needed"
        )
    );
    let absent = connection.version(ApiKey::DescribeCluster).unwrap_err();
    assert!(matches!(absent, ClientError::UnsupportedApi { api: ApiKey::DescribeCluster, .. }));
}

#[tokio::test]
async fn answers_find_their_requests_in_any_order() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, first) = peer.next().await;
        let (_, _, second) = peer.next().await;
        peer.answer_metadata(version, second, "second").await;
        peer.answer_metadata(version, first, "first").await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    let (first, second) = tokio::join!(cluster_id(&connection), cluster_id(&connection));
    assert_eq!(first.unwrap().as_deref(), Some("first"));
    assert_eq!(second.unwrap().as_deref(), Some("second"));
}

#[tokio::test]
async fn a_request_that_is_given_up_does_not_disturb_the_next() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, first) = peer.next().await;
        let (_, _, second) = peer.next().await;
        peer.answer_metadata(version, first, "first").await;
        peer.answer_metadata(version, second, "second").await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(5), cluster_id(&connection)).await;
    assert!(given_up.is_err());
    assert_eq!(cluster_id(&connection).await.unwrap().as_deref(), Some("second"));
}

#[tokio::test]
async fn an_answer_to_nothing_that_was_asked_closes_the_connection() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        let (_, version, id) = peer.next().await;
        peer.answer_metadata(version, id + 1, "stray").await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    let error = cluster_id(&connection).await.unwrap_err();
    assert!(matches!(error, ClientError::Protocol { .. }), "{error}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_of_that_request_alone() {
    let address = peer(async |mut peer: Peer| {
        peer.negotiate().await;
        let (_, _, id) = peer.next().await;
        let mut garbage = Writer::new();
        garbage.put_slice(&id.to_be_bytes());
        garbage.put_slice(&[0xff; 9]);
        write_frame(&mut peer.writer, garbage).await.unwrap();
        let (_, version, id) = peer.next().await;
        peer.answer_metadata(version, id, "readable").await;
        peer.until_closed().await;
    })
    .await;
    let connection = open(&address).await.unwrap();
    let error = cluster_id(&connection).await.unwrap_err();
    assert!(error.to_string().contains("Metadata version 5"), "{error}");
    assert_eq!(cluster_id(&connection).await.unwrap().as_deref(), Some("readable"));
}
