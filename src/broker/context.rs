//! What handlers share: identity, settings, metadata, partitions, groups.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, RwLock};

use tokio::sync::Semaphore;

use super::catalog::{
    Catalog, ChangeError, Image, MAX_NEW_PARTITIONS, MetadataRecord, NewTopic, Refusal,
    ResourceKind, Topic, TopicDefaults, plan_topic,
};
use super::configs::check_topic_overrides;
use super::groups::Groups;
use super::partition::Partition;
use super::partitions::Partitions;
use super::producer_ids::ProducerIds;
use crate::base::clock::Clock;
use crate::base::uuid::Uuid;
use crate::config::broker::{BrokerConfig, Listener};
use crate::coordinator::group::{ClientIdentity, partition_for};
use crate::wire::error::ErrorCode;

/// The topic that groups and their offsets are kept in.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// What every handler can reach.
pub struct Context {
    /// Number of this broker.
    pub node_id: i32,
    /// Id of the cluster.
    pub cluster_id: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The cluster's metadata.
    pub catalog: Arc<Catalog>,
    /// The partitions that this broker leads.
    pub partitions: Arc<Partitions>,
    /// The groups that this broker coordinates.
    pub groups: Groups,
    /// Where producer ids come from.
    pub producer_ids: ProducerIds,
    /// Places for batches that are being decompressed to be checked.
    pub decompressing: Semaphore,
    /// The settings; replaced as a whole when dynamic ones change.
    pub(super) config: RwLock<Arc<BrokerConfig>>,
}

/// Who asks, and how.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What the client calls itself.
    pub client_id: String,
    /// Version of its request.
    pub api_version: i16,
    /// Where it is.
    pub peer: SocketAddr,
    /// The address on this side that it reached.
    pub local: SocketAddr,
}

impl Caller {
    /// A client that has not said anything yet.
    pub fn new(peer: SocketAddr, local: SocketAddr) -> Self {
        Self { client_id: String::new(), api_version: 0, peer, local }
    }

    /// The client as groups know it; the host is printed as Java prints an address.
    pub fn identity(&self) -> ClientIdentity {
        ClientIdentity {
            client_id: self.client_id.clone(),
            host: format!("/{}", self.peer.ip().to_canonical()),
        }
    }
}

