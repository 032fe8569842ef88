//! Configs of topics, brokers, groups and client metrics.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::client::cluster::Cluster;
use crate::client::connection::Connection;
use crate::client::error::ClientError;
use crate::wire::error::ErrorCode;
use crate::wire::messages::describe_configs::{
    DescribeConfigsRequest, DescribeConfigsResource, DescribeConfigsResourceResult,
};
use crate::wire::messages::incremental_alter_configs::{
    AlterConfigsResource, AlterableConfig, IncrementalAlterConfigsRequest,
};

/// What has configs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ResourceType {
    /// A topic.
    Topic = 2,
    /// A broker by node id; with an empty name, the default of all brokers.
    Broker = 4,
    /// The log levels of a broker.
    BrokerLogger = 8,
    /// A subscription to client metrics (KIP-714).
    ClientMetrics = 16,
    /// A group (KIP-848).
    Group = 32,
}

/// Something that has configs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// What it is.
    pub kind: ResourceType,
    /// Its name; of a broker, its node id.
    pub name: String,
}

impl Resource {
    /// The resource of a topic.
    pub fn topic(name: impl Into<String>) -> Self {
        Self { kind: ResourceType::Topic, name: name.into() }
    }
}

/// Where a config's value comes from; the numbers are those of DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigSource {
    /// Set on the topic.
    DynamicTopic,
    /// Set on the broker while it ran.
    DynamicBroker,
    /// Set for all brokers while they ran.
    DynamicDefaultBroker,
    /// From the broker's `server.properties`.
    StaticBroker,
    /// Nobody has set it.
    Default,
    /// Set on the broker's loggers.
    DynamicBrokerLogger,
    /// Set on the subscription to client metrics.
    ClientMetrics,
    /// Set on the group.
    Group,
    /// A number that this version does not know.
    Unknown(i8),
}

impl From<i8> for ConfigSource {
    fn from(number: i8) -> Self {
        match number {
            1 => Self::DynamicTopic,
            2 => Self::DynamicBroker,
            3 => Self::DynamicDefaultBroker,
            4 => Self::StaticBroker,
            5 => Self::Default,
            6 => Self::DynamicBrokerLogger,
            7 => Self::ClientMetrics,
            8 => Self::Group,
            number => Self::Unknown(number),
        }
    }
}

/// A config as a broker describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// The name.
    pub name: String,
    /// The value; `None` if it has none, or if it is sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether only a restart can change it.
    pub is_read_only: bool,
    /// Whether the broker keeps the value to itself.
    pub is_sensitive: bool,
    /// Everything that could have given the value, the strongest first, with name and source.
    pub synonyms: Vec<(String, Option<String>, ConfigSource)>,
}

impl From<DescribeConfigsResourceResult> for ConfigEntry {
    fn from(config: DescribeConfigsResourceResult) -> Self {
        let synonyms = config.synonyms.into_iter();
        Self {
            name: config.name,
            value: config.value,
            source: config.config_source.into(),
            is_read_only: config.read_only,
            is_sensitive: config.is_sensitive,
            synonyms: synonyms.map(|s| (s.name, s.value, s.source.into())).collect(),
        }
    }
}

/// A change of one config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// Set it to a value.
    Set(String, String),
    /// Go back to the default.
    Delete(String),
    /// Add items to a list.
    Append(String, String),
    /// Remove items from a list.
    Subtract(String, String),
}

/// What came of each resource.
pub type PerResource<T> = BTreeMap<Resource, Result<T, ClientError>>;

/// Describes all configs of some resources.
pub async fn describe_configs(
    cluster: &Cluster,
    resources: &[Resource],
    include_synonyms: bool,
) -> Result<PerResource<Vec<ConfigEntry>>, ClientError> {
    let mut described = BTreeMap::new();
    for (node_id, resources) in by_node(resources)? {
        let row = |resource: &&Resource| DescribeConfigsResource {
            resource_type: resource.kind as i8,
            resource_name: resource.name.clone(),
            configuration_keys: None,
        };
        let request = DescribeConfigsRequest {
            resources: resources.iter().map(row).collect(),
            include_synonyms,
            include_documentation: false,
        };
        let connection = node(cluster, node_id).await?;
        for result in connection.request(&request).await?.results {
            let key = (result.resource_type, result.resource_name.as_str());
            let Some(resource) = named(&resources, key) else { continue };
            let entries = ClientError::check(result.error_code, result.error_message)
                .map(|()| result.configs.into_iter().map(ConfigEntry::from).collect());
            described.insert(resource, entries);
        }
    }
    Ok(described)
}

/// Changes configs of some resources one by one (KIP-339, Kafka 2.3), or only checks the changes
/// (`validate_only`).
pub async fn alter_configs(
    cluster: &Cluster,
    changes: &BTreeMap<Resource, Vec<ConfigChange>>,
    validate_only: bool,
) -> Result<PerResource<()>, ClientError> {
    let all: Vec<Resource> = changes.keys().cloned().collect();
    let mut altered = BTreeMap::new();
    for (node_id, resources) in by_node(&all)? {
        let row = |resource: &&Resource| AlterConfigsResource {
            resource_type: resource.kind as i8,
            resource_name: resource.name.clone(),
            configs: changes.get(resource).into_iter().flatten().map(alterable).collect(),
        };
        let request = IncrementalAlterConfigsRequest {
            resources: resources.iter().map(row).collect(),
            validate_only,
        };
        let connection = node(cluster, node_id).await?;
        for result in connection.request(&request).await?.responses {
            let key = (result.resource_type, result.resource_name.as_str());
            let Some(resource) = named(&resources, key) else { continue };
            altered.insert(resource, ClientError::check(result.error_code, result.error_message));
        }
    }
    Ok(altered)
}

fn alterable(change: &ConfigChange) -> AlterableConfig {
    let (name, config_operation, value) = match change {
        ConfigChange::Set(name, value) => (name, 0, Some(value)),
        ConfigChange::Delete(name) => (name, 1, None),
        ConfigChange::Append(name, value) => (name, 2, Some(value)),
        ConfigChange::Subtract(name, value) => (name, 3, Some(value)),
    };
    AlterableConfig { name: name.clone(), config_operation, value: value.cloned() }
}

/// A broker answers only for itself; any broker answers for everything else.
fn by_node(resources: &[Resource]) -> Result<BTreeMap<Option<i32>, Vec<&Resource>>, ClientError> {
    let mut nodes: BTreeMap<Option<i32>, Vec<&Resource>> = BTreeMap::new();
    for resource in resources {
        let of_a_broker =
            matches!(resource.kind, ResourceType::Broker | ResourceType::BrokerLogger);
        let node_id = match of_a_broker && !resource.name.is_empty() {
            true => Some(resource.name.parse().map_err(|_| ClientError::Refused {
                code: ErrorCode::INVALID_REQUEST,
                message: Some(format!("{:?} is not the node id of a broker", resource.name)),
            })?),
            false => None,
        };
        nodes.entry(node_id).or_default().push(resource);
    }
    Ok(nodes)
}

async fn node(cluster: &Cluster, node_id: Option<i32>) -> Result<Arc<Connection>, ClientError> {
    match node_id {
        Some(node_id) => cluster.broker(node_id).await,
        None => cluster.any().await,
    }
}

fn named(resources: &[&Resource], (kind, name): (i8, &str)) -> Option<Resource> {
    let asked = resources.iter().find(|asked| asked.kind as i8 == kind && asked.name == name)?;
    Some((*asked).clone())
}
