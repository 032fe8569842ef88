//! For tests: a peer on a listener of its own that says what a script tells it to.

use bytes::Bytes;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket};

use crate::net::framed::{FrameReader, write_frame};
use crate::wire::api::Request;
use crate::wire::frame::encode_response;
use crate::wire::header::RequestHeader;
use crate::wire::messages::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use crate::wire::messages::metadata::{MetadataRequest, MetadataResponse};

/// A peer that accepts one connection and speaks as `script` says; gives its address.
pub(super) async fn peer<F>(script: impl FnOnce(Peer) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (reader, writer) = stream.into_split();
        script(Peer { requests: FrameReader::new(reader, 1 << 20), writer }).await;
    });
    address
}

/// One accepted connection.
pub(super) struct Peer {
    pub(super) requests: FrameReader<OwnedReadHalf>,
    pub(super) writer: OwnedWriteHalf,
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

    /// Answers ApiVersions: this peer serves Metadata at versions 1 to 5.
    pub(super) async fn negotiate(&mut self) {
        let (_, version, id) = self.next().await;
        self.answer::<ApiVersionsRequest>(&serves(&[(18, 0, 4), (3, 1, 5)]), version, id).await;
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
