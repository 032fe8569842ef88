//! A group's committed offsets: read, write, delete.

use std::collections::BTreeMap;

use crate::client::cluster::{Cluster, CoordinatorType};
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use crate::wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteRequestPartition, OffsetDeleteRequestTopic,
};
use crate::wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse,
};

/// Where a group stands in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// Offset of the next record that it will read.
    pub offset: i64,
    /// Leader epoch of the last record that it has read, if the member said so.
    pub leader_epoch: Option<i32>,
}

/// All offsets that a group has committed; none if there is no such group.
///
/// # Errors
/// What the coordinator says against the group or one of its partitions.
pub async fn committed_offsets(
    cluster: &Cluster,
    group_id: &str,
) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
    cluster
        .at_coordinator(CoordinatorType::Group, group_id, async |connection| {
            // From version 10 on topics have ids in place of names, which nobody asked for here.
            let version = connection.version_within(ApiKey::OffsetFetch, 2..=9)?;
            let request = fetch_request(group_id, version);
            read_offsets(connection.request_at(&request, version).await?)
        })
        .await
}

fn fetch_request(group_id: &str, version: i16) -> OffsetFetchRequest {
    let group_id = group_id.to_owned();
    match version {
        ..=7 => OffsetFetchRequest { group_id, topics: None, ..Default::default() },
        _ => OffsetFetchRequest {
            groups: vec![OffsetFetchRequestGroup { group_id, topics: None, ..Default::default() }],
            ..Default::default()
        },
    }
}

/// The offsets in an answer about one group; before version 8 they stand at the top.
fn read_offsets(
    response: OffsetFetchResponse,
) -> Result<BTreeMap<TopicPartition, CommittedOffset>, ClientError> {
    ClientError::check(response.error_code, None)?;
    let mut rows = Vec::new();
    for topic in &response.topics {
        rows.extend(topic.partitions.iter().map(|p| {
            let partition = TopicPartition::new(&topic.name, p.partition_index);
            (partition, p.error_code, p.committed_offset, p.committed_leader_epoch)
        }));
    }
    for group in &response.groups {
        ClientError::check(group.error_code, None)?;
        for topic in &group.topics {
            rows.extend(topic.partitions.iter().map(|p| {
                let partition = TopicPartition::new(&topic.name, p.partition_index);
                (partition, p.error_code, p.committed_offset, p.committed_leader_epoch)
            }));
        }
    }
    let mut offsets = BTreeMap::new();
    for (partition, error_code, offset, leader_epoch) in rows {
        ClientError::check(error_code, Some(partition.to_string()))?;
        if offset >= 0 {
            let leader_epoch = Some(leader_epoch).filter(|epoch| *epoch >= 0);
            offsets.insert(partition, CommittedOffset { offset, leader_epoch });
        }
    }
    Ok(offsets)
}

/// Commits offsets from outside the group, which is allowed while it has no members. Answers what
/// became of each partition.
///
/// # Errors
/// What keeps the coordinator from answering.
pub async fn commit_offsets(
    cluster: &Cluster,
    group_id: &str,
    offsets: &BTreeMap<TopicPartition, i64>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientError> {
    let mut topics: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for (partition, offset) in offsets {
        topics.entry(&partition.topic).or_default().push(OffsetCommitRequestPartition {
            partition_index: partition.partition,
            committed_offset: *offset,
            committed_metadata: Some(String::new()),
            ..Default::default()
        });
    }
    let topic = |(name, partitions)| OffsetCommitRequestTopic {
        name: str::to_owned(name),
        partitions,
        ..Default::default()
    };
    let request = OffsetCommitRequest {
        group_id: group_id.to_owned(),
        topics: topics.into_iter().map(topic).collect(),
        ..Default::default()
    };
    cluster
        .at_coordinator(CoordinatorType::Group, group_id, async |connection| {
            // From version 10 on topics have ids in place of names.
            let version = connection.version_within(ApiKey::OffsetCommit, 2..=9)?;
            let response = connection.request_at(&request, version).await?;
            let outcomes = response.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|partition| {
                    let index = partition.partition_index;
                    (TopicPartition::new(&topic.name, index), partition.error_code)
                })
            });
            unless_coordinator_failed(outcomes.collect())
        })
        .await
}

