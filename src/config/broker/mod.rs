//! What a broker can be told, and what applies in the end.

mod known;
mod layers;
mod listener;
mod load;
mod table;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub(crate) use layers::Layers;
pub use listener::Listener;
pub use load::{BrokerSources, ConfigWarning};
pub use table::BROKER_CONFIGS;

use super::definition::{ConfigDefinition, Update, Value};
use super::error::ConfigError;
use super::group::GroupConfig;
use super::security::SecurityProtocol;
use super::topic::{Durability, TopicConfig};
use super::values::Values;
use listener::{check_advertised, check_distinct, parse_listeners, security_protocol};

/// Every broker config that something here reads, with the value that applies, and the layers that
/// it came from. The fields are called as the configs. The defaults of topic configs are not
/// among them: [`TopicConfig::from_overrides`] has them.
#[derive(Clone)]
pub struct BrokerConfig {
    /// Number of this node, from 0.
    pub node_id: i32,
    /// The cluster's id (variable `CLUSTER_ID`); `None` lets a new data directory choose.
    pub cluster_id: Option<String>,
    /// Rack or zone.
    pub broker_rack: Option<String>,
    /// What to listen on, plaintext all, without the controller's listeners; at least one.
    pub listeners: Vec<Listener>,
    /// What clients are told, per listener name; without an entry, the address they came in on.
    pub advertised_listeners: Vec<Listener>,
    /// Directories of the data; empty lets the command line choose.
    pub log_dirs: Vec<PathBuf>,
    /// When acks=all, offset commits and transactions are answered.
    pub durability: Durability,
    /// `disk.reserve.bytes`; `None` if it follows the size of the file system.
    pub disk_reserve_bytes: Option<u64>,
    /// Partitions of a topic that is created without a number, from 1.
    pub num_partitions: i32,
    /// Replication factor of a topic that is created without one.
    pub default_replication_factor: i32,
    /// Whether asking for a topic's metadata creates it.
    pub auto_create_topics_enable: bool,
    /// Whether topics can be deleted.
    pub delete_topic_enable: bool,
    /// Time without request after which a connection is closed; negative is never.
    pub connections_max_idle_ms: i64,
    /// Most open connections.
    pub max_connections: i32,
    /// Largest request, from 1 byte.
    pub socket_request_max_bytes: i32,
    /// Most bytes that one fetch is answered with, from 1024.
    pub fetch_max_bytes: i32,
    /// Most fetch sessions that are remembered.
    pub max_incremental_fetch_session_cache_slots: i32,
    /// Time from the start to the first look for segments past their retention.
    pub log_initial_task_delay_ms: i64,
    /// Time between two looks for segments past their retention.
    pub log_retention_check_interval_ms: i64,
    /// Whether the cleaner runs.
    pub log_cleaner_enable: bool,
    /// Time that an idle cleaner sleeps.
    pub log_cleaner_backoff_ms: i64,
    /// Threads of the cleaner.
    pub log_cleaner_threads: i32,
    /// Memory of the cleaner for reads and writes.
    pub log_cleaner_io_buffer_size: i32,
    /// Memory of the cleaner for keys.
    pub log_cleaner_dedupe_buffer_size: i64,
    /// How long an idle producer's sequence numbers are remembered.
    pub producer_id_expiration_ms: i32,
    /// Partitions of the offsets topic, from 1.
    pub offsets_topic_num_partitions: i32,
    /// Segment size of the offsets topic.
    pub offsets_topic_segment_bytes: i32,
    /// How long the offsets of a group without members are kept, in minutes.
    pub offsets_retention_minutes: i32,
    /// Time between two looks for expired offsets.
    pub offsets_retention_check_interval_ms: i64,
    /// Most bytes of metadata in an offset commit.
    pub offset_metadata_max_bytes: i32,
    /// Time that a new classic group waits for more members.
    pub group_initial_rebalance_delay_ms: i32,
    /// Smallest session timeout of a classic member.
    pub group_min_session_timeout_ms: i32,
    /// Largest session timeout of a classic member.
    pub group_max_session_timeout_ms: i32,
    /// Most members of a classic group.
    pub group_max_size: i32,
    /// Server-side assignors, the default first.
    pub group_consumer_assignors: Vec<String>,
    /// Heartbeat interval of consumer groups.
    pub group_consumer_heartbeat_interval_ms: i32,
    /// Smallest heartbeat interval that a consumer group can be given.
    pub group_consumer_min_heartbeat_interval_ms: i32,
    /// Largest heartbeat interval that a consumer group can be given.
    pub group_consumer_max_heartbeat_interval_ms: i32,
    /// Session timeout of consumer groups.
    pub group_consumer_session_timeout_ms: i32,
    /// Smallest session timeout that a consumer group can be given.
    pub group_consumer_min_session_timeout_ms: i32,
    /// Largest session timeout that a consumer group can be given.
    pub group_consumer_max_session_timeout_ms: i32,
    /// Most members of a consumer group.
    pub group_consumer_max_size: i32,
    /// Largest timeout that a transactional producer may ask for.
    pub transaction_max_timeout_ms: i32,
    /// Time between two looks for transactions past their timeout.
    pub transaction_abort_timed_out_transaction_cleanup_interval_ms: i32,
    /// Time between two looks for expired transactional ids.
    pub transaction_remove_expired_transaction_cleanup_interval_ms: i32,
    /// Partitions of the transaction log, from 1.
    pub transaction_state_log_num_partitions: i32,
    /// Segment size of the transaction log.
    pub transaction_state_log_segment_bytes: i32,
    /// How long an idle transactional id is remembered.
    pub transactional_id_expiration_ms: i32,
    /// Listeners of the controller, until they have been warned of.
    controller_listeners: Vec<Listener>,
    layers: Layers,
}

