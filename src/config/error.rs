//! What can be wrong with a setting. The texts that clients of a broker see are in Kafka's shape.

use super::definition::ConfigType;

/// A setting that is refused.
///
/// No variant carries the value of a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No topic config has this name.
    #[error("Unknown topic config name: {0}")]
    UnknownTopicConfig(String),
    /// No broker config has this name.
    #[error("Unknown broker config name: {0}")]
    UnknownBrokerConfig(String),
    /// No group config has this name.
    #[error("Unknown group config name: {0}")]
    UnknownGroupConfig(String),
    /// The value is not of the config's type, or outside what the config allows.
    #[error("Invalid value {value} for configuration {name}: {reason}")]
    InvalidValue {
        /// The config's name.
        name: String,
        /// The value, or `[hidden]` in its place.
        value: String,
        /// What a valid value would be.
        reason: String,
    },
    /// A list has an item without text, as in `delete,,compact`.
    #[error("Configuration '{0}' values must not be empty.")]
    EmptyListItem(String),
    /// Two configs contradict each other.
    #[error("{0}")]
    Conflict(String),
    /// A value that Kafka allows and this broker cannot honour.
    #[error("{name}: {reason}")]
    NotOffered {
        /// The config's name.
        name: String,
        /// Why, in one sentence.
        reason: String,
    },
    /// A name that is no config's, in a family where a misspelling would cost data or protection.
    #[error("Unknown configuration {name}{}", did_you_mean(.suggestion))]
    Misspelt {
        /// The name as it was written.
        name: String,
        /// The nearest name that exists.
        suggestion: Option<String>,
    },
    /// Only a restart can change this broker config.
    #[error("Cannot update these configs dynamically: {0}")]
    NotDynamic(String),
    /// APPEND or SUBTRACT on a config whose type is not a list.
    #[error("Can't {operation} to key {name} because its type is not LIST.")]
    NotAList {
        /// `APPEND` or `SUBTRACT`.
        operation: &'static str,
        /// The config's name.
        name: String,
    },
    /// These configs, separated by commas, came without a value.
    #[error("Null value not supported for : {0}")]
    NullValue(String),
    /// No list of addresses.
    #[error("Please provide valid host:port like host1:9091,host2:9092")]
    BootstrapServers,
    /// Something that was asked for cannot work without this.
    #[error("{name} is needed by {needed_by} and not set")]
    Missing {
        /// The property that is not set.
        name: &'static str,
        /// What needs it.
        needed_by: &'static str,
    },
    /// One request names a config twice.
    #[error("Error due to duplicate config keys")]
    DuplicateKeys,
}

impl ConfigError {
    pub(crate) fn invalid(name: &str, value: impl ToString, reason: impl Into<String>) -> Self {
        Self::InvalidValue { name: name.into(), value: value.to_string(), reason: reason.into() }
    }

    pub(crate) fn wrong_type(name: &str, value: &str, kind: ConfigType) -> Self {
        let reason = match kind {
            ConfigType::Boolean => "Expected value to be either true or false".to_owned(),
            kind => format!("Not a number of type {}", kind.name()),
        };
        Self::invalid(name, value, reason)
    }
}

/// ` (did you mean x?)`, or nothing.
pub(crate) fn did_you_mean(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!(" (did you mean {name}?)")).unwrap_or_default()
}
