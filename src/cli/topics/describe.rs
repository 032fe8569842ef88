//! `kf topics --describe`: partitions, replicas and configs of topics.
//!
//! Every form of `-o` has one row per partition, with what is true of the topic repeated in it;
//! with `--topics-with-overrides`, one row per topic. The tables have a heading for each topic.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use super::selection::{self, Selection};
use super::{Arguments, Filter};
use crate::base::uuid::Uuid;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Outcome};
use crate::cli::output::{Column, Format, Rows};
use crate::cli::printable;
use crate::client::admin::cluster::describe_cluster;
use crate::client::admin::configs::{ConfigEntry, ConfigSource, Resource, describe_configs};
use crate::client::admin::reassignments::{Reassignment, list_reassignments};
use crate::client::admin::topics::{
    PartitionDescription, TopicDescription, describe_topics, describe_topics_by_id,
    is_unknown_topic,
};
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;
use crate::wire::error::ErrorCode;

/// Everything there is to say of a topic.
struct Topic {
    description: TopicDescription,
    configs: Vec<ConfigEntry>,
    reassignments: BTreeMap<i32, Reassignment>,
}

impl Topic {
    /// The configs that are not Kafka's defaults, by name.
    fn overrides(&self) -> impl Iterator<Item = &ConfigEntry> {
        self.configs.iter().filter(|config| config.source != ConfigSource::Default)
    }

    fn override_text(&self) -> String {
        let pairs = self.overrides().map(|config| {
            let value = config.value.as_deref().unwrap_or("null");
            format!("{}={value}", config.name)
        });
        pairs.collect::<Vec<_>>().join(",")
    }

    fn replication_factor(&self) -> usize {
        self.description.partitions.first().map_or(0, |partition| self.replicas_of(partition))
    }

    /// How many replicas a partition is to have, moves left aside.
    fn replicas_of(&self, partition: &PartitionDescription) -> usize {
        match self.reassignments.get(&partition.partition) {
            Some(moving) => moving.replicas.len().saturating_sub(moving.adding.len()),
            None => partition.replicas.len(),
        }
    }

    fn min_insync_replicas(&self) -> usize {
        let config = self.configs.iter().find(|config| config.name == "min.insync.replicas");
        config.and_then(|config| config.value.as_ref()?.parse().ok()).unwrap_or(1)
    }

    fn passes(
        &self,
        partition: &PartitionDescription,
        filter: Filter,
        live: &BTreeSet<i32>,
    ) -> bool {
        let in_sync = partition.isr.len();
        let led = partition.leader.is_some();
        !filter.selects_partitions()
            || (filter.under_replicated_partitions && in_sync < self.replicas_of(partition))
            || (filter.unavailable_partitions
                && partition.leader.is_none_or(|leader| !live.contains(&leader)))
            || (filter.under_min_isr_partitions && (!led || in_sync < self.min_insync_replicas()))
            || (filter.at_min_isr_partitions && in_sync == self.min_insync_replicas())
    }
}

/// Describes the topics of `--topic` or `--topic-id`; all topics if neither is given.
pub(super) async fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let topic_id = arguments.subject.topic_id.as_deref().map(parse_id).transpose()?;
    let cluster = context.connect(&arguments.connection).await?;
    let (descriptions, failures) = match topic_id.filter(|id| !id.is_zero()) {
        Some(id) => by_id(&cluster, id, arguments).await?,
        None => by_name(&cluster, arguments).await?,
    };
    let total = descriptions.len() + failures.len();
    let mut topics = complete(&cluster, descriptions).await?;
    let live: BTreeSet<i32> = match arguments.filter.unavailable_partitions {
        true => describe_cluster(&cluster).await?.brokers.iter().map(|b| b.node_id).collect(),
        false => BTreeSet::new(),
    };
    for topic in &mut topics {
        let mut partitions = std::mem::take(&mut topic.description.partitions);
        partitions.retain(|partition| topic.passes(partition, arguments.filter, &live));
        topic.description.partitions = partitions;
    }
    let mut out = io::stdout().lock();
    match arguments.output.format(context) {
        None => write_text(&topics, arguments, &mut out)?,
        Some(format) => write_rows(&topics, arguments, format, &mut out)?,
    }
    Outcome::of_items(total, failures)
}

fn parse_id(text: &str) -> Result<Uuid, CliError> {
    text.parse().map_err(|error| CliError::usage(format!("{error}")))
}

type Described = (Vec<TopicDescription>, Vec<anyhow::Error>);

