//! `kf`: Apache Kafka's command-line tools and a lightweight Kafka broker in one binary.
//!
//! The layers, lowest first. A module imports only lower tiers, and two modules of one tier never
//! import each other; `tests/tidy` holds this.
//!
//! | tier | module | holds |
//! |---|---|---|
//! | 0 | [`base`] | identifiers, clock, disk: what comes in through the door |
//! | 1 | [`wire`] | the protocol: bytes to messages and back; no sockets, no async |
//! | 1 | [`config`] | the tables of settings and the `.properties` reader |
//! | 2 | [`net`] | framed streams, the same for client and broker |
//! | 2 | [`storage`] | one partition's log on disk, and the threads that own the logs |
//! | 3 | [`client`] | our async client: connections, cluster, admin, fetch |
//! | 3 | [`coordinator`] | groups and offsets as pure machines |
//! | 4 | [`broker`] | the server: connections, dispatch, handlers |
//! | 5 | [`cli`] | one file per `kafka-*.sh` script; the only place that prints or exits |
//!
//! [`docs`] holds the pages for those who work on it: architecture, decisions, changelog.

pub mod base;
pub mod broker;
pub mod cli;
pub mod client;
pub mod config;
pub mod coordinator;
pub mod docs;
pub mod net;
pub mod storage;
pub mod wire;
