//! One TCP connection to one broker.
//!
//! Requests are pipelined: each carries a correlation id, and the answers find their way back by
//! it. A request may be dropped at any point without harm to others; its answer is then thrown
//! away. When the connection breaks, everyone who waits learns the same cause, and so does
//! everyone who asks later.

use std::collections::HashMap;
use std::io;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::ClientError;
use crate::net::framed::{FrameReader, write_frame};
use crate::wire::api::{ApiKey, Request};
use crate::wire::codec::Writer;
use crate::wire::error::ErrorCode;
use crate::wire::frame::{decode_response, encode_request};
use crate::wire::messages::api_versions::{ApiVersionsRequest, ApiVersionsResponse};

/// The largest answer that is taken. Fetches are bounded far below; the first bytes of TLS, read as
/// a length, are above.
const MAX_RESPONSE_BYTES: usize = 256 * 1024 * 1024;

/// An open connection whose peer has said which APIs it serves.
#[derive(Debug)]
pub struct Connection {
    address: String,
    client_id: String,
    request_timeout: Duration,
    versions: ApiVersionsResponse,
    next_correlation_id: AtomicI32,
    outgoing: mpsc::UnboundedSender<Writer>,
    waiting: Arc<Waiting>,
    /// Reading and writing; both end with the connection.
    _tasks: JoinSet<()>,
}

impl Connection {
    /// Connects to `host:port` and asks for the versions of all APIs, all within `bound`.
    ///
    /// # Errors
    /// What is wrong with the address or the peer: nobody listens, no answer within the bound,
    /// TLS or HTTP in place of Kafka's protocol.
    pub async fn open(
        address: &str,
        client_id: &str,
        bound: Duration,
        request_timeout: Duration,
    ) -> Result<Self, ClientError> {
        let mut expected = "accept a connection";
        let opening = async {
            let stream = TcpStream::connect(address)
                .await
                .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
                .map_err(|cause| unreachable(address, cause))?;
            expected = "answer ApiVersions";
            let mut connection = Self::over(stream, address, client_id, request_timeout);
            connection.versions = connection.negotiate().await?;
            Ok(connection)
        };
        let result = timeout(bound, opening).await;
        result.unwrap_or_else(|_| {
            Err(ClientError::TimedOut {
                address: address.to_owned(),
                expected: expected.to_owned(),
                after: bound,
            })
        })
    }

    fn over(stream: TcpStream, address: &str, client_id: &str, request_timeout: Duration) -> Self {
        let (reader, writer) = stream.into_split();
        let (outgoing, frames) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(read_answers(reader, address.to_owned(), Arc::clone(&waiting)));
        tasks.spawn(write_requests(writer, frames, address.to_owned(), Arc::clone(&waiting)));
        Self {
            address: address.to_owned(),
            client_id: client_id.to_owned(),
            request_timeout,
            versions: ApiVersionsResponse::default(),
            next_correlation_id: AtomicI32::new(0),
            outgoing,
            waiting,
            _tasks: tasks,
        }
    }