impl Context {
    /// The settings as they are now.
    pub fn config(&self) -> Arc<BrokerConfig> {
        // Held for the length of a pointer's copy; a panic cannot happen while it is.
        self.config.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// The address to tell a client: what `advertised.listeners` says of the listener that it came
    /// in on, else the address that it reached.
    pub fn endpoint(&self, caller: &Caller) -> (String, i32) {
        let config = self.config();
        let advertised = listener_of(&config.listeners, caller.local).and_then(|listener| {
            config.advertised_listeners.iter().find(|advertised| advertised.name == listener.name)
        });
        match advertised {
            Some(Listener { host: Some(host), port, .. }) => (host.clone(), i32::from(*port)),
            _ => (caller.local.ip().to_canonical().to_string(), i32::from(caller.local.port())),
        }
    }

    /// Changes the metadata, and with it the partitions.
    ///
    /// # Errors
    /// The change could not be made durable; it has not happened.
    pub async fn change_metadata<T>(
        &self,
        decide: impl FnOnce(&Image) -> (Vec<MetadataRecord>, T),
    ) -> Result<T, ChangeError> {
        let change = self.catalog.change(decide, |before, after, records| {
            if records.iter().any(is_broker_config) {
                self.adopt_dynamic_config(after);
            }
            self.partitions.follow(before, after, records, &self.config())
        });
        let (result, removals) = change.await?;
        removals.finish().await;
        Ok(result)
    }

    /// A partition of a topic by name.
    ///
    /// # Errors
    /// UNKNOWN_TOPIC_OR_PARTITION if there is none, KAFKA_STORAGE_ERROR if its log is damaged.
    pub fn partition(
        &self,
        image: &Image,
        topic: &str,
        index: i32,
    ) -> Result<Arc<Partition>, ErrorCode> {
        let topic = image.topic(topic).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
        self.partitions.get(topic, index)
    }

    /// A wish for a topic of this name with the broker's defaults; internal topics get theirs.
    pub fn new_topic(&self, name: &str) -> NewTopic {
        let config = self.config();
        let mut topic = NewTopic {
            name: name.to_owned(),
            partitions: -1,
            replication_factor: -1,
            ..NewTopic::default()
        };
        if name == OFFSETS_TOPIC {
            topic.partitions = config.offsets_topic_num_partitions;
            topic.configs = [
                ("cleanup.policy", "compact".to_owned()),
                ("compression.type", "producer".to_owned()),
                ("segment.bytes", config.offsets_topic_segment_bytes.to_string()),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        }
        topic
    }

    /// Creates topics; each succeeds or fails by itself, and is durable when this returns.
    ///
    /// # Errors
    /// Nothing was created because the metadata log failed.
    pub async fn create_topics(
        &self,
        wishes: Vec<NewTopic>,
    ) -> Result<Vec<Result<Arc<Topic>, Refusal>>, ChangeError> {
        self.change_metadata(|image| self.plan_topics(image, &wishes)).await
    }

    /// Whether this broker can coordinate a group.
    ///
    /// # Errors
    /// COORDINATOR_NOT_AVAILABLE if the log that the group is in is damaged: to answer that the
    /// group has committed nothing would make its members start over.
    pub fn check_coordinates(&self, group_id: &str) -> Result<(), ErrorCode> {
        let image = self.catalog.image();
        let Some(topic) = image.topic(OFFSETS_TOPIC) else { return Ok(()) };
        let index = partition_for(group_id, topic.partitions.len() as i32);
        let partition = self.partitions.get(topic, index);
        partition.map(|_| ()).map_err(|_| ErrorCode::COORDINATOR_NOT_AVAILABLE)
    }

    /// What [`Context::create_topics`] would do; creates nothing.
    pub fn check_topics(&self, wishes: &[NewTopic]) -> Vec<Result<Arc<Topic>, Refusal>> {
        self.plan_topics(&self.catalog.image(), wishes).1
    }

    /// Makes sure that [`OFFSETS_TOPIC`] exists.
    ///
    /// # Errors
    /// The metadata log failed.
    pub async fn ensure_offsets_topic(&self) -> Result<(), ChangeError> {
        if self.catalog.image().topic(OFFSETS_TOPIC).is_some() {
            return Ok(());
        }
        // That somebody else has created it meanwhile is as good.
        self.create_topics(vec![self.new_topic(OFFSETS_TOPIC)]).await.map(|_| ())
    }

    fn plan_topics(
        &self,
        image: &Image,
        wishes: &[NewTopic],
    ) -> (Vec<MetadataRecord>, Vec<Result<Arc<Topic>, Refusal>>) {
        let config = self.config();
        let defaults = TopicDefaults {
            node_id: self.node_id,
            partitions: config.num_partitions,
            replication_factor: i16::try_from(config.default_replication_factor)
                .unwrap_or(i16::MAX),
        };
        let mut after = image.clone();
        let mut all_records = Vec::new();
        let mut new_partitions = 0;
        let outcomes = wishes.iter().map(|wish| {
            check_topic_overrides(&config, &wish.name, &wish.configs)
                .map_err(|error| Refusal::new(ErrorCode::INVALID_CONFIG, error.to_string()))?;
            let records = plan_topic(&after, wish, Uuid::random(), defaults)?;
            let is_partition = |r: &&MetadataRecord| matches!(r, MetadataRecord::Partition(_));
            new_partitions += records.iter().filter(is_partition).count();
            if new_partitions > MAX_NEW_PARTITIONS {
                return Err(Refusal::new(
                    ErrorCode::POLICY_VIOLATION,
                    format!("One request may create at most {MAX_NEW_PARTITIONS} partitions."),
                ));
            }
            records.iter().for_each(|record| after.apply(record));
            all_records.extend(records);
            after.topic(&wish.name).cloned().ok_or_else(|| {
                Refusal::new(ErrorCode::UNKNOWN_SERVER_ERROR, "The topic was not planned.")
            })
        });
        let outcomes = outcomes.collect();
        (all_records, outcomes)
    }
}

fn is_broker_config(record: &MetadataRecord) -> bool {
    let broker = ResourceKind::Broker as i8;
    matches!(record, MetadataRecord::Config(config) if config.resource_type == broker)
}

/// The listener that a connection to `local` came in on: of the same port, and of the same address
/// if there are several. A port of 0 stands for the one that the operating system chose.
fn listener_of(listeners: &[Listener], local: SocketAddr) -> Option<&Listener> {
    let on_port = |listener: &&Listener| listener.port == local.port() || listener.port == 0;
    let on_address = |listener: &&Listener| {
        let host = listener.host.as_deref().and_then(|host| host.parse::<IpAddr>().ok());
        host == Some(local.ip().to_canonical())
    };
    let mut candidates = listeners.iter().filter(on_port);
    candidates.clone().find(on_address).or_else(|| candidates.next())
}
