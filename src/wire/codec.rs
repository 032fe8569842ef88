//! Primitive types of the protocol: how each is written and read.
//!
//! Nothing from the wire is trusted. Every length is checked against the bytes that are left before
//! it is used, and what a [`Reader`] may allocate is bounded by [`ALLOCATION_FACTOR`] times the
//! input, so that a small frame with a large count in it costs an error, not memory.

use bytes::{Buf, BufMut, Bytes, BytesMut, TryGetError};

use crate::base::uuid::Uuid;

/// How many bytes of memory one byte of input may turn into while it is decoded.
pub const ALLOCATION_FACTOR: usize = 16;

/// What a [`Reader`] may allocate beyond [`ALLOCATION_FACTOR`] times its input, in bytes, so that
/// tiny messages with a single wide element decode too.
pub const ALLOCATION_SLACK: usize = 4096;

/// The part of [`ALLOCATION_SLACK`] that is kept for the count of who shares the input.
const SHARING_BYTES: usize = 64;

/// Kafka's limit on strings, compact ones included.
const MAX_STRING_BYTES: usize = i16::MAX as usize;

/// From this size on, bytes are handed on as a slice of their own instead of being copied.
const ZERO_COPY_MIN_BYTES: usize = 1024;

/// Why bytes are not the message that they claim to be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A field reaches past the end of the bytes.
    #[error("{needed} bytes needed, {left} left")]
    Truncated {
        /// What the field claims to need.
        needed: usize,
        /// What there is.
        left: usize,
    },
    /// A length below zero where null is not allowed, or below -1.
    #[error("negative length {0}")]
    NegativeLength(i64),
    /// Null for a field that cannot be null in this version.
    #[error("null for a field that cannot be null in version {0}")]
    UnexpectedNull(i16),
    /// A variable-length integer of more bytes than its type can have.
    #[error("a variable-length integer does not end")]
    VarintTooLong,
    /// A string longer than Kafka allows.
    #[error("a string of {0} bytes, more than {MAX_STRING_BYTES}")]
    StringTooLong(usize),
    /// A string that is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// Decoding would allocate more than the input justifies.
    #[error("decoding would allocate more than {ALLOCATION_FACTOR} times the input")]
    TooManyElements,
    /// The tag numbers of tagged fields do not increase.
    #[error("tagged fields out of order")]
    TagsOutOfOrder,
    /// Bytes left over behind the message.
    #[error("{0} bytes left over behind the message")]
    TrailingBytes(usize),
    /// A version that this message does not have.
    #[error("version {version} of {message} is not known")]
    UnknownVersion {
        /// The name in Kafka's schema.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
}

impl From<TryGetError> for DecodeError {
    fn from(error: TryGetError) -> Self {
        Self::Truncated { needed: error.requested, left: error.available }
    }
}

/// Why a message cannot be written at a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The field is set, must not be dropped silently, and does not exist at this version.
    #[error("version {version} of the message has no field {field}")]
    NoSuchField {
        /// Name of the field.
        field: &'static str,
        /// The version asked for.
        version: i16,
    },
    /// Null for a field that cannot be null in this version.
    #[error("null for a field that cannot be null in version {0}")]
    UnexpectedNull(i16),
    /// A string or bytes longer than its length field can say.
    #[error("a field of {0} bytes is too long for the protocol")]
    TooLong(usize),
    /// A version that this message does not have.
    #[error("version {version} of {message} is not known")]
    UnknownVersion {
        /// The name in Kafka's schema.
        message: &'static str,
        /// The version asked for.
        version: i16,
    },
}

/// What a field needs to know of the message around it.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Version of the message.
    pub version: i16,
    /// Whether this version has compact lengths and tagged fields (KIP-482).
    pub flexible: bool,
    /// Whether the field may be null at this version.
    pub nullable: bool,
}

impl Context {
    /// The context of the elements of an array: Kafka has no nullable ones.
    fn element(self) -> Self {
        Self { nullable: false, ..self }
    }
}

