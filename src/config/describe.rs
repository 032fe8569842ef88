//! What DescribeConfigs answers: every config with its value, where that comes from, and what
//! would apply if it were not set there (KIP-226, KIP-569).
//!
//! A topic config's synonyms are listed with all the broker configs that can give it its value.
//! Kafka leaves the list empty where the first of several such configs has no default
//! (`retention.ms`, `segment.ms`, `flush.ms`), and so reports a default where
//! `log.retention.hours` was set; here the source is told.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::broker::{BROKER_CONFIGS, BrokerConfig};
use super::definition::{ConfigDefinition, ConfigTable, ConfigType, Update};
use super::error::ConfigError;
use super::group::{GROUP_CONFIGS, GroupConfig};
use super::topic::{TOPIC_CONFIGS, TopicConfig};

/// Where a value was set, with the id on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum ConfigSource {
    /// For the topic.
    Topic = 1,
    /// For this broker, at run time.
    DynamicBroker = 2,
    /// For all brokers, at run time.
    DynamicDefaultBroker = 3,
    /// At the broker's start: file, environment or command line.
    StaticBroker = 4,
    /// Nowhere.
    Default = 5,
    /// For the group (KIP-848).
    Group = 8,
}

impl ConfigSource {
    /// The id on the wire.
    pub fn id(self) -> i8 {
        self as i8
    }
}

/// A config as DescribeConfigs reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedConfig {
    /// The config's name.
    pub name: &'static str,
    /// The value that applies; `None` if there is none or it is sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether the value is withheld.
    pub is_sensitive: bool,
    /// Whether only a restart can change it.
    pub read_only: bool,
    /// All that was set or is a default, what applies first.
    pub synonyms: Vec<DescribedSynonym>,
    /// The type.
    pub kind: ConfigType,
    /// A sentence, and whether the config has no effect here.
    pub documentation: Cow<'static, str>,
}

/// A config that gives another its value if nothing before it in the list does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedSynonym {
    /// Name of the config, of the same kind or of the broker.
    pub name: &'static str,
    /// Its value, in its own unit; `None` if it is sensitive.
    pub value: Option<String>,
    /// Where it was set.
    pub source: ConfigSource,
}

