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
mod fetch;
mod groups;
mod hostile;
mod idempotence;
mod init_producer_id;
mod leader_epochs;
mod list_offsets;
mod metadata;
mod offsets;
mod produce;
mod topic_configs;
