//! Bytes that nobody should send: whatever they are, decoding them neither panics nor allocates
//! more than the input justifies.
//!
//! `KF_FUZZ_SECONDS` makes the run longer, `KF_SEED` another one.

#[allow(unsafe_code, reason = "a global allocator cannot be written without")]
mod allocation;
mod decode;
mod mutate;
