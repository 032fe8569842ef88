//! Groups and their offsets, as machines that decide without doing.
//!
//! A coordinator is driven from outside: requests, time, identifiers and the outcome of appends
//! come in; records to append and replies go out. It has no tokio, no clock, no randomness and no
//! I/O of its own, so that every rule can be tested as a function.

pub mod group;
