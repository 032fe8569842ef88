//! What was set for a broker and where: the layers that a value is looked up in.

use std::collections::BTreeMap;

use super::table::BROKER_CONFIGS;
use crate::config::definition::{ConfigDefinition, Value};
use crate::config::describe::ConfigSource;
use crate::config::error::ConfigError;

/// Names and values that were set, apart by where; never the defaults.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Layers {
    /// For this broker, at run time.
    pub(crate) dynamic_broker: BTreeMap<String, String>,
    /// For all brokers, at run time.
    pub(crate) dynamic_default: BTreeMap<String, String>,
    /// At start: file, environment, command line.
    pub(crate) start: BTreeMap<String, String>,
}

impl Layers {
    /// The layers, the one that wins first.
    pub(crate) fn iter(&self) -> [(ConfigSource, &BTreeMap<String, String>); 3] {
        [
            (ConfigSource::DynamicBroker, &self.dynamic_broker),
            (ConfigSource::DynamicDefaultBroker, &self.dynamic_default),
            (ConfigSource::StaticBroker, &self.start),
        ]
    }

    /// What was set for a broker config, in the layer that wins.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().into_iter().find_map(|(_, layer)| layer.get(name)).map(String::as_str)
    }

    /// The value that applies for a broker config.
    pub(crate) fn effective(
        &self,
        definition: &'static ConfigDefinition,
    ) -> Result<Option<Value>, ConfigError> {
        match self.get(definition.name) {
            Some(text) => definition.parse(text).map(Some),
            None => definition.default_value(),
        }
    }

    /// The value that a topic or group config inherits: of the first synonym that was set, in the
    /// layer that wins, else of the first that has a default, else the config's own default.
    pub(crate) fn inherited(
        &self,
        definition: &'static ConfigDefinition,
    ) -> Result<Option<Value>, ConfigError> {
        let set = self.iter().into_iter().find_map(|(_, layer)| {
            definition.synonyms.iter().find_map(|synonym| Some((synonym, layer.get(synonym.name)?)))
        });
        if let Some((synonym, text)) = set {
            let unknown = || ConfigError::UnknownBrokerConfig(synonym.name.to_owned());
            let row = BROKER_CONFIGS.get(synonym.name).ok_or_else(unknown)?;
            let value = synonym.convert(row.parse(text)?);
            definition.rule.check(synonym.name, &value)?;
            return Ok(Some(value));
        }
        for synonym in definition.synonyms {
            let default = BROKER_CONFIGS.get(synonym.name).map(ConfigDefinition::default_value);
            if let Some(value) = default.transpose()?.flatten() {
                return Ok(Some(synonym.convert(value)));
            }
        }
        definition.default_value()
    }
}
