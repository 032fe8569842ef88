//! Collects a message, without copying what is large.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Context, EncodeError, MAX_STRING_BYTES};

/// From this size on, bytes are handed on as a slice of their own instead of being copied.
const ZERO_COPY_MIN_BYTES: usize = 1024;

/// Collects a message as a list of byte slices: small fields in one buffer, large ones shared.
#[derive(Debug, Default)]
pub struct Writer {
    parts: Vec<Bytes>,
    parts_length: usize,
    pub(super) buffer: BytesMut,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes have been written.
    pub fn len(&self) -> usize {
        self.parts_length + self.buffer.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a copy of `slice`.
    pub fn put_slice(&mut self, slice: &[u8]) {
        self.buffer.put_slice(slice);
    }

    /// Appends `bytes`, shared instead of copied when they are many.
    pub fn put_bytes(&mut self, bytes: &Bytes) {
        if bytes.len() < ZERO_COPY_MIN_BYTES {
            self.put_slice(bytes);
            return;
        }
        self.finish_buffer();
        self.push_part(bytes.clone());
    }

    /// Appends all that `other` holds.
    pub fn put_writer(&mut self, other: Writer) {
        for part in other.into_parts() {
            self.put_bytes(&part);
        }
    }

    /// The message as a list of slices, in order.
    pub fn into_parts(mut self) -> Vec<Bytes> {
        self.finish_buffer();
        self.parts
    }

    /// The message as one slice; copies if there is more than one part.
    pub fn into_bytes(self) -> Bytes {
        let mut parts = self.into_parts();
        if parts.len() == 1 {
            return parts.remove(0);
        }
        parts.concat().into()
    }

    fn finish_buffer(&mut self) {
        if !self.buffer.is_empty() {
            let part = self.buffer.split().freeze();
            self.push_part(part);
        }
    }

    fn push_part(&mut self, part: Bytes) {
        self.parts_length += part.len();
        self.parts.push(part);
    }

    /// Appends an unsigned variable-length integer.
    pub fn put_unsigned_varint(&mut self, mut value: u32) {
        while value >= 0x80 {
            self.buffer.put_u8((value as u8 & 0x7f) | 0x80);
            value >>= 7;
        }
        self.buffer.put_u8(value as u8);
    }

    /// Appends the length of a string; `None` stands for null.
    pub(super) fn put_string_length(
        &mut self,
        length: Option<usize>,
        context: Context,
    ) -> Result<(), EncodeError> {
        let length = within(length, MAX_STRING_BYTES)?;
        match context.flexible {
            true => self.put_compact_length(length),
            false => self.buffer.put_i16(length.map_or(-1, |length| length as i16)),
        }
        Ok(())
    }

    /// Appends the length of bytes, or the count of an array; `None` stands for null.
    pub(super) fn put_length(
        &mut self,
        length: Option<usize>,
        context: Context,
    ) -> Result<(), EncodeError> {
        let length = within(length, i32::MAX as usize)?;
        match context.flexible {
            true => self.put_compact_length(length),
            false => self.buffer.put_i32(length.map_or(-1, |length| length as i32)),
        }
        Ok(())
    }

    fn put_compact_length(&mut self, length: Option<usize>) {
        self.put_unsigned_varint(length.map_or(0, |length| length as u32 + 1));
    }
}

/// The same length, unless it is more than `max`.
fn within(length: Option<usize>, max: usize) -> Result<Option<usize>, EncodeError> {
    match length {
        Some(length) if length > max => Err(EncodeError::TooLong(length)),
        length => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_bytes_are_shared_and_keep_their_place() {
        let large = Bytes::from(vec![7; 5000]);
        let mut writer = Writer::new();
        writer.put_slice(b"ab");
        writer.put_bytes(&large);
        writer.put_slice(b"cd");
        assert_eq!(writer.len(), 5004);
        let parts = writer.into_parts();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[1].as_ptr(), large.as_ptr());
        assert_eq!(parts.concat()[5002..], *b"cd");
    }
}
