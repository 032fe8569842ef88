//! Whole frames: header and message together, without the four bytes of length before them.

use bytes::Bytes;

use super::api::Request;
use super::codec::{DecodeError, EncodeError, Reader, Writer};
use super::header::{RequestHeader, ResponseHeader};
use super::schema::Message;

/// A request with its header, ready to be sent behind its length.
pub fn encode_request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: &str,
) -> Result<Writer, EncodeError> {
    let header = RequestHeader {
        api_key: R::KEY.number(),
        api_version: version,
        correlation_id,
        client_id: Some(client_id.to_owned()),
    };
    let mut writer = Writer::new();
    header.encode(&mut writer, R::KEY.request_header_version(version))?;
    request.encode(&mut writer, version)?;
    Ok(writer)
}

/// Reads the answer to an `R` of `version`. Bytes behind the message are an error.
pub fn decode_response<R: Request>(
    frame: Bytes,
    version: i16,
) -> Result<(ResponseHeader, R::Response), DecodeError> {
    let mut reader = Reader::new(frame);
    let header = ResponseHeader::decode(&mut reader, R::KEY.response_header_version(version))?;
    let response = R::Response::decode(&mut reader, version)?;
    reader.finish()?;
    Ok((header, response))
}

/// A response with its header, ready to be sent behind its length.
pub fn encode_response<R: Request>(
    response: &R::Response,
    version: i16,
    correlation_id: i32,
) -> Result<Writer, EncodeError> {
    let mut writer = Writer::new();
    ResponseHeader { correlation_id }
        .encode(&mut writer, R::KEY.response_header_version(version))?;
    response.encode(&mut writer, version)?;
    Ok(writer)
}
