//! For tests: a peer on a listener of its own that says what a script tells it to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket};

use super::cluster::{Cluster, ClusterOptions};
use super::retry::RetryPolicy;
use crate::net::framed::{FrameReader, write_frame};
use crate::wire::api::{ApiKey, Request};
use crate::wire::frame::encode_response;
use crate::wire::header::RequestHeader;
use crate::wire::messages::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use crate::wire::messages::metadata::{MetadataRequest, MetadataResponse, MetadataResponseBroker};

/// A peer that accepts one connection and speaks as `script` says; gives its address.
pub(super) async fn peer<F>(script: impl FnOnce(Peer) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, writer) = stream.into_split();
        let requests = FrameReader::new(reader, 1 << 20);
        script(Peer { requests, writer, address: own }).await;
    });
    address
}

/// One accepted connection.
pub(super) struct Peer {
    pub(super) requests: FrameReader<OwnedReadHalf>,
    pub(super) writer: OwnedWriteHalf,
    /// Where it listens.
    pub(super) address: String,
}

impl Peer {
    /// API, version and correlation id of the next request.
    pub(super) async fn next(&mut self) -> (i16, i16, i32) {
        let frame: Bytes = self.requests.read().await.unwrap().expect("a request");
        let (api, version) = RequestHeader::peek(&frame).unwrap();
        let id = frame.get(4..8).and_then(|id| id.try_into().ok()).map(i32::from_be_bytes);
        (api, version, id.unwrap())
    }

    /// Keeps the connection open until the client has no use for it.
    pub(super) async fn until_closed(mut self) {
        assert!(self.requests.read().await.unwrap().is_none(), "nothing more is asked");
    }

    pub(super) async fn answer<R: Request>(
        &mut self,
        response: &R::Response,
        version: i16,
        id: i32,
    ) {
        let frame = encode_response::<R>(response, version, id).unwrap();
        write_frame(&mut self.writer, frame).await.unwrap();
    }

    /// Answers the next request, which is an `R`.
    pub(super) async fn reply<R: Request>(&mut self, response: &R::Response) {
        let (api, version, id) = self.next().await;
        assert_eq!(ApiKey::from_number(api), Some(R::KEY));
        self.answer::<R>(response, version, id).await;
    }

    /// Answers ApiVersions: this peer serves Metadata at versions 1 to 5.
    pub(super) async fn negotiate(&mut self) {
        self.reply::<ApiVersionsRequest>(&serves(&[(18, 0, 4), (3, 1, 5)])).await;
    }

    pub(super) async fn answer_metadata(&mut self, version: i16, id: i32, cluster_id: &str) {
        let response =
            MetadataResponse { cluster_id: Some(cluster_id.to_owned()), ..Default::default() };
        self.answer::<MetadataRequest>(&response, version, id).await;
    }
}

/// An answer to ApiVersions: numbers of APIs with first and last version.
pub(super) fn serves(rows: &[(i16, i16, i16)]) -> ApiVersionsResponse {
    let row = |&(api_key, min_version, max_version): &(i16, i16, i16)| ApiVersion {
        api_key,
        min_version,
        max_version,
    };
    ApiVersionsResponse { api_keys: rows.iter().map(row).collect(), ..Default::default() }
}

/// An address where nobody listens, for as long as the socket lives.
pub(super) fn nobody() -> (String, TcpSocket) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    (socket.local_addr().unwrap().to_string(), socket)
}

/// Options to reach these servers, with pauses that no test waits for.
pub(super) fn options(servers: &[&str]) -> ClusterOptions {
    ClusterOptions {
        bootstrap_servers: servers.iter().map(|server| (*server).to_owned()).collect(),
        client_id: "test".to_owned(),
        connect_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        retry: RetryPolicy {
            total: Duration::from_secs(5),
            first_pause: Duration::from_millis(1),
            longest_pause: Duration::from_millis(1),
        },
    }
}

/// Metadata of a cluster whose one broker, also its controller, is at this address.
pub(super) fn metadata_of(node_id: i32, address: &str) -> MetadataResponse {
    let (host, port) = address.rsplit_once(':').unwrap();
    let (host, port) = (host.to_owned(), port.parse().unwrap());
    let broker = MetadataResponseBroker { node_id, host, port, rack: None };
    MetadataResponse { brokers: vec![broker], controller_id: node_id, ..Default::default() }
}

/// A cluster reached through one server.
pub(super) async fn connect(address: &str) -> Arc<Cluster> {
    Cluster::connect(options(&[address])).await.unwrap()
}
