//! From `server.properties`, environment and command line to a [`BrokerConfig`].
//!
//! What Kafka knows and nothing here reads is a warning, and so is a name that nobody knows. But
//! what would leave data or clients less protected than the user believes is an error: a misspelt
//! name in a family of durability or security, and a security feature that is not offered.

use std::collections::BTreeMap;
use std::fmt;

use super::known::KNOWN_WITHOUT_EFFECT;
use super::layers::Layers;
use super::table::BROKER_CONFIGS;
use super::{BrokerConfig, Listener};
use crate::config::definition::Effect;
use crate::config::error::{ConfigError, did_you_mean};
use crate::config::nearest::nearest;
use crate::config::properties::Properties;
use crate::config::topic::TOPIC_CONFIGS;

/// Where a broker's settings come from; a later field wins over an earlier one.
#[derive(Default)]
pub struct BrokerSources {
    /// `server.properties`.
    pub properties: Properties,
    /// The environment: `KAFKA_LISTENERS` sets `listeners`, as in Apache Kafka's image. Variables
    /// that set nothing may be among them.
    pub environment: Vec<(String, String)>,
    /// `--override KEY=VALUE`.
    pub overrides: Vec<(String, String)>,
}

/// Something that was set and is not obeyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigWarning {
    /// Kafka knows the config; nothing here reads it.
    NoEffect(String),
    /// Nobody knows the config.
    Unknown {
        /// The name as it was written.
        name: String,
        /// The nearest name that exists.
        suggestion: Option<String>,
    },
    /// The listener is the controller's, which is part of this process and has no socket.
    ControllerListener(Listener),
}

impl fmt::Display for ConfigWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEffect(name) => write!(f, "{name} has no effect here"),
            Self::Unknown { name, suggestion } => {
                write!(f, "unknown configuration {name}{}", did_you_mean(suggestion))
            }
            Self::ControllerListener(listener) => {
                write!(f, "{listener} is not opened: the controller is part of the broker")
            }
        }
    }
}

/// Beginnings of names that must not be misspelt, because what they would have protected is not.
const GUARDED: &[&str] = &[
    "authorizer",
    "durab",
    "flush",
    "fsync",
    "log.flush",
    "min.insync",
    "sasl.",
    "security.",
    "ssl.",
    "super.user",
    "unclean.",
];

/// Variables that Apache Kafka's scripts and image read themselves, and the one that tells clients
/// where to connect.
const NOT_SETTINGS: &[&str] = &[
    "KAFKA_BOOTSTRAP_SERVERS",
    "KAFKA_CLUSTER_ID",
    "KAFKA_DEBUG",
    "KAFKA_GC_LOG_OPTS",
    "KAFKA_HEAP_OPTS",
    "KAFKA_HOME",
    "KAFKA_JMX_HOSTNAME",
    "KAFKA_JMX_OPTS",
    "KAFKA_JMX_PORT",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_LOGGERS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_LOG4J_ROOT_LOGLEVEL",
    "KAFKA_MODE",
    "KAFKA_OPTS",
    "KAFKA_TOOLS_LOG4J_LOGLEVEL",
    "KAFKA_VERSION",
];

impl BrokerConfig {
    /// Reads all sources, the defaults below them.
    ///
    /// # Errors
    /// The first setting that is invalid, contradicts another, asks for protection that is not
    /// offered, or is misspelt where that would cost protection.
    pub fn load(sources: &BrokerSources) -> Result<(Self, Vec<ConfigWarning>), ConfigError> {
        let mut start = BTreeMap::new();
        let mut warnings = Vec::new();
        for (name, value) in settings(sources) {
            match check_name(&name)? {
                None => {
                    if let Some(definition) = BROKER_CONFIGS.get(&name) {
                        definition.parse(&value)?;
                    }
                    start.insert(name, value);
                }
                Some(warning) => warnings.push(warning),
            }
        }
        for name in start.keys() {
            let effect = BROKER_CONFIGS.get(name).map(|definition| definition.effect);
            if effect == Some(Effect::NoEffect) {
                warnings.push(ConfigWarning::NoEffect(name.clone()));
            }
        }
        let mut config = Self::from_layers(Layers { start, ..Layers::default() })?;
        let ignored = std::mem::take(&mut config.controller_listeners);
        warnings.extend(ignored.into_iter().map(ConfigWarning::ControllerListener));
        let cluster_id = sources.environment.iter().find(|(name, _)| name == "CLUSTER_ID");
        config.cluster_id = cluster_id.map(|(_, id)| id.clone()).filter(|id| !id.is_empty());
        Ok((config, warnings))
    }
}

/// All settings with the source that wins, by name.
fn settings(sources: &BrokerSources) -> BTreeMap<String, String> {
    let from_file = sources.properties.iter().map(|(name, value)| (name.into(), value.into()));
    let from_environment = sources
        .environment
        .iter()
        .filter_map(|(variable, value)| Some((property_name(variable)?, value.clone())));
    from_file.chain(from_environment).chain(sources.overrides.iter().cloned()).collect()
}

/// The property that a variable sets in Apache Kafka's image: `KAFKA_LOG_DIRS` is `log.dirs`, two
/// underscores are one, three are a dash.
fn property_name(variable: &str) -> Option<String> {
    let name = variable.strip_prefix("KAFKA_").filter(|_| !NOT_SETTINGS.contains(&variable))?;
    // The dash first, then the underscore, kept apart from the dots by a character that cannot
    // stand in a variable's name.
    let name = name.to_lowercase().replace("___", "-").replace("__", "=");
    Some(name.replace('_', ".").replace('=', "_"))
}

/// `None` for a config of the table; the warning for another name, unless it is an error.
fn check_name(name: &str) -> Result<Option<ConfigWarning>, ConfigError> {
    if BROKER_CONFIGS.get(name).is_some() {
        return Ok(None);
    }
    if is_known(name) || listener_property(name).is_some_and(is_known) {
        return Ok(Some(ConfigWarning::NoEffect(name.to_owned())));
    }
    let suggestion = suggestion(name);
    let guarded = |name: &str| GUARDED.iter().any(|family| name.starts_with(family));
    let written = listener_property(name).unwrap_or(name);
    if guarded(written) || suggestion.as_deref().is_some_and(guarded) {
        return Err(ConfigError::Misspelt { name: name.to_owned(), suggestion });
    }
    Ok(Some(ConfigWarning::Unknown { name: name.to_owned(), suggestion }))
}

fn is_known(name: &str) -> bool {
    BROKER_CONFIGS.get(name).is_some() || KNOWN_WITHOUT_EFFECT.binary_search(&name).is_ok()
}

/// The property in `listener.name.NAME.property` or `listener.name.NAME.MECHANISM.property`.
fn listener_property(name: &str) -> Option<&str> {
    let (_, property) = name.strip_prefix("listener.name.")?.split_once('.')?;
    match property.split_once('.') {
        Some((_, rest)) if !is_known(property) && is_known(rest) => Some(rest),
        _ => Some(property),
    }
}

fn suggestion(name: &str) -> Option<String> {
    // A topic config in a broker's file: what gives topics their default is called differently.
    if let Some(synonym) = TOPIC_CONFIGS.get(name).and_then(|row| row.synonyms.first()) {
        return Some(synonym.name.to_owned());
    }
    let rows = BROKER_CONFIGS.rows().iter().map(|definition| definition.name);
    nearest(name, rows.chain(KNOWN_WITHOUT_EFFECT.iter().copied())).map(str::to_owned)
}

#[cfg(test)]
mod tests;
