//! One client's connection: frames in, answers out, always in request order.
//!
//! A request is taken off the wire when the one before it has been answered or, for Produce with
//! acks=all, has been appended: what must happen in order happens in order, and a sync to disk does
//! not hold up the next append. At most [`MAX_UNANSWERED`] requests are ahead of their answers.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::context::{Caller, Context};
use super::dispatch::{self, BoxFuture, Call, CallError, Reply};
use super::handlers::api_versions;
use crate::net::framed::{FrameError, FrameReader, write_frame};
use crate::wire::api::ApiKey;
use crate::wire::codec::{DecodeError, Reader, Writer};
use crate::wire::header::RequestHeader;

/// How many requests of a connection may wait for their answers.
const MAX_UNANSWERED: usize = 64;

/// Why a connection is closed from this side.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("a request of {0} bytes is too short for a header")]
    NoHeader(usize),
    #[error("its request header cannot be decoded: {0}")]
    Header(DecodeError),
    #[error("API {api_key} version {version} is not served{client}")]
    NotServed { api_key: i16, version: i16, client: String },
    #[error("its {api:?} request of version {version} {cause}")]
    Call { api: ApiKey, version: i16, cause: CallError },
}

/// An answer that has its place in the order.
type Pending = BoxFuture<Option<Writer>>;

/// Serves a client until it goes away or sends what cannot be answered.
pub async fn serve(context: Arc<Context>, stream: TcpStream, peer: SocketAddr) {
    // Small answers leave at once; failing to say so costs latency only.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let (read_half, write_half) = stream.into_split();
    let (answers, pending) = mpsc::channel(MAX_UNANSWERED);
    let connection = Connection {
        frames: FrameReader::new(read_half, context.config().socket_request_max_bytes as usize),
        caller: Caller::new(peer, local),
        context,
        answers,
    };
    let writer = tokio::spawn(write_answers(write_half, pending));
    match connection.run().await {
        Ok(()) => tracing::debug!(%peer, "closed"),
        Err(ConnectionError::Frame(FrameError::Io(error))) => {
            tracing::debug!(%peer, %error, "connection lost");
        }
        Err(error) => tracing::warn!(%peer, "connection closed: {error}"),
    }
    // The writer ends by itself: its channel is closed now.
    if let Err(error) = writer.await {
        tracing::error!(%peer, %error, "writing answers failed");
    }
}

/// Sends answers in the order in which their requests came.
async fn write_answers(mut stream: OwnedWriteHalf, mut pending: mpsc::Receiver<Pending>) {
    while let Some(answer) = pending.recv().await {
        let Some(frame) = answer.await else { return };
        if write_frame(&mut stream, frame).await.is_err() {
            return;
        }
    }
}

struct Connection {
    context: Arc<Context>,
    caller: Caller,
    frames: FrameReader<OwnedReadHalf>,
    answers: mpsc::Sender<Pending>,
}

impl Connection {
    async fn run(mut self) -> Result<(), ConnectionError> {
        loop {
            let frame = tokio::select! {
                frame = self.frames.read() => frame?,
                () = self.answers.closed() => return Ok(()),
            };
            let Some(frame) = frame else { return Ok(()) };
            let answer: Pending = match self.answer(frame).await? {
                Reply::Now(frame) => Box::pin(async move { Some(frame) }),
                Reply::Later(frame) => Box::pin(async move {
                    frame.await.inspect_err(|error| tracing::error!("a response {error}")).ok()
                }),
                Reply::Nothing => continue,
                Reply::Close => return Ok(()),
            };
            if self.answers.send(answer).await.is_err() {
                return Ok(());
            }
        }
    }

    async fn answer(&mut self, frame: Bytes) -> Result<Reply, ConnectionError> {
        let length = frame.len();
        let (api_key, version) =
            RequestHeader::peek(&frame).ok_or(ConnectionError::NoHeader(length))?;
        let mut body = Reader::new(frame);
        let Some(api) = dispatch::find(api_key, version) else {
            return self.refuse(api_key, version, body);
        };
        let header = RequestHeader::decode(&mut body, api.key.request_header_version(version))
            .map_err(ConnectionError::Header)?;
        self.caller.client_id = header.client_id.unwrap_or_default();
        let call = Call {
            context: self.context.clone(),
            caller: Arc::new(self.caller.clone()),
            version,
            correlation_id: header.correlation_id,
            body,
        };
        (api.serve)(call).await.map_err(|cause| ConnectionError::Call {
            api: api.key,
            version,
            cause,
        })
    }

    /// ApiVersions at an unknown version is answered at version 0 with what is served, so that the
    /// client can ask again (KIP-511). There is no such answer for other APIs.
    fn refuse(
        &self,
        api_key: i16,
        version: i16,
        mut frame: Reader,
    ) -> Result<Reply, ConnectionError> {
        // Whatever the version, the header starts with the fields of version 1.
        let header = RequestHeader::decode(&mut frame, 1).map_err(ConnectionError::Header)?;
        if api_key == ApiKey::ApiVersions.number() {
            return Ok(Reply::Now(api_versions::unsupported_version(header.correlation_id)));
        }
        let client = match header.client_id {
            Some(client_id) => format!(" (client id {client_id:?})"),
            None => String::new(),
        };
        Err(ConnectionError::NotServed { api_key, version, client })
    }
}