async fn by_name(cluster: &Cluster, arguments: &Arguments) -> anyhow::Result<Described> {
    let Selection { names, mut failures } = selection::select(cluster, arguments).await?;
    let limit = arguments.run.partition_size_limit_per_response;
    let mut descriptions = Vec::new();
    for (name, result) in describe_topics(cluster, &names, limit).await? {
        match result {
            Ok(description) => descriptions.push(description),
            Err(error) => failures.push(anyhow::Error::new(error).context(format!("topic {name}"))),
        }
    }
    Ok((descriptions, failures))
}

async fn by_id(cluster: &Cluster, id: Uuid, arguments: &Arguments) -> anyhow::Result<Described> {
    let mut described: Described = Default::default();
    for (_, result) in describe_topics_by_id(cluster, &[id]).await? {
        match result {
            Ok(description) if description.is_internal && arguments.subject.exclude_internal => {}
            Ok(description) => described.0.push(description),
            Err(error) if is_unknown_topic(&error) && arguments.subject.if_exists => {}
            Err(error) if is_unknown_topic(&error) => {
                let text = format!("TopicId '{id}' does not exist as expected");
                described.1.push(CliError::failed(text).into());
            }
            Err(error) => described.1.push(error.into()),
        }
    }
    Ok(described)
}

/// Adds configs and moves to the descriptions.
async fn complete(
    cluster: &Cluster,
    descriptions: Vec<TopicDescription>,
) -> anyhow::Result<Vec<Topic>> {
    if descriptions.is_empty() {
        return Ok(Vec::new());
    }
    let resources: Vec<Resource> =
        descriptions.iter().map(|topic| Resource::topic(&*topic.name)).collect();
    let mut configs = describe_configs(cluster, &resources, false).await?;
    let mut moves = reassignments(cluster).await?;
    let mut topics = Vec::new();
    for description in descriptions {
        let name = description.name.clone();
        let configs = configs.remove(&Resource::topic(&*name)).unwrap_or_else(|| Ok(Vec::new()));
        let configs = configs.with_context(|| format!("the configs of topic {name}"))?;
        let partitions = description.partitions.iter().map(|partition| partition.partition);
        let reassignments = partitions.filter_map(|partition| {
            Some((partition, moves.remove(&TopicPartition::new(&*name, partition))?))
        });
        let reassignments = reassignments.collect();
        topics.push(Topic { description, configs, reassignments });
    }
    Ok(topics)
}

/// The moves under way; none where the broker cannot say or may not say to this user.
async fn reassignments(
    cluster: &Cluster,
) -> Result<BTreeMap<TopicPartition, Reassignment>, ClientError> {
    match list_reassignments(cluster).await {
        Err(ClientError::UnsupportedApi { .. }) => Ok(BTreeMap::new()),
        Err(error) if error.code() == Some(ErrorCode::CLUSTER_AUTHORIZATION_FAILED) => {
            Ok(BTreeMap::new())
        }
        result => result,
    }
}

/// The text of Kafka's script.
fn write_text(topics: &[Topic], arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
    for topic in topics {
        let overridden = topic.overrides().next().is_some();
        if !arguments.filter.selects_partitions()
            && (!arguments.filter.topics_with_overrides || overridden)
        {
            write_topic_line(topic, out)?;
        }
        if !arguments.filter.topics_with_overrides {
            for partition in &topic.description.partitions {
                write_partition_line(topic, partition, out)?;
            }
        }
    }
    Ok(())
}

fn write_topic_line(topic: &Topic, out: &mut impl Write) -> io::Result<()> {
    let TopicDescription { name, topic_id, partitions, .. } = &topic.description;
    write!(out, "Topic: {name}")?;
    if !topic_id.is_zero() {
        write!(out, "\tTopicId: {topic_id}")?;
    }
    write!(out, "\tPartitionCount: {}", partitions.len())?;
    write!(out, "\tReplicationFactor: {}", topic.replication_factor())?;
    writeln!(out, "\tConfigs: {}", topic.override_text())
}

