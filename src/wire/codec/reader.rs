//! Reads a message off the front of a buffer, within bounds.

use bytes::{Buf, Bytes};

use super::{Context, DecodeError, MAX_STRING_BYTES};

/// How many bytes of memory one byte of input may turn into while it is decoded.
pub const ALLOCATION_FACTOR: usize = 16;

/// What a [`Reader`] may allocate beyond [`ALLOCATION_FACTOR`] times its input, in bytes, so that
/// tiny messages with a single wide element decode too.
pub const ALLOCATION_SLACK: usize = 4096;

/// The part of [`ALLOCATION_SLACK`] that is kept for the count of who shares the input.
const SHARING_BYTES: usize = 64;

/// Reads primitives off the front of a buffer; slices of it are shared, not copied.
#[derive(Debug)]
pub struct Reader {
    pub(super) bytes: Bytes,
    allocation_left: usize,
}

impl Reader {
    /// A reader over a whole message.
    pub fn new(bytes: Bytes) -> Self {
        let allocation_left = bytes
            .len()
            .saturating_mul(ALLOCATION_FACTOR)
            .saturating_add(ALLOCATION_SLACK - SHARING_BYTES);
        Self { bytes, allocation_left }
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The end of a message: an error if there are bytes left.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(DecodeError::TrailingBytes(left)),
        }
    }

    /// The next `length` bytes, shared with the input.
    pub fn take(&mut self, length: usize) -> Result<Bytes, DecodeError> {
        self.need(length)?;
        Ok(self.bytes.split_to(length))
    }

    /// An error unless there are `length` bytes left.
    pub(super) fn need(&self, length: usize) -> Result<(), DecodeError> {
        let left = self.remaining();
        if length > left {
            return Err(DecodeError::Truncated { needed: length, left });
        }
        Ok(())
    }

    /// An unsigned variable-length integer of at most 32 bits.
    pub fn unsigned_varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0u32;
        for shift in (0..35).step_by(7) {
            let byte = self.bytes.try_get_u8()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0x0f {
                return Err(DecodeError::VarintTooLong);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DecodeError::VarintTooLong)
    }

    /// The length of a string.
    pub(super) fn string_length(&mut self, context: Context) -> Result<Option<usize>, DecodeError> {
        let length = match context.flexible {
            true => self.compact_length()?,
            false => classic_length(self.bytes.try_get_i16()?.into())?,
        };
        match length {
            Some(length) if length > MAX_STRING_BYTES => Err(DecodeError::StringTooLong(length)),
            length => Ok(length),
        }
    }

    /// The length of bytes, or the count of an array.
    pub(super) fn length(&mut self, context: Context) -> Result<Option<usize>, DecodeError> {
        match context.flexible {
            true => self.compact_length(),
            false => classic_length(self.bytes.try_get_i32()?.into()),
        }
    }

    fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        let plus_one = self.unsigned_varint()?;
        Ok(plus_one.checked_sub(1).map(|length| length as usize))
    }

    /// Takes `size` bytes out of what this reader may still allocate.
    pub(super) fn charge(&mut self, size: usize) -> Result<(), DecodeError> {
        self.allocation_left =
            self.allocation_left.checked_sub(size).ok_or(DecodeError::TooManyElements)?;
        Ok(())
    }

    /// Reads the tagged fields at the end of a struct (KIP-482). `known` reads those whose number
    /// it knows and says whether it did; unknown ones are skipped.
    pub fn tagged_fields(
        &mut self,
        mut known: impl FnMut(u32, &mut Reader) -> Result<bool, DecodeError>,
    ) -> Result<(), DecodeError> {
        let count = self.unsigned_varint()?;
        let mut previous = None;
        for _ in 0..count {
            let tag = self.unsigned_varint()?;
            if previous.is_some_and(|previous| previous >= tag) {
                return Err(DecodeError::TagsOutOfOrder);
            }
            previous = Some(tag);
            let size = self.unsigned_varint()? as usize;
            let bytes = self.take(size)?;
            let mut field = Reader { bytes, allocation_left: self.allocation_left };
            if known(tag, &mut field)? {
                self.allocation_left = field.allocation_left;
                field.finish()?;
            }
        }
        Ok(())
    }
}

/// A length that is not compact: -1 stands for null.
fn classic_length(length: i64) -> Result<Option<usize>, DecodeError> {
    match length {
        -1 => Ok(None),
        _ => usize::try_from(length).map(Some).map_err(|_| DecodeError::NegativeLength(length)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_length_integer_has_at_most_32_bits() {
        let mut reader = Reader::new(Bytes::from_static(b"\xff\xff\xff\xff\x0f"));
        assert_eq!(reader.unsigned_varint(), Ok(u32::MAX));
        let mut reader = Reader::new(Bytes::from_static(b"\xff\xff\xff\xff\x1f"));
        assert_eq!(reader.unsigned_varint(), Err(DecodeError::VarintTooLong));
    }

    #[test]
    fn unknown_tagged_fields_are_skipped() {
        let mut reader = Reader::new(Bytes::from_static(b"\x02\x01\x03abc\x05\0rest"));
        assert_eq!(reader.tagged_fields(|_, _| Ok(false)), Ok(()));
        assert_eq!(reader.remaining(), 4);
    }

    #[test]
    fn tagged_fields_out_of_order_or_twice_are_refused() {
        for bytes in [b"\x02\x05\0\x01\0", b"\x02\x05\0\x05\0"] {
            let mut reader = Reader::new(Bytes::from_static(bytes));
            let result = reader.tagged_fields(|_, _| Ok(false));
            assert_eq!(result, Err(DecodeError::TagsOutOfOrder));
        }
    }

    #[test]
    fn a_known_tagged_field_with_bytes_left_over_is_refused() {
        let mut reader = Reader::new(Bytes::from_static(b"\x01\0\x02ab"));
        let result = reader.tagged_fields(|_, field| field.take(1).map(|_| true));
        assert_eq!(result, Err(DecodeError::TrailingBytes(1)));
    }
}
