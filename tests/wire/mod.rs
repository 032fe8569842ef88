//! The wire protocol against what is known of it from elsewhere: Kafka's own tables, and another
//! implementation.
//!
//! `messages-4.2.tsv` holds every field of every message of Apache Kafka 4.2, `error-codes-4.2.tsv`
//! its error codes.

mod error_codes;
mod headers;
mod json;
mod oracle;
pub(crate) mod schema;
pub(crate) mod subjects;
