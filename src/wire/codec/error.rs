//! What can be wrong with bytes, and with messages.

use bytes::TryGetError;

use super::{ALLOCATION_FACTOR, MAX_STRING_BYTES};

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
