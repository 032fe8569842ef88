//! Topics and their partitions.

use std::collections::BTreeMap;

use super::{CHANGE_TIMEOUT_MS, all_retriable};
use crate::base::uuid::Uuid;
use crate::client::cluster::Cluster;
use crate::client::connection::Connection;
use crate::client::error::ClientError;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::create_partitions::{
    CreatePartitionsAssignment, CreatePartitionsRequest, CreatePartitionsTopic,
};
use crate::wire::messages::create_topics::{
    CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use crate::wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};
use crate::wire::messages::describe_topic_partitions::{
    Cursor, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic, TopicRequest,
};
use crate::wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponsePartition, MetadataResponseTopic,
};

/// What came of each topic, by name.
pub type PerTopic<T> = BTreeMap<String, Result<T, ClientError>>;

/// A topic in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedTopic {
    /// The name.
    pub name: String,
    /// The id; zero from brokers before Kafka 2.8.
    pub topic_id: Uuid,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
}

/// A topic with its partitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicDescription {
    /// The name.
    pub name: String,
    /// The id; zero from brokers before Kafka 2.8.
    pub topic_id: Uuid,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
    /// All partitions, by index.
    pub partitions: Vec<PartitionDescription>,
}

/// Where a partition lives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartitionDescription {
    /// The index.
    pub partition: i32,
    /// Node id of the leader; `None` while there is none.
    pub leader: Option<i32>,
    /// Epoch of the leader; -1 if the broker does not say.
    pub leader_epoch: i32,
    /// Node ids of all replicas, the preferred leader first.
    pub replicas: Vec<i32>,
    /// Node ids of the replicas that are in sync.
    pub isr: Vec<i32>,
    /// Replicas that may lead although not in sync (KIP-966); `None` if the broker does not say.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// The last such replicas that were known; `None` if the broker does not say.
    pub last_known_elr: Option<Vec<i32>>,
}

/// A topic to be created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewTopic {
    /// The name.
    pub name: String,
    /// How many partitions; `None` for the broker's default.
    pub partitions: Option<i32>,
    /// How many replicas each has; `None` for the broker's default.
    pub replication_factor: Option<i16>,
    /// Node ids of the replicas of each partition; instead of the two numbers.
    pub assignments: Vec<Vec<i32>>,
    /// Config overrides.
    pub configs: Vec<(String, String)>,
}

/// More partitions for a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewPartitions {
    /// The topic's name.
    pub topic: String,
    /// How many partitions it has afterwards.
    pub total: i32,
    /// Node ids of the replicas of each new partition; `None` to let the cluster choose.
    pub assignments: Option<Vec<Vec<i32>>>,
}

/// All topics, by name.
pub async fn list_topics(cluster: &Cluster) -> Result<Vec<ListedTopic>, ClientError> {
    let metadata = cluster.metadata(None).await?;
    let listed = metadata.topics.into_iter().filter_map(|topic| {
        let name = topic.name?;
        Some(ListedTopic { name, topic_id: topic.topic_id, is_internal: topic.is_internal })
    });
    let mut topics: Vec<ListedTopic> = listed.collect();
    topics.sort_unstable();
    Ok(topics)
}

/// Describes topics by name, taking at most `partition_limit` partitions in one answer where the
/// broker can page (KIP-966, Kafka 3.8).
pub async fn describe_topics(
    cluster: &Cluster,
    names: &[String],
    partition_limit: i32,
) -> Result<PerTopic<TopicDescription>, ClientError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let connection = cluster.any().await?;
    if connection.version(ApiKey::DescribeTopicPartitions).is_ok() {
        return describe_in_pages(&connection, names, partition_limit).await;
    }
    let metadata = cluster.metadata(Some(names)).await?;
    let described = metadata.topics.into_iter().filter_map(|topic| {
        let name = topic.name.clone()?;
        Some((name, describe_from_metadata(topic)))
    });
    Ok(described.collect())
}

