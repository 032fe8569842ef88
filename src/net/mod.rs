//! Streams of frames, the same for client and broker.

pub mod framed;