    /// Asks for the versions at the highest version this client knows. A broker that does not know
    /// it answers with an error at version 0 and the range that it does know (KIP-511).
    async fn negotiate(&self) -> Result<ApiVersionsResponse, ClientError> {
        let request = ApiVersionsRequest {
            client_software_name: "kf".to_owned(),
            client_software_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let newest = *ApiKey::ApiVersions.versions().end();
        let frame = self.exchange(&request, newest).await?;
        let answer = match carries_unsupported_version(&frame) {
            false => self.decode::<ApiVersionsRequest>(frame, newest)?,
            true => {
                let refusal = self.decode::<ApiVersionsRequest>(frame, 0)?;
                let version = offered(&refusal, ApiKey::ApiVersions)
                    .map_or(0, |range| (*range.end()).clamp(0, newest));
                let frame = self.exchange(&request, version).await?;
                self.decode::<ApiVersionsRequest>(frame, version)?
            }
        };
        ClientError::check(answer.error_code, None)?;
        Ok(answer)
    }

    /// Host and port of the peer, as they were given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What the broker said it serves.
    pub fn api_versions(&self) -> &ApiVersionsResponse {
        &self.versions
    }

    /// Whether requests can still be sent.
    pub fn is_open(&self) -> bool {
        self.waiting.lock().closed.is_none()
    }

    /// The highest version of an API that both sides know.
    pub fn version(&self, api: ApiKey) -> Result<i16, ClientError> {
        self.version_within(api, api.versions())
    }

    /// The highest version in `needed` that both sides know.
    pub fn version_within(
        &self,
        api: ApiKey,
        needed: RangeInclusive<i16>,
    ) -> Result<i16, ClientError> {
        let address = || self.address.clone();
        let offered = offered(&self.versions, api)
            .ok_or_else(|| ClientError::UnsupportedApi { address: address(), api })?;
        let known = api.versions();
        let highest = *offered.end().min(needed.end()).min(known.end());
        let lowest = *offered.start().max(needed.start()).max(known.start());
        match highest >= lowest {
            true => Ok(highest),
            false => {
                Err(ClientError::UnsupportedVersion { address: address(), api, offered, needed })
            }
        }
    }

    /// Sends a request at the highest version both sides know and waits for its answer.
    pub async fn request<R: Request>(&self, request: &R) -> Result<R::Response, ClientError> {
        self.request_at(request, self.version(R::KEY)?).await
    }

    /// Sends a request at a version (one of [`Connection::version`]) and waits for its answer, at
    /// most for the request timeout.
    pub async fn request_at<R: Request>(
        &self,
        request: &R,
        version: i16,
    ) -> Result<R::Response, ClientError> {
        let frame = timeout(self.request_timeout, self.exchange(request, version)).await.map_err(
            |_| ClientError::TimedOut {
                address: self.address.clone(),
                expected: format!("answer {}", R::KEY.name()),
                after: self.request_timeout,
            },
        )??;
        self.decode::<R>(frame, version)
    }

    async fn exchange<R: Request>(&self, request: &R, version: i16) -> Result<Bytes, ClientError> {
        let correlation_id = self.next_correlation_id.fetch_add(1, Ordering::Relaxed);
        let message =
            encode_request(request, version, correlation_id, &self.client_id).map_err(|cause| {
                ClientError::Unsendable { api: R::KEY, version, cause: cause.to_string() }
            })?;
        let answer = self.waiting.expect(correlation_id)?;
        // A writer that is gone has left its cause with `waiting`, which drops `answer`.
        let _ = self.outgoing.send(message);
        answer.await.map_err(|_| self.waiting.cause(&self.address))
    }

    fn decode<R: Request>(&self, frame: Bytes, version: i16) -> Result<R::Response, ClientError> {
        decode_response::<R>(frame, version).map(|(_, response)| response).map_err(|cause| {
            ClientError::Protocol {
                address: self.address.clone(),
                cause: format!("{} version {version}: {cause}", R::KEY.name()),
            }
        })
    }
}

fn unreachable(address: &str, cause: io::Error) -> ClientError {
    match cause.kind() {
        io::ErrorKind::InvalidInput => ClientError::InvalidAddress(address.to_owned()),
        _ => ClientError::Unreachable { address: address.to_owned(), cause: Arc::new(cause) },
    }
}

/// The versions of an API that a broker serves.
fn offered(versions: &ApiVersionsResponse, api: ApiKey) -> Option<RangeInclusive<i16>> {
    let row = versions.api_keys.iter().find(|row| row.api_key == api.number())?;
    Some(row.min_version..=row.max_version)
}

/// Whether an answer to ApiVersions says that its version is not known. The code stands in the
/// same place at all versions: behind the correlation id.
fn carries_unsupported_version(frame: &[u8]) -> bool {
    frame.get(4..6) == Some(&ErrorCode::UNSUPPORTED_VERSION.0.to_be_bytes())
}

/// The requests of one connection that have no answer yet.
#[derive(Debug, Default)]
struct Waiting(Mutex<WaitingState>);

#[derive(Debug, Default)]
struct WaitingState {
    answers: HashMap<i32, oneshot::Sender<Bytes>>,
    /// Why there will be no more answers.
    closed: Option<ClientError>,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, WaitingState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for an answer.
    fn expect(&self, correlation_id: i32) -> Result<oneshot::Receiver<Bytes>, ClientError> {
        let mut state = self.lock();
        if let Some(cause) = &state.closed {
            return Err(cause.clone());
        }
        let (sender, receiver) = oneshot::channel();
        state.answers.insert(correlation_id, sender);
        Ok(receiver)
    }

    /// Hands an answer to whoever waits for it; false if nobody ever asked.
    fn deliver(&self, correlation_id: i32, frame: Bytes) -> bool {
        match self.lock().answers.remove(&correlation_id) {
            // Whoever has stopped waiting does not want the answer.
            Some(sender) => {
                let _ = sender.send(frame);
                true
            }
            None => false,
        }
    }

    /// Ends all waiting. The first cause stays.
    fn close(&self, cause: ClientError) {
        let mut state = self.lock();
        state.closed.get_or_insert(cause);
        state.answers.clear();
    }

    fn cause(&self, address: &str) -> ClientError {
        self.lock().closed.clone().unwrap_or_else(|| closed_by_peer(address))
    }
}

fn closed_by_peer(address: &str) -> ClientError {
    let cause = io::Error::new(io::ErrorKind::UnexpectedEof, "the peer closed it");
    ClientError::Disconnected { address: address.to_owned(), cause: Arc::new(cause) }
}

async fn read_answers(stream: OwnedReadHalf, address: String, waiting: Arc<Waiting>) {
    let mut frames = FrameReader::new(stream, MAX_RESPONSE_BYTES);
    let cause = loop {
        let frame = match frames.read().await {
            Ok(Some(frame)) => frame,
            Ok(None) => break closed_by_peer(&address),
            Err(error) => break ClientError::from_frame(&address, error),
        };
        let delivered = frame
            .first_chunk()
            .is_some_and(|id| waiting.deliver(i32::from_be_bytes(*id), frame.clone()));
        if !delivered {
            let cause = "an answer to nothing that was asked".to_owned();
            break ClientError::Protocol { address, cause };
        }
    };
    waiting.close(cause);
}

async fn write_requests(
    mut stream: OwnedWriteHalf,
    mut frames: mpsc::UnboundedReceiver<Writer>,
    address: String,
    waiting: Arc<Waiting>,
) {
    while let Some(frame) = frames.recv().await {
        if let Err(cause) = write_frame(&mut stream, frame).await {
            // A peer that closes may have said why just before: the reader comes to that, and then
            // to the end. Only a frame that cannot be sent at all leaves the reader with nothing.
            if cause.kind() == io::ErrorKind::InvalidInput {
                waiting.close(ClientError::Disconnected { address, cause: Arc::new(cause) });
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests;
