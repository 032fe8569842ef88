//! What the cluster's metadata is after a number of records: topics, partitions, configs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::records::MetadataRecord;
use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::metadata_log::{
    ConfigRecord, PartitionChangeRecord, PartitionRecord, TopicRecord,
};

/// Kinds of resources that have configs, with their numbers on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i8)]
pub enum ResourceKind {
    /// A topic, by name.
    Topic = 2,
    /// A broker by id, or all brokers for the empty name.
    Broker = 4,
    /// A consumer group, by id.
    Group = 32,
}

impl ResourceKind {
    /// The kind of a number on the wire; `None` for those that this broker keeps no configs for.
    pub fn from_number(number: i8) -> Option<Self> {
        [Self::Topic, Self::Broker, Self::Group].into_iter().find(|kind| *kind as i8 == number)
    }
}

/// A topic and its partitions; the index of a partition is its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Topic {
    /// Name, unique among the topics that exist.
    pub name: Arc<str>,
    /// Id, unique for ever (KIP-516).
    pub id: Uuid,
    /// The partitions, in order.
    pub partitions: Vec<PartitionState>,
}

/// Who leads and who replicates a partition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionState {
    /// Node id of the leader; -1 if there is none.
    pub leader: i32,
    /// Raised with each change of the leader.
    pub leader_epoch: i32,
    /// Raised with each change of the partition's record.
    pub partition_epoch: i32,
    /// Node ids of all replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Node ids of the in-sync replicas.
    pub isr: Vec<i32>,
}

impl PartitionState {
    /// What a client is told of the partition as a whole.
    pub fn error_code(&self) -> ErrorCode {
        if self.leader < 0 { ErrorCode::LEADER_NOT_AVAILABLE } else { ErrorCode::NONE }
    }

    /// Node ids of the replicas whose logs cannot be used: those of a partition without leader.
    pub fn offline_replicas(&self) -> Vec<i32> {
        if self.leader < 0 { self.replicas.clone() } else { Vec::new() }
    }
}

/// Overrides of one resource, by config name.
pub type Overrides = BTreeMap<String, String>;

/// The cluster's metadata at a point in the log. Cheap to clone: topics are shared.
#[derive(Clone, Debug, Default)]
pub struct Image {
    topics: BTreeMap<Arc<str>, Arc<Topic>>,
    names: HashMap<Uuid, Arc<str>>,
    configs: BTreeMap<(ResourceKind, String), Arc<Overrides>>,
    next_producer_id: i64,
}