/// Deletes a group's offsets for some partitions (KIP-496). Answers what became of each.
///
/// # Errors
/// What the coordinator says against the group as a whole: `GROUP_ID_NOT_FOUND`,
/// `NON_EMPTY_GROUP` if its members are not consumers.
pub async fn delete_offsets(
    cluster: &Cluster,
    group_id: &str,
    partitions: impl IntoIterator<Item = &TopicPartition>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientError> {
    let mut topics: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for TopicPartition { topic, partition } in partitions {
        let partition = OffsetDeleteRequestPartition { partition_index: *partition };
        topics.entry(topic).or_default().push(partition);
    }
    let topic =
        |(name, partitions)| OffsetDeleteRequestTopic { name: str::to_owned(name), partitions };
    let request = OffsetDeleteRequest {
        group_id: group_id.to_owned(),
        topics: topics.into_iter().map(topic).collect(),
    };
    cluster
        .at_coordinator(CoordinatorType::Group, group_id, async |connection| {
            let response = connection.request(&request).await?;
            ClientError::check(response.error_code, None)?;
            let outcomes = response.topics.iter().flat_map(|topic| {
                topic.partitions.iter().map(|partition| {
                    let index = partition.partition_index;
                    (TopicPartition::new(&topic.name, index), partition.error_code)
                })
            });
            unless_coordinator_failed(outcomes.collect())
        })
        .await
}

/// The outcomes, unless one of them says that the coordinator has moved or is loading: then all is
/// to be asked again.
fn unless_coordinator_failed(
    outcomes: BTreeMap<TopicPartition, ErrorCode>,
) -> Result<BTreeMap<TopicPartition, ErrorCode>, ClientError> {
    let passing = [
        ErrorCode::NOT_COORDINATOR,
        ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::COORDINATOR_LOAD_IN_PROGRESS,
    ];
    match outcomes.values().find(|code| passing.contains(code)) {
        Some(code) => Err(ClientError::Refused { code: *code, message: None }),
        None => Ok(outcomes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::offset_fetch::*;

    fn new_answer(code: ErrorCode) -> OffsetFetchResponse {
        let partition = |partition_index, committed_offset, epoch| OffsetFetchResponsePartitions {
            partition_index,
            committed_offset,
            committed_leader_epoch: epoch,
            ..Default::default()
        };
        let topic = OffsetFetchResponseTopics {
            name: "orders".to_owned(),
            partitions: vec![partition(0, 7, 3), partition(1, 0, -1), partition(2, -1, -1)],
            ..Default::default()
        };
        let group = OffsetFetchResponseGroup {
            group_id: "g".to_owned(),
            topics: vec![topic],
            error_code: code,
        };
        OffsetFetchResponse { groups: vec![group], ..Default::default() }
    }

    fn old_answer() -> OffsetFetchResponse {
        let partition = |partition_index, committed_offset, epoch| OffsetFetchResponsePartition {
            partition_index,
            committed_offset,
            committed_leader_epoch: epoch,
            ..Default::default()
        };
        let topic = OffsetFetchResponseTopic {
            name: "orders".to_owned(),
            partitions: vec![partition(0, 7, 3), partition(1, 0, -1), partition(2, -1, -1)],
        };
        OffsetFetchResponse { topics: vec![topic], ..Default::default() }
    }

    #[test]
    fn both_forms_of_the_answer_say_the_same() {
        let expected = BTreeMap::from([
            (
                TopicPartition::new("orders", 0),
                CommittedOffset { offset: 7, leader_epoch: Some(3) },
            ),
            (TopicPartition::new("orders", 1), CommittedOffset { offset: 0, leader_epoch: None }),
        ]);
        assert_eq!(read_offsets(old_answer()).unwrap(), expected);
        assert_eq!(read_offsets(new_answer(ErrorCode::NONE)).unwrap(), expected);
    }

    #[test]
    fn an_error_of_the_group_is_an_error() {
        let refused = read_offsets(new_answer(ErrorCode::GROUP_AUTHORIZATION_FAILED));
        assert_eq!(refused.unwrap_err().code(), Some(ErrorCode::GROUP_AUTHORIZATION_FAILED));
    }

    #[test]
    fn all_topics_are_asked_for_at_every_version() {
        assert_eq!(fetch_request("g", 7).topics, None);
        assert_eq!(fetch_request("g", 8).groups[0].topics, None);
    }

    #[test]
    fn a_coordinator_that_moved_is_asked_again() {
        let outcome = |code| BTreeMap::from([(TopicPartition::new("orders", 0), code)]);
        let moved = unless_coordinator_failed(outcome(ErrorCode::NOT_COORDINATOR));
        assert!(moved.unwrap_err().is_retriable());
        assert!(unless_coordinator_failed(outcome(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)).is_ok());
    }
}
