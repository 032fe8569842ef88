//! Offsets of partitions: where they start and end, what stands at a time, and deleting up to one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CHANGE_TIMEOUT_MS, by_topic};
use crate::client::cluster::Cluster;
use crate::client::connection::Connection;
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use crate::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

/// What came of each partition.
pub type PerPartition<T> = BTreeMap<TopicPartition, Result<T, ClientError>>;

/// Which offset of a partition is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetSpec {
    /// The first record.
    Earliest,
    /// Behind the last record: the high watermark, or the last stable offset for those who read
    /// committed records only.
    Latest,
    /// The record with the highest timestamp (KIP-734, Kafka 3.0).
    MaxTimestamp,
    /// The first record on the broker's own disk (KIP-405, Kafka 3.6).
    EarliestLocal,
    /// Behind the last record in tiered storage (KIP-1005, Kafka 3.9).
    LatestTiered,
    /// The first record that waits to be copied to tiered storage (KIP-1023, Kafka 4.2).
    EarliestPendingUpload,
    /// The first record at or after a time in milliseconds since 1970.
    Timestamp(i64),
}

impl OffsetSpec {
    fn timestamp(self) -> i64 {
        match self {
            Self::Latest => -1,
            Self::Earliest => -2,
            Self::MaxTimestamp => -3,
            Self::EarliestLocal => -4,
            Self::LatestTiered => -5,
            Self::EarliestPendingUpload => -6,
            Self::Timestamp(timestamp) => timestamp,
        }
    }

    /// The first version of ListOffsets that knows what is meant.
    fn first_version(self) -> i16 {
        match self {
            Self::Latest | Self::Earliest | Self::Timestamp(_) => 0,
            Self::MaxTimestamp => 7,
            Self::EarliestLocal => 8,
            Self::LatestTiered => 9,
            Self::EarliestPendingUpload => 11,
        }
    }
}

/// Whether records of open and aborted transactions count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i8)]
pub enum IsolationLevel {
    /// All records.
    #[default]
    ReadUncommitted = 0,
    /// Only what is committed.
    ReadCommitted = 1,
}

/// An offset that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListedOffset {
    /// The offset; `None` if the partition has no such record.
    pub offset: Option<i64>,
    /// Timestamp of the record there; `None` where no record was looked for.
    pub timestamp: Option<i64>,
    /// Leader epoch of the record there; -1 if the broker does not say.
    pub leader_epoch: i32,
}

/// Asks the leaders of partitions for one offset each.
pub async fn list_offsets(
    cluster: &Cluster,
    specs: &BTreeMap<TopicPartition, OffsetSpec>,
    isolation: IsolationLevel,
) -> Result<PerPartition<ListedOffset>, ClientError> {
    let lowest = specs.values().map(|spec| spec.first_version()).max().unwrap_or(0);
    // Before version 2 there is no isolation level, and it must not be dropped.
    let lowest = lowest.max(if isolation == IsolationLevel::ReadCommitted { 2 } else { 0 });
    at_leaders(cluster, specs, async |connection, specs| {
        let version = connection.version_within(ApiKey::ListOffsets, lowest..=i16::MAX)?;
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: isolation as i8,
            topics: by_topic(
                specs,
                |partition_index, spec| ListOffsetsPartition {
                    partition_index,
                    timestamp: spec.timestamp(),
                    ..Default::default()
                },
                |name, partitions| ListOffsetsTopic { name, partitions },
            ),
            timeout_ms: CHANGE_TIMEOUT_MS,
        };
        let response = connection.request_at(&request, version).await?;
        let partitions = response.topics.into_iter().flat_map(|topic| {
            let name = topic.name;
            topic.partitions.into_iter().map(move |partition| (name.clone(), partition))
        });
        let results = partitions.map(|(topic, partition)| {
            let listed = ListedOffset {
                offset: Some(partition.offset).filter(|offset| *offset >= 0),
                timestamp: Some(partition.timestamp).filter(|timestamp| *timestamp >= 0),
                leader_epoch: partition.leader_epoch,
            };
            let result = ClientError::check(partition.error_code, None).map(|()| listed);
            (TopicPartition::new(topic, partition.partition_index), result)
        });
        Ok(results.collect())
    })
    .await
}