/// Describes every topic config of a topic with these overrides.
///
/// # Errors
/// The overrides are not valid, which ones that were accepted never are.
pub fn describe_topic(
    broker: &BrokerConfig,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<DescribedConfig>, ConfigError> {
    TopicConfig::from_overrides(broker, overrides)?;
    describe_entity(&TOPIC_CONFIGS, ConfigSource::Topic, broker, overrides)
}

/// Describes every group config of a group with these overrides.
///
/// # Errors
/// The overrides are not valid, which ones that were accepted never are.
pub fn describe_group(
    broker: &BrokerConfig,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<DescribedConfig>, ConfigError> {
    GroupConfig::from_overrides(broker, overrides)?;
    describe_entity(&GROUP_CONFIGS, ConfigSource::Group, broker, overrides)
}

/// Describes every broker config.
///
/// # Errors
/// None for a [`BrokerConfig`] that was built.
pub fn describe_broker(broker: &BrokerConfig) -> Result<Vec<DescribedConfig>, ConfigError> {
    BROKER_CONFIGS
        .rows()
        .iter()
        .map(|definition| {
            let synonyms = broker_synonyms(broker, [definition]);
            let value = broker.layers().effective(definition)?.map(|value| value.to_string());
            let read_only = definition.update == Update::ReadOnly;
            Ok(described(definition, value, synonyms, read_only))
        })
        .collect()
}

/// Describes the dynamic defaults of all brokers (a broker resource without name): what was set,
/// and nothing else.
pub fn describe_broker_defaults(broker: &BrokerConfig) -> Vec<DescribedConfig> {
    let set = broker.layers().dynamic_default.iter();
    set.filter_map(|(name, value)| {
        let definition = BROKER_CONFIGS.get(name)?;
        let source = ConfigSource::DynamicDefaultBroker;
        let synonyms = vec![synonym(definition, value.clone(), source)];
        Some(described(definition, Some(value.clone()), synonyms, false))
    })
    .collect()
}

fn describe_entity(
    table: &ConfigTable,
    source: ConfigSource,
    broker: &BrokerConfig,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<DescribedConfig>, ConfigError> {
    table
        .rows()
        .iter()
        .map(|definition| {
            let names = definition.synonyms.iter();
            let rows = names.filter_map(|synonym| BROKER_CONFIGS.get(synonym.name));
            let mut synonyms = broker_synonyms(broker, rows);
            let value = match overrides.get(definition.name) {
                Some(text) => Some(definition.parse(text)?),
                None => broker.layers().inherited(definition)?,
            };
            let value = value.map(|value| value.to_string());
            if let (true, Some(value)) = (overrides.contains_key(definition.name), &value) {
                synonyms.insert(0, synonym(definition, value.clone(), source));
            }
            Ok(described(definition, value, synonyms, false))
        })
        .collect()
}

fn described(
    definition: &'static ConfigDefinition,
    value: Option<String>,
    synonyms: Vec<DescribedSynonym>,
    read_only: bool,
) -> DescribedConfig {
    let is_sensitive = definition.is_sensitive();
    DescribedConfig {
        name: definition.name,
        value: value.filter(|_| !is_sensitive),
        source: synonyms.first().map_or(ConfigSource::Default, |synonym| synonym.source),
        is_sensitive,
        read_only,
        synonyms,
        kind: definition.kind,
        documentation: definition.description(),
    }
}

fn synonym(
    definition: &'static ConfigDefinition,
    value: String,
    source: ConfigSource,
) -> DescribedSynonym {
    let value = Some(value).filter(|_| !definition.is_sensitive());
    DescribedSynonym { name: definition.name, value, source }
}

/// Where these broker configs are set, layer by layer, and their defaults.
fn broker_synonyms(
    broker: &BrokerConfig,
    rows: impl IntoIterator<Item = &'static ConfigDefinition>,
) -> Vec<DescribedSynonym> {
    let rows: Vec<_> = rows.into_iter().collect();
    let mut synonyms = Vec::new();
    for (source, layer) in broker.layers().iter() {
        let set = rows.iter().filter_map(|row| Some((*row, layer.get(row.name)?)));
        synonyms.extend(set.map(|(row, value)| synonym(row, value.clone(), source)));
    }
    let defaults = rows.iter().filter_map(|row| Some((*row, row.default?)));
    synonyms
        .extend(defaults.map(|(row, value)| synonym(row, value.to_owned(), ConfigSource::Default)));
    synonyms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::broker::BrokerSources;

    fn broker(properties: &[(&str, &str)]) -> BrokerConfig {
        let properties = properties.iter().copied().collect();
        let sources = BrokerSources { properties, ..BrokerSources::default() };
        BrokerConfig::load(&sources).expect("valid properties").0
    }

    fn map(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
        entries.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn topic(broker: &BrokerConfig, overrides: &[(&str, &str)], name: &str) -> DescribedConfig {
        let all = describe_topic(broker, &map(overrides)).expect("valid overrides");
        all.into_iter().find(|config| config.name == name).expect("a topic config")
    }

    /// The synonyms as `kafka-configs` prints them.
    fn shown(config: &DescribedConfig) -> Vec<String> {
        let show = |synonym: &DescribedSynonym| {
            let value = synonym.value.as_deref().unwrap_or("null");
            format!("{:?}:{}={value}", synonym.source, synonym.name)
        };
        config.synonyms.iter().map(show).collect()
    }

    #[test]
    fn synonyms_go_from_the_topic_to_the_default() {
        let broker = broker(&[("log.retention.hours", "2"), ("log.retention.minutes", "5")]);
        let broker = broker
            .with_dynamic(map(&[("log.retention.ms", "70000")]), map(&[("log.retention.ms", "9")]))
            .expect("dynamic configs");
        let config = topic(&broker, &[("retention.ms", "60")], "retention.ms");
        assert_eq!((config.value.as_deref(), config.source), (Some("60"), ConfigSource::Topic));
        assert_eq!(
            shown(&config),
            [
                "Topic:retention.ms=60",
                "DynamicBroker:log.retention.ms=70000",
                "DynamicDefaultBroker:log.retention.ms=9",
                "StaticBroker:log.retention.minutes=5",
                "StaticBroker:log.retention.hours=2",
                "Default:log.retention.hours=168",
            ]
        );
    }

    #[test]
    fn an_inherited_value_is_in_the_unit_of_the_topic_config() {
        let config = topic(&broker(&[("log.retention.hours", "2")]), &[], "retention.ms");
        assert_eq!(config.value.as_deref(), Some("7200000"));
        assert_eq!(config.source, ConfigSource::StaticBroker);
        let config = topic(&broker(&[("log.retention.hours", "-1")]), &[], "retention.ms");
        assert_eq!(config.value.as_deref(), Some("-1"));
    }

    #[test]
    fn what_has_no_effect_is_said_to_have_none() {
        let documentation = |name: &str| topic(&BrokerConfig::default(), &[], name).documentation;
        assert!(documentation("remote.log.copy.disable").ends_with(" Accepted without effect."));
        assert!(!documentation("flush.ms").contains("effect"));
    }

    #[test]
    fn every_topic_config_is_described_with_its_default() {
        for config in describe_topic(&BrokerConfig::default(), &BTreeMap::new()).expect("defaults")
        {
            let definition = TOPIC_CONFIGS.get(config.name).expect("a row");
            assert_eq!(config.value.as_deref(), definition.default, "{}", config.name);
            assert_eq!(config.source, ConfigSource::Default, "{}", config.name);
            assert!(!config.read_only && !config.is_sensitive);
        }
    }

    #[test]
    fn a_broker_config_tells_whether_it_can_change() {
        let all = describe_broker(&broker(&[("num.partitions", "3")])).expect("valid");
        let find = |name: &str| all.iter().find(|config| config.name == name).expect("a row");
        let partitions = find("num.partitions");
        assert!(partitions.read_only);
        assert_eq!(partitions.source, ConfigSource::StaticBroker);
        assert_eq!(
            shown(partitions),
            ["StaticBroker:num.partitions=3", "Default:num.partitions=1"]
        );
        assert!(!find("message.max.bytes").read_only);
        assert_eq!(find("log.dirs").value, None);
    }

    #[test]
    fn the_defaults_of_all_brokers_are_only_what_was_set() {
        let broker = BrokerConfig::default()
            .with_dynamic(BTreeMap::new(), map(&[("message.max.bytes", "5")]))
            .expect("dynamic configs");
        let described = describe_broker_defaults(&broker);
        assert_eq!(described.len(), 1);
        assert_eq!(shown(&described[0]), ["DynamicDefaultBroker:message.max.bytes=5"]);
    }

    #[test]
    fn a_group_inherits_from_the_broker() {
        let broker = broker(&[("group.consumer.session.timeout.ms", "46000")]);
        let all = describe_group(&broker, &BTreeMap::new()).expect("valid");
        let session = all.iter().find(|config| config.name == "consumer.session.timeout.ms");
        assert_eq!(session.and_then(|config| config.value.as_deref()), Some("46000"));
    }
}
