//! The broker: it accepts connections, decodes requests, and lets handlers answer them.
//!
//! - [`server`]: listeners, start and stop. [`descriptors`]: how many files and connections. [`connection`]: one client, answers in request order.
//! - [`dispatch`]: THE TABLE of APIs, which feeds dispatch and ApiVersions alike.
//! - [`handlers`]: one file per API, `handle(&Context, &Caller, Request) -> Response`. A handler
//!   never fails: whatever goes wrong has an [`ErrorCode`](crate::wire::error::ErrorCode).
//! - [`context`]: what handlers share. [`catalog`]: the cluster's metadata.
//!   [`partitions`]: how logs follow the metadata, [`partition`]: one of them. [`waiting`]: fetches that wait for data.
//!   [`groups`]: the task that drives the group coordinator. [`producer_ids`]: who hands them out.

pub mod access;
pub mod catalog;
pub mod configs;
pub mod connection;
pub mod context;
pub mod data_dir;
pub mod descriptors;
pub mod dispatch;
pub mod groups;
pub mod handlers;
pub mod internal_log;
pub mod partition;
pub mod partitions;
pub mod producer_ids;
pub mod server;
pub mod validation;
pub mod waiting;