fn write_partition_line(
    topic: &Topic,
    partition: &PartitionDescription,
    out: &mut impl Write,
) -> io::Result<()> {
    let leader = partition.leader.map_or("none".to_owned(), |leader| leader.to_string());
    write!(out, "\tTopic: {}\tPartition: {}", topic.description.name, partition.partition)?;
    write!(out, "\tLeader: {leader}\tReplicas: {}", ids(&partition.replicas))?;
    write!(out, "\tIsr: {}", ids(&partition.isr))?;
    if let Some(moving) = topic.reassignments.get(&partition.partition) {
        write!(out, "\tAdding Replicas: {}", ids(&moving.adding))?;
        write!(out, "\tRemoving Replicas: {}", ids(&moving.removing))?;
    }
    let known = |nodes: &Option<Vec<i32>>| nodes.as_ref().map_or("N/A".to_owned(), |n| ids(n));
    write!(out, "\tElr: {}", known(&partition.eligible_leader_replicas))?;
    writeln!(out, "\tLastKnownElr: {}", known(&partition.last_known_elr))
}

fn ids(nodes: &[i32]) -> String {
    nodes.iter().map(i32::to_string).collect::<Vec<_>>().join(",")
}

const PARTITION_COLUMNS: &[Column] = &[
    Column::new("topic"),
    Column::new("partition"),
    Column::new("leader"),
    Column::new("replicas"),
    Column::new("isr"),
    Column::wide("leader_epoch"),
    Column::wide("elr"),
    Column::wide("last_known_elr"),
    Column::wide("adding_replicas"),
    Column::wide("removing_replicas"),
    Column::wide("topic_id"),
    Column::wide("is_internal"),
    Column::wide("configs"),
];

const TOPIC_COLUMNS: &[Column] = &[
    Column::new("topic"),
    Column::new("partition_count"),
    Column::new("replication_factor"),
    Column::wide("topic_id"),
    Column::wide("is_internal"),
    Column::new("configs"),
];

fn write_rows(
    topics: &[Topic],
    arguments: &Arguments,
    format: Format,
    out: &mut impl Write,
) -> io::Result<()> {
    if arguments.filter.topics_with_overrides {
        let mut rows = Rows::new(TOPIC_COLUMNS);
        let overridden = topics.iter().filter(|topic| topic.overrides().next().is_some());
        overridden.for_each(|topic| rows.push(topic_row(topic)));
        return rows.write(format, out);
    }
    let is_table = matches!(format, Format::Table | Format::Wide);
    if is_table && !arguments.filter.selects_partitions() {
        for (index, topic) in topics.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            write_heading(topic, out)?;
            partition_rows([topic]).write(format, out)?;
        }
        return Ok(());
    }
    partition_rows(topics).write(format, out)
}

fn write_heading(topic: &Topic, out: &mut impl Write) -> io::Result<()> {
    let TopicDescription { name, topic_id, partitions, .. } = &topic.description;
    let partitions = match partitions.len() {
        1 => "1 partition".to_owned(),
        count => format!("{count} partitions"),
    };
    write!(out, "{}: {partitions}", printable::cell(name))?;
    write!(out, ", replication factor {}", topic.replication_factor())?;
    match topic_id.is_zero() {
        true => writeln!(out)?,
        false => writeln!(out, ", id {topic_id}")?,
    }
    match topic.override_text() {
        text if text.is_empty() => Ok(()),
        text => writeln!(out, "{}", printable::cell(&text)),
    }
}

fn partition_rows<'a>(topics: impl IntoIterator<Item = &'a Topic>) -> Rows {
    let mut rows = Rows::new(PARTITION_COLUMNS);
    for topic in topics {
        for partition in &topic.description.partitions {
            let moving = topic.reassignments.get(&partition.partition);
            rows.push(vec![
                json!(topic.description.name),
                json!(partition.partition),
                json!(partition.leader),
                json!(partition.replicas),
                json!(partition.isr),
                json!(Some(partition.leader_epoch).filter(|epoch| *epoch >= 0)),
                json!(partition.eligible_leader_replicas),
                json!(partition.last_known_elr),
                json!(moving.map(|moving| &moving.adding)),
                json!(moving.map(|moving| &moving.removing)),
                id_value(topic),
                json!(topic.description.is_internal),
                configs_value(topic),
            ]);
        }
    }
    rows
}

fn topic_row(topic: &Topic) -> Vec<Value> {
    vec![
        json!(topic.description.name),
        json!(topic.description.partitions.len()),
        json!(topic.replication_factor()),
        id_value(topic),
        json!(topic.description.is_internal),
        configs_value(topic),
    ]
}

fn id_value(topic: &Topic) -> Value {
    let id = topic.description.topic_id;
    json!(Some(id).filter(|id| !id.is_zero()).map(|id| id.to_string()))
}

fn configs_value(topic: &Topic) -> Value {
    let entries = topic.overrides().map(|config| (config.name.clone(), json!(config.value)));
    Value::Object(entries.collect::<Map<_, _>>())
}
