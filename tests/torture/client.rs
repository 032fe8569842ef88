//! A client that says exactly what it is told to, and takes a broker that goes away for an answer.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use kf::wire::api::Request;
use kf::wire::frame::{decode_response, encode_request};

/// How long an answer is waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// The largest answer that is taken.
const MAX_ANSWER_BYTES: usize = 256 << 20;

/// A connection that is opened when it is needed.
pub(crate) struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    last_id: i32,
    answer_limit: Duration,
}

impl Client {
    /// Nothing is connected yet.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, last_id: 0, answer_limit: ANSWER_LIMIT }
    }

    /// The same, waiting that long for each answer.
    pub(crate) fn with_answer_limit(self, answer_limit: Duration) -> Self {
        Self { answer_limit, ..self }
    }

    /// Whether the next request goes over a connection that exists.
    pub(crate) fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// Closes the connection, if there is one.
    pub(crate) fn disconnect(&mut self) {
        self.stream = None;
    }

    /// Asks, and waits for the answer. After an error the next call connects anew.
    pub(crate) fn ask<R: Request>(&mut self, request: &R, version: i16) -> io::Result<R::Response> {
        let answer = self.try_to_ask(request, version);
        if answer.is_err() {
            self.disconnect();
        }
        answer
    }

    fn try_to_ask<R: Request>(&mut self, request: &R, version: i16) -> io::Result<R::Response> {
        self.last_id += 1;
        let frame = encode_request(request, version, self.last_id, "torture")
            .map_err(io::Error::other)?
            .into_bytes();
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(connect(self.address, self.answer_limit)?),
        };
        let length = i32::try_from(frame.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes()[..], &frame].concat())?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_ANSWER_BYTES {
            return Err(io::Error::other(format!("an answer of {length} bytes")));
        }
        let mut frame = vec![0; length];
        stream.read_exact(&mut frame)?;
        let (header, response) =
            decode_response::<R>(frame.into(), version).map_err(io::Error::other)?;
        match header.correlation_id == self.last_id {
            true => Ok(response),
            false => Err(io::Error::other("the answer belongs to another request")),
        }
    }
}

fn connect(address: SocketAddr, answer_limit: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, answer_limit)?;
    stream.set_read_timeout(Some(answer_limit))?;
    stream.set_write_timeout(Some(answer_limit))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
