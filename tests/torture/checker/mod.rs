//! Judges what is found after a fault by what was promised before it.
//!
//! - [`bounds`]: where a partition starts and ends.
//! - [`history`]: what the writers of one partition asked for, and what they were told.
//! - [`partition`]: a partition's records as a reader found them, held against its history.
//! - [`register`]: a fact that has one writer, such as a committed offset or a topic's existence.
//!
//! `tests/planted.rs` shows each anomaly to it.
//!
//! Everything here is plain data and plain functions: no broker, no clock, no I/O. Nothing of
//! `kf` is used, so that a mistake of its own cannot hide itself.

pub(crate) mod anomaly;
pub(crate) mod bounds;
pub(crate) mod history;
pub(crate) mod partition;
pub(crate) mod register;
