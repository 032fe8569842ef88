//! Primitive types of the protocol: how each is written and read.
//!
//! Nothing from the wire is trusted. Every length is checked against the bytes that are left before
//! it is used, and what a [`Reader`] may allocate is bounded by [`ALLOCATION_FACTOR`] times the
//! input, so that a small frame with a large count in it costs an error, not memory.

mod error;
mod primitive;
mod reader;
mod writer;

pub use error::{DecodeError, EncodeError};
pub use reader::{ALLOCATION_FACTOR, ALLOCATION_SLACK, Reader};
pub use writer::Writer;

/// Kafka's limit on strings, compact ones included.
const MAX_STRING_BYTES: usize = i16::MAX as usize;

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