impl Default for BrokerConfig {
    /// The defaults alone.
    fn default() -> Self {
        Self::from_layers(Layers::default()).expect("defaults are valid under their own rules")
    }
}

impl fmt::Debug for BrokerConfig {
    /// Shows the names that were set and no value: one may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = self.layers.iter().into_iter().flat_map(|(_, layer)| layer.keys());
        f.debug_struct("BrokerConfig").field("set", &set.collect::<Vec<_>>()).finish()
    }
}

impl BrokerConfig {
    /// This config with other dynamic layers: what `kf configs --entity-type brokers` has set for
    /// this broker, and as the default of all brokers.
    ///
    /// # Errors
    /// An unknown name, one that only a restart can change, or a value that does not fit.
    pub fn with_dynamic(
        &self,
        broker: BTreeMap<String, String>,
        default: BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        for (name, value) in broker.iter().chain(&default) {
            validate_dynamic_broker_config(name, value)?;
        }
        let start = self.layers.start.clone();
        let layers = Layers { dynamic_broker: broker, dynamic_default: default, start };
        Ok(Self { cluster_id: self.cluster_id.clone(), ..Self::from_layers(layers)? })
    }

    /// What was set, and where.
    pub(crate) fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The value that a topic without an override of this config has.
    pub(crate) fn topic_default(
        &self,
        definition: &'static ConfigDefinition,
    ) -> Result<Option<Value>, ConfigError> {
        self.layers.inherited(definition)
    }

    fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let effective = |definition: &'static ConfigDefinition| layers.effective(definition);
        let values = Values { table: &BROKER_CONFIGS, effective: &effective };
        let config = Self::read(&values, &layers)?;
        // Whatever topics and groups inherit must itself be valid.
        TopicConfig::from_overrides(&config, &BTreeMap::new())?;
        GroupConfig::from_overrides(&config, &BTreeMap::new())?;
        Ok(config)
    }

    fn read(values: &Values<'_>, layers: &Layers) -> Result<Self, ConfigError> {
        check_roles(values)?;
        let (listeners, controller_listeners) = read_listeners(values)?;
        Ok(Self {
            node_id: read_node_id(values, layers)?,
            cluster_id: None,
            broker_rack: values.text("broker.rack")?,
            advertised_listeners: read_advertised(values, &listeners, &controller_listeners)?,
            listeners,
            log_dirs: read_log_dirs(values)?,
            durability: values.choice("durability", Durability::NAMES)?,
            disk_reserve_bytes: u64::try_from(values.integer::<i64>("disk.reserve.bytes")?).ok(),
            num_partitions: values.integer("num.partitions")?,
            default_replication_factor: values.integer("default.replication.factor")?,
            auto_create_topics_enable: values.boolean("auto.create.topics.enable")?,
            delete_topic_enable: values.boolean("delete.topic.enable")?,
            connections_max_idle_ms: values.integer("connections.max.idle.ms")?,
            max_connections: values.integer("max.connections")?,
            socket_request_max_bytes: values.integer("socket.request.max.bytes")?,
            fetch_max_bytes: values.integer("fetch.max.bytes")?,
            max_incremental_fetch_session_cache_slots: values
                .integer("max.incremental.fetch.session.cache.slots")?,
            log_initial_task_delay_ms: values.integer("log.initial.task.delay.ms")?,
            log_retention_check_interval_ms: values.integer("log.retention.check.interval.ms")?,
            log_cleaner_enable: values.boolean("log.cleaner.enable")?,
            log_cleaner_threads: values.integer("log.cleaner.threads")?,
            log_cleaner_io_buffer_size: values.integer("log.cleaner.io.buffer.size")?,
            log_cleaner_backoff_ms: values.integer("log.cleaner.backoff.ms")?,
            log_cleaner_dedupe_buffer_size: values.integer("log.cleaner.dedupe.buffer.size")?,
            producer_id_expiration_ms: values.integer("producer.id.expiration.ms")?,
            offsets_topic_num_partitions: values.integer("offsets.topic.num.partitions")?,
            offsets_topic_segment_bytes: values.integer("offsets.topic.segment.bytes")?,
            offsets_retention_minutes: values.integer("offsets.retention.minutes")?,
            offsets_retention_check_interval_ms: values
                .integer("offsets.retention.check.interval.ms")?,
            offset_metadata_max_bytes: values.integer("offset.metadata.max.bytes")?,
            group_initial_rebalance_delay_ms: values.integer("group.initial.rebalance.delay.ms")?,
            group_min_session_timeout_ms: values.integer("group.min.session.timeout.ms")?,
            group_max_session_timeout_ms: values.integer("group.max.session.timeout.ms")?,
            group_max_size: values.integer("group.max.size")?,
            group_consumer_assignors: values.list("group.consumer.assignors")?,
            group_consumer_heartbeat_interval_ms: values
                .integer("group.consumer.heartbeat.interval.ms")?,
            group_consumer_min_heartbeat_interval_ms: values
                .integer("group.consumer.min.heartbeat.interval.ms")?,
            group_consumer_max_heartbeat_interval_ms: values
                .integer("group.consumer.max.heartbeat.interval.ms")?,
            group_consumer_session_timeout_ms: values
                .integer("group.consumer.session.timeout.ms")?,
            group_consumer_min_session_timeout_ms: values
                .integer("group.consumer.min.session.timeout.ms")?,
            group_consumer_max_session_timeout_ms: values
                .integer("group.consumer.max.session.timeout.ms")?,
            group_consumer_max_size: values.integer("group.consumer.max.size")?,
            transaction_max_timeout_ms: values.integer("transaction.max.timeout.ms")?,
            transaction_abort_timed_out_transaction_cleanup_interval_ms: values
                .integer("transaction.abort.timed.out.transaction.cleanup.interval.ms")?,
            transaction_remove_expired_transaction_cleanup_interval_ms: values
                .integer("transaction.remove.expired.transaction.cleanup.interval.ms")?,
            transaction_state_log_num_partitions: values
                .integer("transaction.state.log.num.partitions")?,
            transaction_state_log_segment_bytes: values
                .integer("transaction.state.log.segment.bytes")?,
            transactional_id_expiration_ms: values.integer("transactional.id.expiration.ms")?,
            controller_listeners,
            layers: layers.clone(),
        })
    }
}

