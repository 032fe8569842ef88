//! The tables of settings: what a topic, a group, a broker and a client can be told, and the
//! `.properties` reader.
//!
//! A config is one row of one table ([`TOPIC_CONFIGS`](topic::TOPIC_CONFIGS),
//! [`GROUP_CONFIGS`](group::GROUP_CONFIGS), [`BROKER_CONFIGS`](broker::BROKER_CONFIGS)): name,
//! type, default, rule, effect, documentation. From the rows come the typed structs that the rest
//! of the code reads, the answers of DescribeConfigs, and the refusals, which have Kafka's text.
//! A client's settings are
//! [`ClientConfig`](client::ClientConfig). Nothing here reads files or the environment: both come
//! in as data.
//!
#![doc = include_str!("../docs/settings.md")]

pub mod alter;
pub mod broker;
pub mod client;
pub mod definition;
pub mod describe;
pub mod error;
pub mod group;
mod nearest;
pub mod properties;
pub mod rule;
pub mod security;
#[cfg(test)]
mod tests;
pub mod topic;
mod values;
