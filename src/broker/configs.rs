//! Reading and changing configs of topics, brokers and groups.

use std::collections::BTreeMap;

use super::catalog::{Image, MetadataRecord, Overrides, Refusal, ResourceKind, is_internal};
use super::context::Context;
use crate::config::alter::{Alteration, alter, replace};
use crate::config::broker::{BROKER_CONFIGS, BrokerConfig};
use crate::config::definition::ConfigTable;
use crate::config::describe::{
    DescribedConfig, describe_broker, describe_broker_defaults, describe_group, describe_topic,
};
use crate::config::error::ConfigError;
use crate::config::group::{GROUP_CONFIGS, GroupConfig};
use crate::config::topic::{TOPIC_CONFIGS, TopicConfig};
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata_log::ConfigRecord;

/// A resource as a request names it.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// Kind, by its number on the wire.
    pub kind: i8,
    /// Topic name, broker id (empty for all brokers) or group id.
    pub name: &'a str,
}

/// How overrides change.
pub enum Change {
    /// To exactly these (AlterConfigs).
    Replace(Vec<(String, Option<String>)>),
    /// Step by step (IncrementalAlterConfigs).
    Alter(Vec<Alteration>),
}

/// What a request wants of one resource.
pub struct Wish {
    /// Kind of the resource, by its number on the wire.
    pub kind: i8,
    /// Its name, as in [`Resource`].
    pub name: String,
    /// What is to change, or why that cannot be understood.
    pub change: Result<Change, Refusal>,
}

/// What became of a [`Wish`].
pub struct Altered {
    /// Kind of the resource.
    pub kind: i8,
    /// Its name.
    pub name: String,
    /// How it went.
    pub error_code: ErrorCode,
    /// What went wrong, if anything did.
    pub error_message: Option<String>,
}

impl Context {
    /// All configs of a resource, with where their values come from.
    ///
    /// # Errors
    /// The resource does not exist, or has no configs here.
    pub fn describe_configs(
        &self,
        resource: Resource<'_>,
    ) -> Result<Vec<DescribedConfig>, Refusal> {
        let image = self.catalog.image();
        let kind = self.check_resource(&image, resource)?;
        let config = self.config();
        let overrides = image.overrides(kind, resource.name);
        match kind {
            ResourceKind::Topic => describe_topic(&config, &overrides),
            ResourceKind::Group => describe_group(&config, &overrides),
            ResourceKind::Broker if resource.name.is_empty() => {
                Ok(describe_broker_defaults(&config))
            }
            ResourceKind::Broker => describe_broker(&config),
        }
        .map_err(invalid)
    }

    /// Changes the overrides of resources one after the other, or only checks the changes; each
    /// succeeds or fails by itself. A resource that is named twice fails.
    pub async fn alter_configs(&self, wishes: Vec<Wish>, validate_only: bool) -> Vec<Altered> {
        let mut times_named = BTreeMap::new();
        for wish in &wishes {
            *times_named.entry((wish.kind, wish.name.clone())).or_insert(0) += 1;
        }
        let mut altered = Vec::with_capacity(wishes.len());
        for Wish { kind, name, change } in wishes {
            let outcome = match change {
                _ if times_named.get(&(kind, name.clone())) != Some(&1) => Err(Refusal::new(
                    ErrorCode::INVALID_REQUEST,
                    "Each resource must appear at most once.",
                )),
                Ok(change) => {
                    self.alter(Resource { kind, name: &name }, &change, validate_only).await
                }
                Err(refusal) => Err(refusal),
            };
            let (error_code, error_message) = match outcome {
                Ok(()) => (ErrorCode::NONE, None),
                Err(refusal) => (refusal.code, Some(refusal.message)),
            };
            altered.push(Altered { kind, name, error_code, error_message });
        }
        altered
    }

    async fn alter(
        &self,
        resource: Resource<'_>,
        change: &Change,
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let outcome = self
            .change_metadata(|image| match self.plan_configs(image, resource, change) {
                Ok(records) if !validate_only => (records, Ok(())),
                Ok(_) => (Vec::new(), Ok(())),
                Err(refusal) => (Vec::new(), Err(refusal)),
            })
            .await;
        outcome.map_err(Refusal::from)?
    }

    /// Puts the dynamic broker configs of `image` into effect. Only one change of the metadata is
    /// made at a time, so the newest image comes last.
    pub(super) fn adopt_dynamic_config(&self, image: &Image) {
        let overrides = |name: &str| Overrides::clone(&image.overrides(ResourceKind::Broker, name));
        match self.config().with_dynamic(overrides(&self.node_id.to_string()), overrides("")) {
            Ok(config) => {
                self.partitions.configure_all(image, &config);
                self.partitions.configure_cleaner(&config);
                *self.config.write().unwrap_or_else(|poisoned| poisoned.into_inner()) =
                    config.into();
            }
            // They were checked before they were stored: this is another version's metadata.
            Err(error) => tracing::error!(%error, "dynamic broker configs are not in effect"),
        }
    }