/// Deletes all records below an offset of each partition; -1 is the high watermark.
///
/// Returns the offset that each partition then starts with.
pub async fn delete_records(
    cluster: &Cluster,
    before: &BTreeMap<TopicPartition, i64>,
) -> Result<PerPartition<i64>, ClientError> {
    at_leaders(cluster, before, async |connection, before| {
        let request = DeleteRecordsRequest {
            topics: by_topic(
                before,
                |partition_index, offset| DeleteRecordsPartition {
                    partition_index,
                    offset: *offset,
                },
                |name, partitions| DeleteRecordsTopic { name, partitions },
            ),
            timeout_ms: CHANGE_TIMEOUT_MS,
        };
        let response = connection.request(&request).await?;
        let partitions = response.topics.into_iter().flat_map(|topic| {
            let name = topic.name;
            topic.partitions.into_iter().map(move |partition| (name.clone(), partition))
        });
        let results = partitions.map(|(topic, partition)| {
            let result = ClientError::check(partition.error_code, None);
            let partition_of = TopicPartition::new(topic, partition.partition_index);
            (partition_of, result.map(|()| partition.low_watermark))
        });
        Ok(results.collect())
    })
    .await
}

/// Asks the leader of each partition, and asks again for those whose leader has moved.
async fn at_leaders<V: Clone, T>(
    cluster: &Cluster,
    wanted: &BTreeMap<TopicPartition, V>,
    ask: impl AsyncFn(
        Arc<Connection>,
        &BTreeMap<TopicPartition, V>,
    ) -> Result<PerPartition<T>, ClientError>,
) -> Result<PerPartition<T>, ClientError> {
    let mut results: PerPartition<T> = BTreeMap::new();
    let round = async || {
        let passing = |result: Option<&Result<T, ClientError>>| match result {
            None => true,
            Some(Err(error)) => error.is_retriable(),
            Some(Ok(_)) => false,
        };
        let open = wanted.iter().filter(|(partition, _)| passing(results.get(partition)));
        let open: BTreeMap<_, _> = open.map(|(p, value)| (p.clone(), value.clone())).collect();
        let (leaders, without) = by_leader(cluster, open).await?;
        results.extend(without.into_iter().map(|(partition, error)| (partition, Err(error))));
        for (leader, partitions) in leaders {
            let answers = ask(cluster.broker(leader).await?, &partitions).await?;
            results.extend(answers.into_iter().filter(|(p, _)| partitions.contains_key(p)));
        }
        let mut errors = results.values().filter_map(|result| result.as_ref().err());
        errors.find(|error| error.is_retriable()).cloned().map_or(Ok(()), Err)
    };
    match cluster.options().retry.run(round).await {
        // Errors that did not pass in time stand with their partitions.
        Err(error) if !error.is_retriable() => Err(error),
        Err(error) if results.is_empty() => Err(error),
        _ => Ok(results),
    }
}

/// Partitions under their leaders' node ids, and why others have none.
async fn by_leader<V>(
    cluster: &Cluster,
    wanted: BTreeMap<TopicPartition, V>,
) -> Result<
    (BTreeMap<i32, BTreeMap<TopicPartition, V>>, BTreeMap<TopicPartition, ClientError>),
    ClientError,
> {
    let mut topics: Vec<String> = wanted.keys().map(|partition| partition.topic.clone()).collect();
    topics.dedup();
    let mut places: BTreeMap<TopicPartition, i32> = BTreeMap::new();
    let mut errors: BTreeMap<String, ErrorCode> = BTreeMap::new();
    for topic in cluster.metadata(Some(&topics)).await?.topics {
        let name = topic.name.unwrap_or_default();
        places.extend(topic.partitions.iter().map(|partition| {
            (TopicPartition::new(&*name, partition.partition_index), partition.leader_id)
        }));
        errors.insert(name, topic.error_code);
    }
    let mut leaders: BTreeMap<i32, BTreeMap<TopicPartition, V>> = BTreeMap::new();
    let mut without = BTreeMap::new();
    for (partition, value) in wanted {
        let topic_error = errors.get(&partition.topic).copied().filter(|code| code.is_error());
        let code = match (topic_error, places.get(&partition)) {
            (Some(code), _) => code,
            (None, None) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
            (None, Some(..=-1)) => ErrorCode::LEADER_NOT_AVAILABLE,
            (None, Some(leader)) => {
                leaders.entry(*leader).or_default().insert(partition, value);
                continue;
            }
        };
        without.insert(partition, ClientError::Refused { code, message: None });
    }
    Ok((leaders, without))
}

#[cfg(test)]
mod tests;
