//! Kafka's wire protocol: bytes to messages and back. No sockets, no async, no I/O.

pub mod records;
