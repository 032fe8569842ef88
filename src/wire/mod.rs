//! Kafka's wire protocol: bytes to messages and back. No sockets, no async, no I/O.
//!
//! - [`codec`]: primitive types; every length checked, every allocation bounded.
//! - [`schema`]: the [`message!`](crate::message) macro, which turns a table of fields into a codec.
//! - [`messages`]: one file per API, request and response together.
//! - [`api`]: the table of APIs; [`header`]: what stands before a message; [`error`]: error codes.
//! - [`json`]: messages as Kafka's tools show them.
//! - [`records`]: record batches, the payload of Produce and Fetch and the format on disk.

pub mod api;
pub mod codec;
pub mod error;
pub mod frame;
pub mod header;
pub mod json;
pub mod messages;
pub mod records;
pub mod schema;
