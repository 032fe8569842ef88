//! What a topic can be told, and what applies to it in the end.

mod table;

use std::collections::BTreeMap;

pub use table::TOPIC_CONFIGS;
pub(crate) use table::{CLEANUP_POLICIES, COMPRESSION_TYPES, DURABILITIES, TIMESTAMP_TYPES};

use super::broker::BrokerConfig;
use super::definition::ConfigDefinition;
use super::error::ConfigError;
use super::values::Values;

/// What becomes of old records. Neither means that everything is kept (KIP-1161).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// Whole segments past their retention are dropped.
    pub delete: bool,
    /// The last record of each key is kept.
    pub compact: bool,
}

/// The codec that batches are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompressionType {
    /// As each batch came.
    Producer,
    /// Not compressed.
    Uncompressed,
    /// gzip.
    Gzip,
    /// Snappy.
    Snappy,
    /// LZ4.
    Lz4,
    /// Zstandard.
    Zstd,
}

/// Whose clock gives records their timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's, when the batch is appended.
    LogAppendTime,
}

/// When what was written counts as safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Once it is synced to disk.
    Synced,
    /// Once it is written to the page cache, as in Kafka.
    Async,
}

impl Durability {
    pub(crate) const NAMES: &[(&str, Self)] = &[("synced", Self::Synced), ("async", Self::Async)];
}

/// Every topic config that something here reads, with the value that applies to one topic: its own
/// override, else the broker's, else the default. The fields are called as the configs.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicConfig {
    /// What becomes of old records.
    pub cleanup_policy: CleanupPolicy,
    /// The codec that batches are kept in.
    pub compression_type: CompressionType,
    /// Level of gzip, 1 to 9, or -1 for its default.
    pub compression_gzip_level: i32,
    /// Level of LZ4, 1 to 17.
    pub compression_lz4_level: i32,
    /// Level of Zstandard, up to 22.
    pub compression_zstd_level: i32,
    /// How long tombstones and transaction markers outlive compaction.
    pub delete_retention_ms: i64,
    /// When acks=all is answered.
    pub durability: Durability,
    /// How long a deleted segment's files stay.
    pub file_delete_delay_ms: i64,
    /// Records after which the log is synced; `i64::MAX` is never.
    pub flush_messages: i64,
    /// Time after which the log is synced; `i64::MAX` is never.
    pub flush_ms: i64,
    /// Bytes of log between two entries of the offset index.
    pub index_interval_bytes: i32,
    /// Longest wait for compaction.
    pub max_compaction_lag_ms: i64,
    /// Largest batch, as it arrives.
    pub max_message_bytes: i32,
    /// How far a timestamp may be ahead of the broker's clock.
    pub message_timestamp_after_max_ms: i64,
    /// How far a timestamp may be behind the broker's clock.
    pub message_timestamp_before_max_ms: i64,
    /// Whose clock gives records their timestamps.
    pub message_timestamp_type: TimestampType,
    /// Share of the log, 0 to 1, that must be uncompacted before compaction starts.
    pub min_cleanable_dirty_ratio: f64,
    /// Shortest time that a record stays uncompacted; not above `max_compaction_lag_ms`.
    pub min_compaction_lag_ms: i64,
    /// In-sync replicas that acks=all needs, from 1.
    pub min_insync_replicas: i32,
    /// Whether room for a new segment's full size is reserved at once.
    pub preallocate: bool,
    /// Bytes that a partition may hold; negative is no limit.
    pub retention_bytes: i64,
    /// How long records are kept; -1 is for ever.
    pub retention_ms: i64,
    /// Size at which a segment is closed, from 1 MiB (KIP-1030).
    pub segment_bytes: i32,
    /// Largest offset index, from 4 bytes.
    pub segment_index_bytes: i32,
    /// Random time by which `segment_ms` is shortened.
    pub segment_jitter_ms: i64,
    /// Age at which a segment is closed.
    pub segment_ms: i64,
    /// Whether a replica that is not in sync may become leader.
    pub unclean_leader_election_enable: bool,
}