/// Reads primitives off the front of a buffer; slices of it are shared, not copied.
#[derive(Debug)]
pub struct Reader {
    bytes: Bytes,
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
    fn need(&self, length: usize) -> Result<(), DecodeError> {
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
            let byte = u8::read_fixed(self)?;
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
    fn string_length(&mut self, context: Context) -> Result<Option<usize>, DecodeError> {
        let length = match context.flexible {
            true => self.compact_length()?,
            false => classic_length(i16::read_fixed(self)?.into())?,
        };
        match length {
            Some(length) if length > MAX_STRING_BYTES => Err(DecodeError::StringTooLong(length)),
            length => Ok(length),
        }
    }

    /// The length of bytes, or the count of an array.
    fn length(&mut self, context: Context) -> Result<Option<usize>, DecodeError> {
        match context.flexible {
            true => self.compact_length(),
            false => classic_length(i32::read_fixed(self)?.into()),
        }
    }

    fn compact_length(&mut self) -> Result<Option<usize>, DecodeError> {
        let plus_one = self.unsigned_varint()?;
        Ok(plus_one.checked_sub(1).map(|length| length as usize))
    }

    /// Takes `size` bytes out of what this reader may still allocate.
    fn charge(&mut self, size: usize) -> Result<(), DecodeError> {
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

/// Collects a message as a list of byte slices: small fields in one buffer, large ones shared.
#[derive(Debug, Default)]
pub struct Writer {
    parts: Vec<Bytes>,
    parts_length: usize,
    buffer: BytesMut,
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
    fn put_string_length(
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
    fn put_length(&mut self, length: Option<usize>, context: Context) -> Result<(), EncodeError> {
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

/// A type that a message field can have.
pub trait Field: Sized {
    /// Appends the value.
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError>;
    /// Reads a value.
    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError>;
}

/// A field type that has a null form on the wire, and so can stand in an [`Option`].
pub trait Nullable: Field {
    /// Appends the value, or null.
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError>;
    /// Reads a value or null.
    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError>;
}

impl<T: Nullable> Field for Option<T> {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        match self {
            None if !context.nullable => Err(EncodeError::UnexpectedNull(context.version)),
            Some(value) if !context.nullable => value.write(writer, context),
            value => T::write_nullable(value.as_ref(), writer, context),
        }
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        if context.nullable {
            return T::read_nullable(reader, context);
        }
        T::read(reader, context).map(Some)
    }
}

/// Reads a value of a type whose null form is a length of its own, where null is not allowed.
fn read_not_null<T: Nullable>(reader: &mut Reader, context: Context) -> Result<T, DecodeError> {
    T::read_nullable(reader, context)?.ok_or(DecodeError::UnexpectedNull(context.version))
}

/// Types of a fixed size, the same in every version.
trait Fixed: Sized {
    fn write_fixed(&self, writer: &mut Writer);
    fn read_fixed(reader: &mut Reader) -> Result<Self, DecodeError>;
}

macro_rules! fixed {
    ($($type:ty: $put:ident, $get:ident;)*) => {$(
        impl Fixed for $type {
            fn write_fixed(&self, writer: &mut Writer) {
                writer.buffer.$put(*self);
            }
            fn read_fixed(reader: &mut Reader) -> Result<Self, DecodeError> {
                Ok(reader.bytes.$get()?)
            }
        }
        fixed!(@field $type);
    )*};
    (@field $type:ty) => {
        impl Field for $type {
            fn write(&self, writer: &mut Writer, _: Context) -> Result<(), EncodeError> {
                self.write_fixed(writer);
                Ok(())
            }
            fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
                Self::read_fixed(reader)
            }
        }
    };
}

fixed! {
    u8: put_u8, try_get_u8;
    i8: put_i8, try_get_i8;
    i16: put_i16, try_get_i16;
    u16: put_u16, try_get_u16;
    i32: put_i32, try_get_i32;
    u32: put_u32, try_get_u32;
    i64: put_i64, try_get_i64;
    f64: put_f64, try_get_f64;
}

impl Fixed for bool {
    fn write_fixed(&self, writer: &mut Writer) {
        u8::from(*self).write_fixed(writer);
    }

    fn read_fixed(reader: &mut Reader) -> Result<Self, DecodeError> {
        u8::read_fixed(reader).map(|byte| byte != 0)
    }
}
fixed!(@field bool);

impl Fixed for Uuid {
    fn write_fixed(&self, writer: &mut Writer) {
        writer.put_slice(&self.0);
    }

    fn read_fixed(reader: &mut Reader) -> Result<Self, DecodeError> {
        let mut id = [0; 16];
        reader.bytes.try_copy_to_slice(&mut id)?;
        Ok(Uuid(id))
    }
}
fixed!(@field Uuid);

impl Field for String {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl Nullable for String {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_string_length(value.map(String::len), context)?;
        if let Some(value) = value {
            writer.put_slice(value.as_bytes());
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.string_length(context)? else { return Ok(None) };
        reader.need(length)?;
        reader.charge(length)?;
        let (bytes, _) = reader.bytes.split_at(length);
        let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)?.to_owned();
        reader.bytes.advance(length);
        Ok(Some(text))
    }
}

impl Field for Bytes {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl Nullable for Bytes {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_length(value.map(Bytes::len), context)?;
        if let Some(value) = value {
            writer.put_bytes(value);
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(length) = reader.length(context)? else { return Ok(None) };
        reader.take(length).map(Some)
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, writer: &mut Writer, context: Context) -> Result<(), EncodeError> {
        Self::write_nullable(Some(self), writer, context)
    }

    fn read(reader: &mut Reader, context: Context) -> Result<Self, DecodeError> {
        read_not_null(reader, context)
    }
}

impl<T: Field> Nullable for Vec<T> {
    fn write_nullable(
        value: Option<&Self>,
        writer: &mut Writer,
        context: Context,
    ) -> Result<(), EncodeError> {
        writer.put_length(value.map(Vec::len), context)?;
        for element in value.into_iter().flatten() {
            element.write(writer, context.element())?;
        }
        Ok(())
    }

    fn read_nullable(reader: &mut Reader, context: Context) -> Result<Option<Self>, DecodeError> {
        let Some(count) = reader.length(context)? else { return Ok(None) };
        // Every element takes at least one byte.
        reader.need(count)?;
        reader.charge(count.saturating_mul(size_of::<T>()))?;
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(T::read(reader, context.element())?);
        }
        Ok(Some(elements))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLASSIC: Context = Context { version: 0, flexible: false, nullable: false };
    const FLEXIBLE: Context = Context { version: 1, flexible: true, nullable: false };

    fn read<T: Field>(bytes: &'static [u8], context: Context) -> Result<T, DecodeError> {
        T::read(&mut Reader::new(Bytes::from_static(bytes)), context)
    }

    #[test]
    fn a_count_beyond_the_bytes_that_are_left_allocates_nothing() {
        let count = b"\x7f\xff\xff\xff";
        assert!(matches!(read::<Vec<i32>>(count, CLASSIC), Err(DecodeError::Truncated { .. })));
    }

    #[test]
    fn wide_elements_cannot_outgrow_the_allocation_bound() {
        #[derive(Debug)]
        struct Wide(#[allow(unused)] [u8; 4096]);
        impl Field for Wide {
            fn write(&self, _: &mut Writer, _: Context) -> Result<(), EncodeError> {
                Ok(())
            }
            fn read(reader: &mut Reader, _: Context) -> Result<Self, DecodeError> {
                u8::read_fixed(reader).map(|_| Wide([0; 4096]))
            }
        }
        assert!(matches!(
            read::<Vec<Wide>>(b"\0\0\0\x04abcd", CLASSIC),
            Err(DecodeError::TooManyElements)
        ));
        assert!(read::<Vec<Wide>>(b"\0\0\0\x01a", CLASSIC).is_ok());
    }

    #[test]
    fn null_is_refused_where_the_version_has_none() {
        assert_eq!(read::<String>(b"\xff\xff", CLASSIC), Err(DecodeError::UnexpectedNull(0)));
        assert_eq!(read::<String>(b"\0", FLEXIBLE), Err(DecodeError::UnexpectedNull(1)));
        let nullable = Context { nullable: true, ..FLEXIBLE };
        assert_eq!(read::<Option<String>>(b"\0", nullable), Ok(None));
    }

    #[test]
    fn lengths_below_minus_one_are_refused() {
        assert_eq!(read::<String>(b"\xff\xfe", CLASSIC), Err(DecodeError::NegativeLength(-2)));
    }

    #[test]
    fn a_variable_length_integer_has_at_most_32_bits() {
        let mut reader = Reader::new(Bytes::from_static(b"\xff\xff\xff\xff\x0f"));
        assert_eq!(reader.unsigned_varint(), Ok(u32::MAX));
        let mut reader = Reader::new(Bytes::from_static(b"\xff\xff\xff\xff\x1f"));
        assert_eq!(reader.unsigned_varint(), Err(DecodeError::VarintTooLong));
    }

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
