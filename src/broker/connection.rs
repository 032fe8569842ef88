//! One client's connection: frames in, answers out, always in request order.
//!
//! A request is served when the answer to the one before it has left, as in Kafka. Only a Produce
//! may follow another whose batches are in the queues of their logs: their order is fixed then, and
//! a sync to disk does not hold up the next append. At most [`MAX_UNANSWERED`] of them, with
//! [`MAX_UNANSWERED_BYTES`], are ahead of their answers; a client that does not read its answers
//! cannot make the broker keep more and more of them.
//!
//! A client has `connections.max.idle.ms` to send its next request whole, and as long to take an
//! answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::context::{Caller, Context};
use super::dispatch::{self, BoxFuture, Call, CallError, Reply};
use super::handlers::api_versions;
use crate::net::framed::{FrameError, FrameReader, write_frame};
use crate::wire::api::ApiKey;
use crate::wire::codec::{DecodeError, Reader, Writer};
use crate::wire::header::RequestHeader;

/// How many requests of a connection may wait for their answers.
const MAX_UNANSWERED: usize = 64;

/// How many bytes of requests of a connection may wait for their answers before the next one is
/// served; one more request of any size may come on top.
const MAX_UNANSWERED_BYTES: usize = 16 << 20;

/// Why a connection is closed from this side.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectionError {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("no whole request came within {0:?}")]
    Idle(Duration),
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
struct Pending {
    frame: BoxFuture<Option<Writer>>,
    /// Told when the frame has left; dropped if it never will.
    left: oneshot::Sender<()>,
}

/// Serves a client until it goes away or sends what cannot be answered.
pub async fn serve(context: Arc<Context>, stream: TcpStream, peer: SocketAddr) {
    // Small answers leave at once; failing to say so costs latency only.
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let (read_half, write_half) = stream.into_split();
    let (answers, pending) = mpsc::channel(MAX_UNANSWERED);
    let config = context.config();
    // A negative number stands for no limit, as in Kafka.
    let max_idle = u64::try_from(config.connections_max_idle_ms);
    let max_idle = max_idle.map_or(Duration::MAX, Duration::from_millis);
    let connection = Connection {
        frames: FrameReader::new(read_half, config.socket_request_max_bytes as usize),
        caller: Caller::new(peer, local),
        context,
        answers,
        last_has_left: None,
        unanswered_bytes: 0,
        max_idle,
    };
    let writer = tokio::spawn(write_answers(write_half, pending, max_idle));
    match connection.run().await {
        Ok(()) => tracing::debug!(%peer, "closed"),
        Err(ConnectionError::Frame(FrameError::Io(error))) => {
            tracing::debug!(%peer, %error, "connection lost");
        }
        Err(error @ ConnectionError::Idle(_)) => tracing::debug!(%peer, "closed: {error}"),
        Err(error) => tracing::warn!(%peer, "connection closed: {error}"),
    }
    // The writer ends by itself: its channel is closed now.
    if let Err(error) = writer.await {
        tracing::error!(%peer, %error, "writing answers failed");
    }
}

/// Sends answers in the order in which their requests came.
async fn write_answers(
    mut stream: OwnedWriteHalf,
    mut pending: mpsc::Receiver<Pending>,
    max_idle: Duration,
) {
    while let Some(Pending { frame, left }) = pending.recv().await {
        let Some(frame) = frame.await else { return };
        match timeout(max_idle, write_frame(&mut stream, frame)).await {
            // If nobody waits for it, a Produce came next.
            Ok(Ok(())) => drop(left.send(())),
            _ => return,
        }
    }
}

struct Connection {
    context: Arc<Context>,
    caller: Caller,
    frames: FrameReader<OwnedReadHalf>,
    answers: mpsc::Sender<Pending>,
    /// Told when the last answer that is not known to have left has left.
    last_has_left: Option<oneshot::Receiver<()>>,
    unanswered_bytes: usize,
    max_idle: Duration,
}

impl Connection {
    async fn run(mut self) -> Result<(), ConnectionError> {
        loop {
            let frame = tokio::select! {
                frame = timeout(self.max_idle, self.frames.read()) => {
                    frame.map_err(|_| ConnectionError::Idle(self.max_idle))??
                }
                () = self.answers.closed() => return Ok(()),
            };
            let Some(frame) = frame else { return Ok(()) };
            if !self.may_follow(&frame) && !self.all_have_left().await {
                return Ok(());
            }
            self.unanswered_bytes += frame.len();
            let frame: BoxFuture<_> = match self.answer(frame).await? {
                Reply::Now(frame) => Box::pin(async move { Some(frame) }),
                Reply::Later(frame) => Box::pin(async move {
                    frame.await.inspect_err(|error| tracing::error!("a response {error}")).ok()
                }),
                Reply::Nothing => continue,
                Reply::Close => return Ok(()),
            };
            let (left, has_left) = oneshot::channel();
            self.last_has_left = Some(has_left);
            if self.answers.send(Pending { frame, left }).await.is_err() {
                return Ok(());
            }
        }
    }

    /// Whether a request may be served before the answers to those before it have left.
    fn may_follow(&self, frame: &[u8]) -> bool {
        let is_produce = RequestHeader::peek(frame)
            .is_some_and(|(api_key, _)| api_key == ApiKey::Produce.number());
        is_produce && self.unanswered_bytes <= MAX_UNANSWERED_BYTES
    }

    /// Waits until all answers have left; false if the client does not take them.
    async fn all_have_left(&mut self) -> bool {
        self.unanswered_bytes = 0;
        match self.last_has_left.take() {
            Some(has_left) => has_left.await.is_ok(),
            None => true,
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
        self.caller.api_version = version;
        let call = Call {
            context: self.context.clone(),
            caller: self.caller.clone(),
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
