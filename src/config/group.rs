//! The table of group configs (resource type 32, KIP-848 and later), and what applies to a group.

use std::collections::BTreeMap;

use super::broker::BrokerConfig;
use super::definition::{Effect, Synonym, config_table};
use super::error::ConfigError;
use super::rule::Rule;
use Effect::NoEffect;
use Rule::{AtLeast, OneOf};

config_table! {
/// Every group config of Kafka 4.2; the defaults are those of the broker config `group.*`.
GROUP_CONFIGS {
    "consumer.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.consumer.heartbeat.interval.ms")],
        "Heartbeat interval that members of the consumer group are told.";
    "consumer.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.consumer.session.timeout.ms")],
        "Time without heartbeat after which a member leaves the consumer group.";
    "share.auto.offset.reset": String = "latest", OneOf(&["latest", "earliest"]), NoEffect,
        "Where a share group starts in a partition that it has not read.";
    "share.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.share.heartbeat.interval.ms")],
        "Heartbeat interval that members of the share group are told.";
    "share.isolation.level": String = "read_uncommitted", OneOf(&["read_committed", "read_uncommitted"]), NoEffect,
        "Whether a share group sees records of transactions that are not committed.";
    "share.record.lock.duration.ms": Int = "30000", AtLeast(1000), NoEffect,
        from &[Synonym::same("group.share.record.lock.duration.ms")],
        "How long a record stays locked for the member that got it.";
    "share.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.share.session.timeout.ms")],
        "Time without heartbeat after which a member leaves the share group.";
    "streams.heartbeat.interval.ms": Int = "5000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.streams.heartbeat.interval.ms")],
        "Heartbeat interval that members of the streams group are told.";
    "streams.initial.rebalance.delay.ms": Int = "3000", AtLeast(0), NoEffect,
        from &[Synonym::same("group.streams.initial.rebalance.delay.ms")],
        "Time that a new streams group waits for more members.";
    "streams.num.standby.replicas": Int = "0", AtLeast(0), NoEffect,
        from &[Synonym::same("group.streams.num.standby.replicas")],
        "Standby replicas of each task.";
    "streams.session.timeout.ms": Int = "45000", AtLeast(1), NoEffect,
        from &[Synonym::same("group.streams.session.timeout.ms")],
        "Time without heartbeat after which a member leaves the streams group.";
}
}

/// What applies to one group that uses the consumer protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// Heartbeat interval that members are told.
    pub consumer_heartbeat_interval_ms: i32,
    /// Time without heartbeat after which a member is removed; above the heartbeat interval.
    pub consumer_session_timeout_ms: i32,
}

impl GroupConfig {
    /// What applies to a group with these overrides on this broker.
    ///
    /// # Errors
    /// An unknown name, a value that its config does not allow, or one outside the broker's
    /// limits (`group.consumer.min.*`, `group.consumer.max.*`).
    pub fn from_overrides(
        broker: &BrokerConfig,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in overrides {
            let unknown = || ConfigError::UnknownGroupConfig(name.clone());
            GROUP_CONFIGS.get(name).ok_or_else(unknown)?.parse(value)?;
        }
        let number = |name: &str, inherited: i32| {
            overrides.get(name).and_then(|value| value.trim().parse().ok()).unwrap_or(inherited)
        };
        let heartbeat = "consumer.heartbeat.interval.ms";
        let session = "consumer.session.timeout.ms";
        let config = Self {
            consumer_heartbeat_interval_ms: number(
                heartbeat,
                broker.group_consumer_heartbeat_interval_ms,
            ),
            consumer_session_timeout_ms: number(session, broker.group_consumer_session_timeout_ms),
        };
        let heartbeats = (
            broker.group_consumer_min_heartbeat_interval_ms,
            broker.group_consumer_max_heartbeat_interval_ms,
        );
        let sessions = (
            broker.group_consumer_min_session_timeout_ms,
            broker.group_consumer_max_session_timeout_ms,
        );
        check_limits(heartbeat, config.consumer_heartbeat_interval_ms, heartbeats)?;
        check_limits(session, config.consumer_session_timeout_ms, sessions)?;
        if config.consumer_session_timeout_ms <= config.consumer_heartbeat_interval_ms {
            let text = format!("{session} must be greater than {heartbeat}");
            return Err(ConfigError::Conflict(text));
        }
        Ok(config)
    }
}

/// Refuses with Kafka's text, which names the broker config that sets the limit.
fn check_limits(name: &str, value: i32, (min, max): (i32, i32)) -> Result<(), ConfigError> {
    let (side, limit) = match value {
        value if value < min => ("greater", "min"),
        value if value > max => ("less", "max"),
        _ => return Ok(()),
    };
    let property = name.trim_start_matches("consumer.");
    Err(ConfigError::Conflict(format!(
        "{name} must be {side} than or equal to group.consumer.{limit}.{property}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(name: &str, value: &str) -> Result<GroupConfig, String> {
        let overrides = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        GroupConfig::from_overrides(&BrokerConfig::default(), &overrides)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_group_inherits_what_it_does_not_override() {
        let config = resolve("consumer.session.timeout.ms", "50000");
        let expected = GroupConfig {
            consumer_heartbeat_interval_ms: 5000,
            consumer_session_timeout_ms: 50000,
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn the_limits_of_the_broker_bind_groups() {
        for (name, value, text) in [
            (
                "consumer.session.timeout.ms",
                "1000",
                "consumer.session.timeout.ms must be greater than or equal to \
                 group.consumer.min.session.timeout.ms",
            ),
            (
                "consumer.heartbeat.interval.ms",
                "20000",
                "consumer.heartbeat.interval.ms must be less than or equal to \
                 group.consumer.max.heartbeat.interval.ms",
            ),
            ("retention.ms", "1", "Unknown group config name: retention.ms"),
        ] {
            assert_eq!(resolve(name, value), Err(text.to_owned()));
        }
    }
}
