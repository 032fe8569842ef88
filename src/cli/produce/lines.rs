//! Lines of any bytes, ended as Java's `BufferedReader.readLine` ends them: by a line feed, a
//! carriage return, or both; the last one needs no end.

use std::io::{self, BufRead, Read};

/// The longest line that is taken, in bytes: no broker and no client lets a larger record pass.
pub(super) const MAX_LINE_BYTES: usize = 1_000_000_000;

/// Reads lines off a stream.
pub(super) struct Lines<R> {
    input: R,
    max_bytes: usize,
    /// What has been read up to a line feed or the end; `next` is where the next line starts.
    chunk: Vec<u8>,
    next: usize,
    bytes_read: u64,
}

impl<R: BufRead> Lines<R> {
    /// Takes the stream; a line of more than `max_bytes` is an error.
    pub(super) fn new(input: R, max_bytes: usize) -> Self {
        Self { input, max_bytes, chunk: Vec::new(), next: 0, bytes_read: 0 }
    }

    /// The next line without its end, or `None` at the end of the stream.
    ///
    /// # Errors
    /// The stream fails, or a line is too long ([`io::ErrorKind::InvalidData`]).
    pub(super) fn next_line(&mut self) -> io::Result<Option<&[u8]>> {
        if self.next >= self.chunk.len() && !self.fill()? {
            return Ok(None);
        }
        let start = self.next;
        let rest = self.chunk.get(start..).unwrap_or_default();
        // Carriage returns inside a line are rare, and `contains` scans many bytes at a time.
        let end = match rest.contains(&b'\r') {
            true => rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')),
            false if rest.ends_with(b"\n") => Some(rest.len() - 1),
            false => None,
        };
        let length = end.unwrap_or(rest.len());
        let terminator = match rest.get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            _ => 1,
        };
        self.next = start + length + terminator;
        Ok(self.chunk.get(start..start + length))
    }

    /// How many bytes have been taken off the stream, up to a line feed.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Reads on to the next line feed; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        self.chunk.clear();
        self.next = 0;
        let limit = self.max_bytes as u64 + 2;
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.chunk)?;
        self.bytes_read += read as u64;
        if read as u64 == limit && !self.chunk.ends_with(b"\n") {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a line of more than {} bytes", self.max_bytes),
            ));
        }
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8], buffer_bytes: usize) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(io::BufReader::with_capacity(buffer_bytes, bytes), 100);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push(line.to_vec());
        }
        assert_eq!(lines.bytes_read(), bytes.len() as u64);
        all
    }

    #[test]
    fn line_feed_carriage_return_and_both_end_a_line() {
        for buffer_bytes in 1..20 {
            assert_eq!(
                lines(b"a\nb\r\nc\rd\n\r\n\re", buffer_bytes),
                [&b"a"[..], b"b", b"c", b"d", b"", b"", b"e"],
                "buffer of {buffer_bytes}"
            );
        }
    }

    #[test]
    fn the_last_line_needs_no_end() {
        assert_eq!(lines(b"a\nb", 8), [b"a", b"b"]);
        assert_eq!(lines(b"a\nb\n", 8), [b"a", b"b"]);
        assert_eq!(lines(b"a\r", 8), [b"a"]);
        assert_eq!(lines(b"", 8), [b""; 0]);
        assert_eq!(lines(b"\n", 8), [b""]);
    }

    #[test]
    fn bytes_of_all_kinds_go_through() {
        let every: Vec<u8> = (0..=255).filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        assert_eq!(Lines::new(&every[..], 300).next_line().unwrap(), Some(&every[..]));
    }

    #[test]
    fn a_line_that_is_too_long_is_an_error_and_not_memory() {
        let mut endless = Lines::new(io::BufReader::new(io::repeat(b'x')), 1000);
        let error = endless.next_line().unwrap_err();
        assert_eq!(error.to_string(), "a line of more than 1000 bytes");
        let mut longest = Lines::new(&[b'x'; 1000][..], 1000);
        assert_eq!(longest.next_line().unwrap().map(<[u8]>::len), Some(1000));
    }
}