/// Describes topics by id (KIP-516, Kafka 3.1).
pub async fn describe_topics_by_id(
    cluster: &Cluster,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Result<TopicDescription, ClientError>>, ClientError> {
    // Versions 10 and 11 have the field, and brokers that refuse it.
    cluster.any().await?.version_within(ApiKey::Metadata, 12..=i16::MAX)?;
    let by_id = |id: &Uuid| MetadataRequestTopic { topic_id: *id, name: None };
    let request = MetadataRequest {
        topics: Some(ids.iter().map(by_id).collect()),
        allow_auto_topic_creation: false,
        ..Default::default()
    };
    let metadata = cluster.metadata_request(&request).await?;
    Ok(metadata.topics.into_iter().map(|t| (t.topic_id, describe_from_metadata(t))).collect())
}

async fn describe_in_pages(
    connection: &Connection,
    names: &[String],
    partition_limit: i32,
) -> Result<PerTopic<TopicDescription>, ClientError> {
    let mut described: PerTopic<TopicDescription> = BTreeMap::new();
    let mut request = DescribeTopicPartitionsRequest {
        topics: names.iter().map(|name| TopicRequest { name: name.clone() }).collect(),
        response_partition_limit: partition_limit,
        cursor: None,
    };
    loop {
        let page = connection.request(&request).await?;
        for topic in page.topics {
            add_page(&mut described, topic);
        }
        let Some(next) = page.next_cursor else { return Ok(described) };
        if request.cursor.as_ref().is_some_and(|cursor| position(&next) <= position(cursor)) {
            return Err(ClientError::Protocol {
                address: connection.address().to_owned(),
                cause: "DescribeTopicPartitions does not advance".to_owned(),
            });
        }
        // The broker sorts by name: what stands before the cursor has been answered.
        request.topics.retain(|topic| topic.name >= next.topic_name);
        request.cursor = Some(next);
    }
}

fn position(cursor: &Cursor) -> (&str, i32) {
    (&cursor.topic_name, cursor.partition_index)
}

/// A topic with many partitions comes in several pages.
fn add_page(
    described: &mut PerTopic<TopicDescription>,
    page: DescribeTopicPartitionsResponseTopic,
) {
    let Some(name) = page.name else { return };
    let (topic_id, is_internal) = (page.topic_id, page.is_internal);
    let description = described.entry(name.clone()).or_insert_with(|| {
        ClientError::check(page.error_code, None)?;
        Ok(TopicDescription { name, topic_id, is_internal, partitions: Vec::new() })
    });
    if let Ok(description) = description {
        description.partitions.extend(page.partitions.into_iter().map(PartitionDescription::from));
    }
}

fn describe_from_metadata(topic: MetadataResponseTopic) -> Result<TopicDescription, ClientError> {
    ClientError::check(topic.error_code, None)?;
    let mut partitions: Vec<_> =
        topic.partitions.into_iter().map(PartitionDescription::from).collect();
    partitions.sort_unstable_by_key(|partition| partition.partition);
    Ok(TopicDescription {
        name: topic.name.unwrap_or_default(),
        topic_id: topic.topic_id,
        is_internal: topic.is_internal,
        partitions,
    })
}

fn existing(node_id: i32) -> Option<i32> {
    Some(node_id).filter(|id| *id >= 0)
}

impl From<DescribeTopicPartitionsResponsePartition> for PartitionDescription {
    fn from(partition: DescribeTopicPartitionsResponsePartition) -> Self {
        Self {
            partition: partition.partition_index,
            leader: existing(partition.leader_id),
            leader_epoch: partition.leader_epoch,
            replicas: partition.replica_nodes,
            isr: partition.isr_nodes,
            eligible_leader_replicas: partition.eligible_leader_replicas,
            last_known_elr: partition.last_known_elr,
        }
    }
}

impl From<MetadataResponsePartition> for PartitionDescription {
    fn from(partition: MetadataResponsePartition) -> Self {
        Self {
            partition: partition.partition_index,
            leader: existing(partition.leader_id),
            leader_epoch: partition.leader_epoch,
            replicas: partition.replica_nodes,
            isr: partition.isr_nodes,
            eligible_leader_replicas: None,
            last_known_elr: None,
        }
    }
}

/// Creates topics, or only checks whether they could be created (`validate_only`).
pub async fn create_topics(
    cluster: &Cluster,
    topics: &[NewTopic],
    validate_only: bool,
) -> Result<PerTopic<()>, ClientError> {
    let defaults = |topic: &NewTopic| {
        topic.assignments.is_empty()
            && (topic.partitions.is_none() || topic.replication_factor.is_none())
    };
    // Only from version 4 on does -1 mean the broker's default (KIP-464).
    let lowest = if topics.iter().any(defaults) { 4 } else { 0 };
    let request = CreateTopicsRequest {
        topics: topics.iter().map(creatable).collect(),
        timeout_ms: CHANGE_TIMEOUT_MS,
        validate_only,
    };
    cluster
        .at_controller(async |connection| {
            let version = connection.version_within(ApiKey::CreateTopics, lowest..=i16::MAX)?;
            let response = connection.request_at(&request, version).await?;
            let result = |code, message| ClientError::check(code, message);
            let topics = response.topics.into_iter();
            unless_all_retriable(
                topics.map(|t| (t.name, result(t.error_code, t.error_message))).collect(),
            )
        })
        .await
}

fn creatable(topic: &NewTopic) -> CreatableTopic {
    let assigned = !topic.assignments.is_empty();
    let assignments = (0..).zip(&topic.assignments).map(|(partition_index, broker_ids)| {
        CreatableReplicaAssignment { partition_index, broker_ids: broker_ids.clone() }
    });
    let configs = topic.configs.iter().map(|(name, value)| CreatableTopicConfig {
        name: name.clone(),
        value: Some(value.clone()),
    });
    CreatableTopic {
        name: topic.name.clone(),
        num_partitions: topic.partitions.filter(|_| !assigned).unwrap_or(-1),
        replication_factor: topic.replication_factor.filter(|_| !assigned).unwrap_or(-1),
        assignments: assignments.collect(),
        configs: configs.collect(),
    }
}

/// Deletes topics by name.
pub async fn delete_topics(
    cluster: &Cluster,
    names: &[String],
) -> Result<PerTopic<()>, ClientError> {
    let state = |name: &String| DeleteTopicState { name: Some(name.clone()), ..Default::default() };
    cluster
        .at_controller(async |connection| {
            let version = connection.version(ApiKey::DeleteTopics)?;
            let mut request =
                DeleteTopicsRequest { timeout_ms: CHANGE_TIMEOUT_MS, ..Default::default() };
            match version {
                ..=5 => request.topic_names = names.to_vec(),
                _ => request.topics = names.iter().map(state).collect(),
            }
            let response = connection.request_at(&request, version).await?;
            let results = response.responses.into_iter().filter_map(|topic| {
                Some((topic.name?, ClientError::check(topic.error_code, topic.error_message)))
            });
            unless_all_retriable(results.collect())
        })
        .await
}

/// Adds partitions to topics, or only checks whether they could be added (`validate_only`).
pub async fn create_partitions(
    cluster: &Cluster,
    topics: &[NewPartitions],
    validate_only: bool,
) -> Result<PerTopic<()>, ClientError> {
    let assignment =
        |replicas: &Vec<i32>| CreatePartitionsAssignment { broker_ids: replicas.clone() };
    let row = |topic: &NewPartitions| CreatePartitionsTopic {
        name: topic.topic.clone(),
        count: topic.total,
        assignments: topic.assignments.as_ref().map(|all| all.iter().map(assignment).collect()),
    };
    let request = CreatePartitionsRequest {
        topics: topics.iter().map(row).collect(),
        timeout_ms: CHANGE_TIMEOUT_MS,
        validate_only,
    };
    cluster
        .at_controller(async |connection| {
            let response = connection.request(&request).await?;
            let results = response.results.into_iter();
            unless_all_retriable(
                results
                    .map(|t| (t.name, ClientError::check(t.error_code, t.error_message)))
                    .collect(),
            )
        })
        .await
}

fn unless_all_retriable<T>(results: PerTopic<T>) -> Result<PerTopic<T>, ClientError> {
    match all_retriable(results.values()) {
        Some(error) => Err(error),
        None => Ok(results),
    }
}

/// Whether an error says that a topic does not exist.
pub fn is_unknown_topic(error: &ClientError) -> bool {
    let unknown = [ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, ErrorCode::UNKNOWN_TOPIC_ID];
    error.code().is_some_and(|code| unknown.contains(&code))
}

#[cfg(test)]
mod tests;
