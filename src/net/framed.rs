//! Frames on a stream: four bytes of length, then that many bytes.
//!
//! The length is a peer's claim. It is checked against a limit before anything else happens, and
//! memory is taken as bytes arrive, so that a claim alone costs nothing.

use std::io::{self, IoSlice};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::wire::codec::Writer;

/// How much is reserved at most before the bytes for it have arrived.
const RESERVE_AHEAD_BYTES: usize = 64 * 1024;

/// How many slices are handed to the operating system in one call.
const MAX_SLICES: usize = 64;

/// Why no frame could be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream failed, or ended inside a frame.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The peer speaks TLS; the four bytes of a record header were read as a length.
    #[error("the peer speaks TLS, this side does not")]
    Tls,
    /// The peer speaks HTTP.
    #[error("the peer speaks HTTP, not Kafka's protocol")]
    Http,
    /// A length that no frame can have.
    #[error("a frame of {length} bytes was announced, at most {max_bytes} are taken")]
    Length {
        /// What the peer announced.
        length: i32,
        /// The limit on this side.
        max_bytes: usize,
    },
}

impl FrameError {
    /// Names the protocol that the four bytes in place of a length belong to, where they tell.
    fn from_length(prefix: [u8; 4], max_bytes: usize) -> Self {
        match &prefix {
            [0x15 | 0x16, 0x03, 0x00..=0x04, _] => Self::Tls,
            b"HTTP" | b"GET " | b"POST" | b"PUT " | b"HEAD" | b"DELE" | b"OPTI" | b"PRI " => {
                Self::Http
            }
            _ => Self::Length { length: i32::from_be_bytes(prefix), max_bytes },
        }
    }
}

/// Reads frames of at most `max_bytes` off a stream.
#[derive(Debug)]
pub struct FrameReader<R> {
    stream: R,
    buffer: BytesMut,
    max_bytes: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Takes the reading half of a stream.
    pub fn new(stream: R, max_bytes: usize) -> Self {
        Self { stream, buffer: BytesMut::new(), max_bytes }
    }

    /// The next frame without its length; `None` when the peer closed the stream between frames.
    ///
    /// Cancel safe: what has arrived of a frame is kept for the next call.
    pub async fn read(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            let missing = match self.buffer.first_chunk::<4>() {
                None => 4 - self.buffer.len(),
                Some(&prefix) => {
                    let length = self.check_length(prefix)?;
                    if self.buffer.len() >= 4 + length {
                        self.buffer.advance(4);
                        let frame = self.buffer.split_to(length).freeze();
                        if self.buffer.is_empty() {
                            // The frame's bytes then belong to the frame alone.
                            self.buffer = BytesMut::new();
                        }
                        return Ok(Some(frame));
                    }
                    4 + length - self.buffer.len()
                }
            };
            self.buffer.reserve(missing.min(RESERVE_AHEAD_BYTES.max(self.buffer.len())));
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return match self.buffer.is_empty() {
                    true => Ok(None),
                    false => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                };
            }
        }
    }

    fn check_length(&self, prefix: [u8; 4]) -> Result<usize, FrameError> {
        usize::try_from(i32::from_be_bytes(prefix))
            .ok()
            .filter(|length| *length <= self.max_bytes)
            .ok_or_else(|| FrameError::from_length(prefix, self.max_bytes))
    }
}

/// Writes one frame: its length, then all parts of `message`, without copying large parts.
pub async fn write_frame<W: AsyncWrite + Unpin>(stream: &mut W, message: Writer) -> io::Result<()> {
    let length = i32::try_from(message.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a frame of over 2 GiB"))?;
    let mut parts = vec![Bytes::copy_from_slice(&length.to_be_bytes())];
    parts.extend(message.into_parts());
    let mut unsent = parts.as_mut_slice();
    while !unsent.is_empty() {
        let slices: Vec<IoSlice<'_>> =
            unsent.iter().take(MAX_SLICES).map(|part| IoSlice::new(part)).collect();
        let mut written = stream.write_vectored(&slices).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        while let Some(part) = unsent.first_mut() {
            let step = written.min(part.len());
            part.advance(step);
            written -= step;
            if !part.is_empty() {
                break;
            }
            unsent = &mut unsent[1..];
        }
    }
    stream.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_all(bytes: &[u8]) -> Vec<Result<Option<Bytes>, FrameError>> {
        let mut reader = FrameReader::new(bytes, 100);
        let mut results = Vec::new();
        loop {
            let result = reader.read().await;
            let last = !matches!(result, Ok(Some(_)));
            results.push(result);
            if last {
                return results;
            }
        }
    }

    #[tokio::test]
    async fn frames_come_out_as_they_went_in() {
        let mut stream = Vec::new();
        for text in ["one", "", "three"] {
            let mut message = Writer::new();
            message.put_slice(text.as_bytes());
            write_frame(&mut stream, message).await.unwrap();
        }
        let frames: Vec<Bytes> =
            read_all(&stream).await.into_iter().filter_map(|frame| frame.unwrap()).collect();
        assert_eq!(frames, ["one", "", "three"]);
    }

    #[tokio::test]
    async fn many_large_parts_arrive_in_order() {
        let mut message = Writer::new();
        let mut expected = Vec::new();
        for index in 0..200u8 {
            let part = Bytes::from(vec![index; 1500]);
            expected.extend_from_slice(&part);
            message.put_bytes(&part);
        }
        let mut stream = Vec::new();
        write_frame(&mut stream, message).await.unwrap();
        assert_eq!(stream[4..], expected);
    }

    #[tokio::test]
    async fn a_stream_that_ends_inside_a_frame_is_an_error() {
        for cut in 1..7 {
            let results = read_all(&b"\0\0\0\x03abc"[..cut]).await;
            assert!(matches!(results[..], [Err(FrameError::Io(_))]), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn other_protocols_are_named() {
        assert!(matches!(read_all(b"\x16\x03\x01\x02\0").await[..], [Err(FrameError::Tls)]));
        assert!(matches!(read_all(b"GET / HTTP/1.1\r\n").await[..], [Err(FrameError::Http)]));
    }

    #[tokio::test]
    async fn lengths_beyond_the_limit_and_below_zero_are_refused() {
        for prefix in [101i32, i32::MAX, -1, i32::MIN] {
            let results = read_all(&prefix.to_be_bytes()).await;
            assert!(
                matches!(results[..], [Err(FrameError::Length { length, .. })] if length == prefix)
            );
        }
    }
}