impl Image {
    /// All topics, sorted by name.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<Topic>> {
        self.topics.values()
    }

    /// The topic of a name.
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        self.topics.get(name)
    }

    /// The topic of an id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Arc<Topic>> {
        self.topics.get(self.names.get(&id)?)
    }

    /// The overrides of a resource; empty if it has none.
    pub fn overrides(&self, kind: ResourceKind, name: &str) -> Arc<Overrides> {
        self.configs.get(&(kind, name.to_owned())).cloned().unwrap_or_default()
    }

    /// The first producer id that no block has covered yet.
    pub fn next_producer_id(&self) -> i64 {
        self.next_producer_id
    }

    /// Applies one record. A record about a topic that does not exist changes nothing, as it does
    /// not in Kafka: its topic was removed later in the log.
    pub fn apply(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Topic(record) => self.add_topic(record),
            MetadataRecord::Partition(record) => self.add_partition(record),
            MetadataRecord::PartitionChange(record) => self.change_partition(record),
            MetadataRecord::Config(record) => self.set_config(record),
            MetadataRecord::RemoveTopic(record) => self.remove_topic(record.topic_id),
            MetadataRecord::ProducerIds(record) => self.next_producer_id = record.next_producer_id,
            MetadataRecord::RegisterBroker(_) | MetadataRecord::FeatureLevel(_) => {}
        }
    }

    fn add_topic(&mut self, record: &TopicRecord) {
        let name: Arc<str> = record.name.as_str().into();
        let topic = Topic { name: name.clone(), id: record.topic_id, partitions: Vec::new() };
        self.names.insert(topic.id, name.clone());
        self.topics.insert(name, Arc::new(topic));
    }

    fn topic_mut(&mut self, id: Uuid) -> Option<&mut Topic> {
        self.topics.get_mut(self.names.get(&id)?).map(Arc::make_mut)
    }

    fn add_partition(&mut self, record: &PartitionRecord) {
        let Some(topic) = self.topic_mut(record.topic_id) else { return };
        let state = PartitionState {
            leader: record.leader,
            leader_epoch: record.leader_epoch,
            partition_epoch: record.partition_epoch,
            replicas: record.replicas.clone(),
            isr: record.isr.clone(),
        };
        // Partitions are created in order, so a record is either the next one or a repetition.
        match usize::try_from(record.partition_id).map(|index| topic.partitions.get_mut(index)) {
            Ok(Some(partition)) => *partition = state,
            Ok(None) => topic.partitions.push(state),
            Err(_) => {}
        }
    }

    fn change_partition(&mut self, record: &PartitionChangeRecord) {
        const NO_CHANGE: i32 = -2;
        let Some(topic) = self.topic_mut(record.topic_id) else { return };
        let index = usize::try_from(record.partition_id).unwrap_or(usize::MAX);
        let Some(partition) = topic.partitions.get_mut(index) else { return };
        partition.partition_epoch += 1;
        if let Some(isr) = &record.isr {
            partition.isr = isr.clone();
        }
        if let Some(replicas) = &record.replicas {
            partition.replicas = replicas.clone();
        }
        if record.leader != NO_CHANGE {
            partition.leader = record.leader;
            partition.leader_epoch += 1;
        }
    }

    fn set_config(&mut self, record: &ConfigRecord) {
        let Some(kind) = ResourceKind::from_number(record.resource_type) else { return };
        let key = (kind, record.resource_name.clone());
        let overrides = Arc::make_mut(self.configs.entry(key.clone()).or_default());
        match &record.value {
            Some(value) => overrides.insert(record.name.clone(), value.clone()),
            None => overrides.remove(&record.name),
        };
        if overrides.is_empty() {
            self.configs.remove(&key);
        }
    }

    fn remove_topic(&mut self, id: Uuid) {
        if let Some(name) = self.names.remove(&id) {
            self.topics.remove(&name);
            self.configs.remove(&(ResourceKind::Topic, name.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::metadata_log::RemoveTopicRecord;

    fn image(records: &[MetadataRecord]) -> Image {
        let mut image = Image::default();
        records.iter().for_each(|record| image.apply(record));
        image
    }

    fn topic(name: &str, id: Uuid) -> [MetadataRecord; 2] {
        let partition = PartitionRecord {
            partition_id: 0,
            topic_id: id,
            replicas: vec![1],
            isr: vec![1],
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            ..PartitionRecord::default()
        };
        [TopicRecord { name: name.to_owned(), topic_id: id }.into(), partition.into()]
    }

    fn config(name: &str, value: Option<&str>) -> MetadataRecord {
        let value = value.map(str::to_owned);
        ConfigRecord {
            resource_type: ResourceKind::Topic as i8,
            resource_name: "orders".to_owned(),
            name: name.to_owned(),
            value,
        }
        .into()
    }

    #[test]
    fn a_topic_is_found_by_name_and_by_id() {
        let id = Uuid([7; 16]);
        let image = image(&topic("orders", id));
        assert_eq!(image.topic("orders"), image.topic_by_id(id));
        assert_eq!(image.topic("orders").unwrap().partitions[0].leader, 1);
    }

    #[test]
    fn a_removed_topic_takes_its_configs_with_it() {
        let id = Uuid([7; 16]);
        let mut records = topic("orders", id).to_vec();
        records.push(config("retention.ms", Some("1")));
        records.push(RemoveTopicRecord { topic_id: id }.into());
        let image = image(&records);
        assert!(image.topic("orders").is_none() && image.topic_by_id(id).is_none());
        assert!(image.overrides(ResourceKind::Topic, "orders").is_empty());
    }

    #[test]
    fn a_null_value_resets_a_config() {
        let image = image(&[
            config("retention.ms", Some("1")),
            config("segment.ms", Some("2")),
            config("retention.ms", None),
        ]);
        let overrides = image.overrides(ResourceKind::Topic, "orders");
        assert_eq!(*overrides, Overrides::from([("segment.ms".to_owned(), "2".to_owned())]));
    }

    #[test]
    fn a_new_leader_raises_the_leader_epoch() {
        let id = Uuid([7; 16]);
        let mut records = topic("orders", id).to_vec();
        let change = PartitionChangeRecord {
            partition_id: 0,
            topic_id: id,
            leader: 2,
            ..PartitionChangeRecord::default()
        };
        records.push(change.into());
        let image = image(&records);
        let partition = &image.topic("orders").unwrap().partitions[0];
        assert_eq!((partition.leader, partition.leader_epoch), (2, 1));
    }
}