impl TopicConfig {
    /// What applies to a topic with these overrides on this broker.
    ///
    /// # Errors
    /// An unknown name, a value that its config does not allow, or values that contradict each
    /// other: what CreateTopics and IncrementalAlterConfigs answer INVALID_CONFIG to.
    pub fn from_overrides(
        broker: &BrokerConfig,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in overrides {
            validate_topic_override(name, value)?;
        }
        let effective = |definition: &'static ConfigDefinition| match overrides.get(definition.name)
        {
            Some(text) => definition.parse(text).map(Some),
            None => broker.topic_default(definition),
        };
        let config = Self::read(&Values { table: &TOPIC_CONFIGS, effective: &effective })?;
        config.check_compaction_lags()?;
        Ok(config)
    }

    fn read(values: &Values<'_>) -> Result<Self, ConfigError> {
        let policies = values.list("cleanup.policy")?;
        Ok(Self {
            cleanup_policy: CleanupPolicy {
                delete: policies.iter().any(|policy| policy == "delete"),
                compact: policies.iter().any(|policy| policy == "compact"),
            },
            compression_type: values.choice("compression.type", COMPRESSION_CHOICES)?,
            compression_gzip_level: values.integer("compression.gzip.level")?,
            compression_lz4_level: values.integer("compression.lz4.level")?,
            compression_zstd_level: values.integer("compression.zstd.level")?,
            delete_retention_ms: values.integer("delete.retention.ms")?,
            durability: values.choice("durability", Durability::NAMES)?,
            file_delete_delay_ms: values.integer("file.delete.delay.ms")?,
            flush_messages: values.integer("flush.messages")?,
            flush_ms: values.integer("flush.ms")?,
            index_interval_bytes: values.integer("index.interval.bytes")?,
            max_compaction_lag_ms: values.integer("max.compaction.lag.ms")?,
            max_message_bytes: values.integer("max.message.bytes")?,
            message_timestamp_after_max_ms: values.integer("message.timestamp.after.max.ms")?,
            message_timestamp_before_max_ms: values.integer("message.timestamp.before.max.ms")?,
            message_timestamp_type: values.choice("message.timestamp.type", TIMESTAMP_CHOICES)?,
            min_cleanable_dirty_ratio: values.double("min.cleanable.dirty.ratio")?,
            min_compaction_lag_ms: values.integer("min.compaction.lag.ms")?,
            min_insync_replicas: values.integer("min.insync.replicas")?,
            preallocate: values.boolean("preallocate")?,
            retention_bytes: values.integer("retention.bytes")?,
            retention_ms: values.integer("retention.ms")?,
            segment_bytes: values.integer("segment.bytes")?,
            segment_index_bytes: values.integer("segment.index.bytes")?,
            segment_jitter_ms: values.integer("segment.jitter.ms")?,
            segment_ms: values.integer("segment.ms")?,
            unclean_leader_election_enable: values.boolean("unclean.leader.election.enable")?,
        })
    }

    fn check_compaction_lags(&self) -> Result<(), ConfigError> {
        let (min, max) = (self.min_compaction_lag_ms, self.max_compaction_lag_ms);
        if min <= max {
            return Ok(());
        }
        Err(ConfigError::Conflict(format!(
            "conflict topic config setting min.compaction.lag.ms ({min}) > \
             max.compaction.lag.ms ({max})"
        )))
    }
}

const COMPRESSION_CHOICES: &[(&str, CompressionType)] = &[
    ("producer", CompressionType::Producer),
    ("uncompressed", CompressionType::Uncompressed),
    ("gzip", CompressionType::Gzip),
    ("snappy", CompressionType::Snappy),
    ("lz4", CompressionType::Lz4),
    ("zstd", CompressionType::Zstd),
];

const TIMESTAMP_CHOICES: &[(&str, TimestampType)] =
    &[("CreateTime", TimestampType::CreateTime), ("LogAppendTime", TimestampType::LogAppendTime)];

