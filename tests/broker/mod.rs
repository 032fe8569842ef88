//! What the broker promises, API by API, over TCP.

mod api_versions;
mod cluster;
mod configs;
mod connections;
mod create_partitions;
mod create_topics;
mod delete_records;
mod delete_topics;
mod every_version;
mod idempotence;
mod init_producer_id;
mod metadata;
mod produce;