    fn plan_configs(
        &self,
        image: &Image,
        resource: Resource<'_>,
        change: &Change,
    ) -> Result<Vec<MetadataRecord>, Refusal> {
        let kind = self.check_resource(image, resource)?;
        let before = image.overrides(kind, resource.name);
        let after = match change {
            Change::Replace(values) => replace(values).map_err(invalid)?,
            Change::Alter(alterations) => {
                let described = self.describe_configs(resource)?;
                let inherited =
                    |name: &str| described.iter().find(|config| config.name == name)?.value.clone();
                alter(table(kind), &before, alterations, inherited).map_err(invalid)?
            }
        };
        self.check_overrides(image, kind, resource.name, &after)?;
        let record = |name: &String, value: Option<&String>| {
            MetadataRecord::from(ConfigRecord {
                resource_type: kind as i8,
                resource_name: resource.name.to_owned(),
                name: name.clone(),
                value: value.cloned(),
            })
        };
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        let set = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
        Ok(removed
            .map(|name| record(name, None))
            .chain(set.map(|(name, value)| record(name, Some(value))))
            .collect())
    }

    fn check_overrides(
        &self,
        image: &Image,
        kind: ResourceKind,
        name: &str,
        overrides: &Overrides,
    ) -> Result<(), Refusal> {
        let config: &BrokerConfig = &self.config();
        match kind {
            ResourceKind::Topic => check_topic_overrides(config, name, overrides),
            ResourceKind::Group => GroupConfig::from_overrides(config, overrides).map(|_| ()),
            ResourceKind::Broker => {
                let other =
                    |name: &str| Overrides::clone(&image.overrides(ResourceKind::Broker, name));
                let (broker, default) = match name {
                    "" => (other(&self.node_id.to_string()), overrides.clone()),
                    _ => (overrides.clone(), other("")),
                };
                config.with_dynamic(broker, default).map(|_| ())
            }
        }
        .map_err(invalid)
    }

    /// The kind of a resource that exists.
    fn check_resource(
        &self,
        image: &Image,
        resource: Resource<'_>,
    ) -> Result<ResourceKind, Refusal> {
        let kind = ResourceKind::from_number(resource.kind).ok_or_else(|| {
            Refusal::new(
                ErrorCode::INVALID_REQUEST,
                format!("This broker keeps no configs for resources of type {}.", resource.kind),
            )
        })?;
        match kind {
            ResourceKind::Topic if image.topic(resource.name).is_none() => Err(Refusal::new(
                ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
                "This server does not host this topic-partition.",
            )),
            ResourceKind::Broker
                if !resource.name.is_empty() && resource.name != self.node_id.to_string() =>
            {
                Err(Refusal::new(
                    ErrorCode::INVALID_REQUEST,
                    format!(
                        "Unexpected broker id, expected {} or empty string, but received {}",
                        self.node_id, resource.name
                    ),
                ))
            }
            ResourceKind::Group if resource.name.is_empty() => Err(Refusal::new(
                ErrorCode::INVALID_REQUEST,
                "Default group resources are not allowed.",
            )),
            _ => Ok(kind),
        }
    }
}

/// Checks the overrides of a topic, all together.
///
/// # Errors
/// An unknown name, a value that its config does not allow, values that contradict each other, or
/// a durability of its own for a topic of the broker's: offsets that were committed are as safe as
/// the broker says, whoever may alter topics.
pub(super) fn check_topic_overrides(
    broker: &BrokerConfig,
    topic: &str,
    overrides: &Overrides,
) -> Result<(), ConfigError> {
    const DURABILITY: &str = "durability";
    if is_internal(topic) && overrides.contains_key(DURABILITY) {
        return Err(ConfigError::NotOffered {
            name: DURABILITY.to_owned(),
            reason: "the topics of the broker itself are as durable as its own setting says"
                .to_owned(),
        });
    }
    TopicConfig::from_overrides(broker, overrides).map(|_| ())
}

fn table(kind: ResourceKind) -> &'static ConfigTable {
    match kind {
        ResourceKind::Topic => &TOPIC_CONFIGS,
        ResourceKind::Broker => &BROKER_CONFIGS,
        ResourceKind::Group => &GROUP_CONFIGS,
    }
}

fn invalid(error: ConfigError) -> Refusal {
    let code = match error {
        ConfigError::DuplicateKeys | ConfigError::NullValue(_) => ErrorCode::INVALID_REQUEST,
        _ => ErrorCode::INVALID_CONFIG,
    };
    Refusal::new(code, error.to_string())
}
