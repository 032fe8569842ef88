//! What stands before every request and response.

use super::codec::{Context, DecodeError, EncodeError, Field, Reader, Writer};

/// The client id is a classic string even in the flexible header, so that a broker can read it
/// before it knows the request's version. For the numbers it makes no difference.
const CLASSIC: Context = Context { version: 1, flexible: false, nullable: true };

/// Header of a request. Which API it is for, and which header version that means, is known only
/// after the first four bytes, so reading happens in two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeader {
    /// Number of the API.
    pub api_key: i16,
    /// Version of the request behind the header.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<String>,
}

impl RequestHeader {
    /// Number and version of the API: the first four bytes of every request.
    pub fn peek(frame: &[u8]) -> Option<(i16, i16)> {
        let [a, b, c, d] = *frame.first_chunk()?;
        Some((i16::from_be_bytes([a, b]), i16::from_be_bytes([c, d])))
    }

    /// Reads a header of `header_version` (1 or 2).
    pub fn decode(reader: &mut Reader, header_version: i16) -> Result<Self, DecodeError> {
        let header = Self {
            api_key: i16::read(reader, CLASSIC)?,
            api_version: i16::read(reader, CLASSIC)?,
            correlation_id: i32::read(reader, CLASSIC)?,
            client_id: Option::read(reader, CLASSIC)?,
        };
        if header_version >= 2 {
            reader.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(header)
    }

    /// Appends the header at `header_version` (1 or 2).
    pub fn encode(&self, writer: &mut Writer, header_version: i16) -> Result<(), EncodeError> {
        self.api_key.write(writer, CLASSIC)?;
        self.api_version.write(writer, CLASSIC)?;
        self.correlation_id.write(writer, CLASSIC)?;
        self.client_id.write(writer, CLASSIC)?;
        if header_version >= 2 {
            writer.put_unsigned_varint(0);
        }
        Ok(())
    }
}

/// Header of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseHeader {
    /// That of the request which this answers.
    pub correlation_id: i32,
}

impl ResponseHeader {
    /// Reads a header of `header_version` (0 or 1).
    pub fn decode(reader: &mut Reader, header_version: i16) -> Result<Self, DecodeError> {
        let correlation_id = i32::read(reader, CLASSIC)?;
        if header_version >= 1 {
            reader.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(Self { correlation_id })
    }

    /// Appends the header at `header_version` (0 or 1).
    pub fn encode(&self, writer: &mut Writer, header_version: i16) -> Result<(), EncodeError> {
        self.correlation_id.write(writer, CLASSIC)?;
        if header_version >= 1 {
            writer.put_unsigned_varint(0);
        }
        Ok(())
    }
}
