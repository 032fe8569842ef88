//! Our async client on [`crate::wire`].
//!
//! - [`connection`]: one TCP connection; pipelined requests, versions agreed on.
//! - [`cluster`]: the brokers of a cluster, its controller and coordinators.
//! - [`admin`]: questions about topics, configs, offsets and groups, and changes of them.
//! - [`fetch`]: reading topics without a group.
//! - [`librdkafka`]: what produces, and consumes in groups.
//! - [`retry`]: trying again with growing pauses, within a total bound.
//! - [`error`]: everything that can go wrong, with the address and the cause.
//!
//! Nothing here waits without a bound.

pub mod admin;
pub mod cluster;
pub mod connection;
pub mod error;
pub mod fetch;
pub mod librdkafka;
pub mod partition;
pub mod retry;

#[cfg(test)]
mod scripted_peer;
