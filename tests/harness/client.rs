//! A client that says exactly what it is told to, and nothing else.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use bytes::Bytes;
use kf::wire::api::Request;
use kf::wire::frame::{decode_response, encode_request};

use super::PATIENCE;

/// What it calls itself unless told otherwise.
const CLIENT_ID: &str = "tester";

/// One connection.
pub(crate) struct Client {
    /// What the client calls itself.
    pub(crate) client_id: String,
    stream: TcpStream,
    last_id: i32,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout that can be set");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout that can be set");
        stream.set_nodelay(true).expect("a delay that can be turned off");
        Self { client_id: CLIENT_ID.to_owned(), stream, last_id: 0 }
    }

    /// Asks, and waits for the answer.
    #[track_caller]
    pub(crate) fn send<R: Request>(&mut self, request: R, version: i16) -> R::Response {
        let id = self.write(&request, version);
        let (answered, response) = self.read::<R>(version);
        assert_eq!(answered, id, "the answer belongs to another request");
        response
    }

    /// Asks without waiting; gives the correlation id.
    #[track_caller]
    pub(crate) fn write<R: Request>(&mut self, request: &R, version: i16) -> i32 {
        self.last_id += 1;
        let frame = encode_request(request, version, self.last_id, &self.client_id)
            .unwrap_or_else(|error| panic!("{:?} {version}: {error}", R::KEY));
        self.write_frame(&frame.into_bytes());
        self.last_id
    }

    /// The next answer and its correlation id. It must be an answer to `R` to its last byte.
    #[track_caller]
    pub(crate) fn read<R: Request>(&mut self, version: i16) -> (i32, R::Response) {
        let (header, response) = decode_response::<R>(self.read_frame(), version)
            .unwrap_or_else(|error| panic!("{:?} {version}: {error}", R::KEY));
        (header.correlation_id, response)
    }

    /// Sends any bytes behind their length.
    #[track_caller]
    pub(crate) fn write_frame(&mut self, frame: &[u8]) {
        let length = i32::try_from(frame.len()).expect("a frame that has a length");
        self.write_bytes(&[&length.to_be_bytes(), frame].concat());
    }

    /// Sends any bytes.
    #[track_caller]
    pub(crate) fn write_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("a peer that reads");
    }

    /// The next frame, without its length.
    #[track_caller]
    pub(crate) fn read_frame(&mut self) -> Bytes {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).expect("a frame's length");
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).expect("a frame's bytes");
        frame.into()
    }

    /// Says that nothing more will come, and goes on listening.
    pub(crate) fn finish_writing(&self) {
        // The peer may have closed the connection already.
        drop(self.stream.shutdown(Shutdown::Write));
    }

    /// Reads until the peer closes the connection, whatever it says before.
    #[track_caller]
    pub(crate) fn read_to_the_end(&mut self) {
        match self.stream.read_to_end(&mut Vec::new()) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the connection was not closed: {error}"),
        }
    }

    /// Waits until the peer closes the connection, having said nothing more.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        match self.stream.read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => panic!("an answer came in place of the end"),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("the connection was not closed: {error}"),
        }
    }
}