/// Checks one dynamic broker config by itself.
///
/// # Errors
/// No broker config has this name, only a restart can change it, or it does not allow the value.
pub fn validate_dynamic_broker_config(name: &str, value: &str) -> Result<(), ConfigError> {
    let unknown = || ConfigError::UnknownBrokerConfig(name.to_owned());
    let definition = BROKER_CONFIGS.get(name).ok_or_else(unknown)?;
    if definition.update == Update::ReadOnly {
        return Err(ConfigError::NotDynamic(name.to_owned()));
    }
    definition.parse(value)?;
    Ok(())
}

fn check_roles(values: &Values<'_>) -> Result<(), ConfigError> {
    let roles = values.list("process.roles")?;
    if roles.is_empty() || roles.iter().any(|role| role == "broker") {
        return Ok(());
    }
    let reason = "a controller without a broker is not offered".to_owned();
    Err(ConfigError::NotOffered { name: "process.roles".to_owned(), reason })
}

/// `node.id`, or its older name `broker.id`; both must agree if both are set.
fn read_node_id(values: &Values<'_>, layers: &Layers) -> Result<i32, ConfigError> {
    let (node_id, broker_id) = (values.integer("node.id")?, values.integer("broker.id")?);
    match (layers.get("node.id"), layers.get("broker.id")) {
        (None, Some(_)) if broker_id >= 0 => Ok(broker_id),
        (Some(_), Some(_)) if broker_id >= 0 && broker_id != node_id => {
            let reason = "You must set `node.id` to the same value as `broker.id`.";
            Err(ConfigError::invalid("node.id", node_id, reason))
        }
        _ => Ok(node_id),
    }
}

/// The listeners to open, and those of the controller.
fn read_listeners(values: &Values<'_>) -> Result<(Vec<Listener>, Vec<Listener>), ConfigError> {
    let all = parse_listeners("listeners", &values.list("listeners")?)?;
    check_distinct(&all)?;
    let mut controllers = values.list("controller.listener.names")?;
    if controllers.is_empty() {
        controllers.push("CONTROLLER".to_owned());
    }
    let is_controller = |listener: &Listener| {
        controllers.iter().any(|name| name.eq_ignore_ascii_case(&listener.name))
    };
    let (controllers, listeners): (Vec<_>, Vec<_>) = all.into_iter().partition(is_controller);
    if listeners.is_empty() {
        return Err(ConfigError::invalid("listeners", "", "At least one listener is needed"));
    }
    let map = values.text("listener.security.protocol.map")?.unwrap_or_default();
    for listener in &listeners {
        let protocol = security_protocol(&map, listener)?;
        if protocol != SecurityProtocol::Plaintext {
            return Err(ConfigError::NotOffered {
                name: "listeners".to_owned(),
                reason: format!("{listener} asks for {protocol}, which is not offered yet"),
            });
        }
    }
    Ok((listeners, controllers))
}

/// What clients are told, without the controller's listeners.
fn read_advertised(
    values: &Values<'_>,
    listeners: &[Listener],
    controllers: &[Listener],
) -> Result<Vec<Listener>, ConfigError> {
    let name = "advertised.listeners";
    let mut advertised = parse_listeners(name, &values.list(name)?)?;
    advertised.retain(|listener| !controllers.iter().any(|known| known.name == listener.name));
    check_advertised(&advertised, listeners)?;
    Ok(advertised)
}

/// `log.dirs`, else `log.dir`.
fn read_log_dirs(values: &Values<'_>) -> Result<Vec<PathBuf>, ConfigError> {
    let mut directories = values.list("log.dirs")?;
    if directories.is_empty() {
        directories = values.list("log.dir")?;
    }
    Ok(directories.into_iter().filter(|path| !path.is_empty()).map(PathBuf::from).collect())
}