/// Checks one override by itself.
///
/// # Errors
/// No topic config has this name, or it does not allow the value.
pub fn validate_topic_override(name: &str, value: &str) -> Result<(), ConfigError> {
    let unknown = || ConfigError::UnknownTopicConfig(name.to_owned());
    TOPIC_CONFIGS.get(name).ok_or_else(unknown)?.parse(value)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(name: &str, value: &str) -> String {
        match validate_topic_override(name, value) {
            Ok(()) => "accepted".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    fn resolve(overrides: &[(&str, &str)]) -> Result<TopicConfig, ConfigError> {
        let overrides =
            overrides.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        TopicConfig::from_overrides(&BrokerConfig::default(), &overrides)
    }

    #[test]
    fn refusals_have_the_text_of_kafka() {
        for (name, value, text) in [
            ("nope", "1", "Unknown topic config name: nope"),
            (
                "retention.ms",
                "abc",
                "Invalid value abc for configuration retention.ms: Not a number of type LONG",
            ),
            (
                "retention.ms",
                "",
                "Invalid value  for configuration retention.ms: Not a number of type LONG",
            ),
            (
                "retention.ms",
                "-5",
                "Invalid value -5 for configuration retention.ms: Value must be at least -1",
            ),
            (
                "segment.bytes",
                "99999999999",
                "Invalid value 99999999999 for configuration segment.bytes: Not a number of type INT",
            ),
            (
                "segment.bytes",
                "100",
                "Invalid value 100 for configuration segment.bytes: Value must be at least 1048576",
            ),
            (
                "cleanup.policy",
                "foo",
                "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete",
            ),
            (
                "cleanup.policy",
                "delete,",
                "Configuration 'cleanup.policy' values must not be empty.",
            ),
            (
                "compression.type",
                "zip",
                "Invalid value zip for configuration compression.type: String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer",
            ),
            (
                "compression.gzip.level",
                "0",
                "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1",
            ),
            (
                "min.cleanable.dirty.ratio",
                "2",
                "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1",
            ),
            (
                "preallocate",
                "yes",
                "Invalid value yes for configuration preallocate: Expected value to be either true or false",
            ),
            (
                "leader.replication.throttled.replicas",
                "x",
                "Invalid value [x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
            ),
        ] {
            assert_eq!(refusal(name, value), text, "{name}={value}");
        }
    }

    #[test]
    fn values_that_kafka_takes_are_taken() {
        for (name, value) in [
            ("cleanup.policy", ""),
            ("cleanup.policy", "delete,delete"),
            ("cleanup.policy", " delete , compact "),
            ("preallocate", "TRUE"),
            ("segment.bytes", " 2000000 "),
            ("retention.ms", "+5"),
            ("retention.bytes", "-9"),
            ("leader.replication.throttled.replicas", "0:1,1:2"),
            ("leader.replication.throttled.replicas", "*"),
            ("follower.replication.throttled.replicas", ""),
            ("remote.storage.enable", "false"),
        ] {
            assert_eq!(refusal(name, value), "accepted", "{name}={value}");
        }
    }

    #[test]
    fn tiered_storage_is_refused_and_not_swallowed() {
        let refusal = refusal("remote.storage.enable", "true");
        assert!(refusal.contains("Tiered Storage functionality is disabled"), "{refusal}");
    }

    #[test]
    fn an_override_wins_over_the_default() {
        let config = resolve(&[("retention.ms", "7"), ("cleanup.policy", "compact,delete")]);
        let config = config.expect("valid overrides");
        assert_eq!(config.retention_ms, 7);
        assert_eq!(config.cleanup_policy, CleanupPolicy { delete: true, compact: true });
        assert_eq!(config.segment_bytes, 1 << 30);
    }

    #[test]
    fn an_empty_cleanup_policy_keeps_everything() {
        let config = resolve(&[("cleanup.policy", "")]).expect("valid overrides");
        assert_eq!(config.cleanup_policy, CleanupPolicy { delete: false, compact: false });
    }

    #[test]
    fn compaction_lags_must_not_cross() {
        let error = resolve(&[("min.compaction.lag.ms", "10"), ("max.compaction.lag.ms", "5")]);
        assert_eq!(
            error.map_err(|error| error.to_string()).err().as_deref(),
            Some(
                "conflict topic config setting min.compaction.lag.ms (10) > \
                 max.compaction.lag.ms (5)"
            )
        );
    }
}
