//! OffsetFetch: what a group has committed.
//!
//! Versions 1 to 7 ask for one group with fields of its own, 8 on for several. The machine answers
//! one group in the newer form; [`offset_fetch_groups`] and [`offset_fetch_response`] translate
//! the others, so that whoever filters topics in between sees one form only.

use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_fetch::{
    OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics, OffsetFetchResponse,
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};

use super::offsets::{CommittedOffset, GroupOffsets};
use super::{Group, GroupCoordinator};

/// First version with an error for the whole answer.
const TOP_LEVEL_ERROR_SINCE: i16 = 2;
/// First version that asks for several groups.
const SEVERAL_GROUPS_SINCE: i16 = 8;
/// Offset and leader epoch where there is none.
const NONE: (i64, i32) = (-1, -1);

impl GroupCoordinator {
    /// The offsets that a group has committed. `topics` of `None` asks for all of them. A partition
    /// without one, also of a group that does not exist, has offset -1 and no error.
    ///
    /// With `require_stable` (KIP-447) partitions for which a transaction holds an offset answer
    /// UNSTABLE_OFFSET_COMMIT, until it has ended.
    pub fn fetch_offsets(
        &self,
        request: &OffsetFetchRequestGroup,
        require_stable: bool,
    ) -> OffsetFetchResponseGroup {
        let group = self.groups.get(request.group_id.as_str()).filter(|g| !g.members.is_dead());
        let offsets = group.map(|group: &Group| &group.offsets);
        let topics = match (&request.topics, offsets) {
            (Some(topics), _) => {
                topics.iter().map(|topic| fetch_topic(offsets, topic, require_stable)).collect()
            }
            (None, Some(offsets)) => fetch_all(offsets, require_stable),
            (None, None) => Vec::new(),
        };
        OffsetFetchResponseGroup {
            group_id: request.group_id.clone(),
            topics,
            error_code: ErrorCode::NONE,
        }
    }
}

fn fetch_topic(
    offsets: Option<&GroupOffsets>,
    topic: &OffsetFetchRequestTopics,
    require_stable: bool,
) -> OffsetFetchResponseTopics {
    let partitions = topic.partition_indexes.iter().map(|&partition| {
        let committed = offsets.and_then(|offsets| offsets.get(&topic.name, partition));
        let is_unstable = require_stable
            && offsets.is_some_and(|offsets| offsets.is_unstable(&topic.name, partition));
        fetch_partition(partition, committed, is_unstable)
    });
    OffsetFetchResponseTopics {
        name: topic.name.clone(),
        topic_id: topic.topic_id,
        partitions: partitions.collect(),
    }
}

fn fetch_all(offsets: &GroupOffsets, require_stable: bool) -> Vec<OffsetFetchResponseTopics> {
    let topics = offsets.by_topic().iter().map(|(topic, partitions)| {
        let partitions = partitions.iter().map(|(&partition, committed)| {
            let is_unstable = require_stable && offsets.is_unstable(topic, partition);
            fetch_partition(partition, Some(committed), is_unstable)
        });
        OffsetFetchResponseTopics {
            name: topic.clone(),
            partitions: partitions.collect(),
            ..OffsetFetchResponseTopics::default()
        }
    });
    topics.collect()
}

fn fetch_partition(
    partition_index: i32,
    committed: Option<&CommittedOffset>,
    is_unstable: bool,
) -> OffsetFetchResponsePartitions {
    let committed = committed.filter(|_| !is_unstable);
    let (committed_offset, committed_leader_epoch) =
        committed.map_or(NONE, |committed| (committed.offset, committed.leader_epoch));
    OffsetFetchResponsePartitions {
        partition_index,
        committed_offset,
        committed_leader_epoch,
        metadata: Some(committed.map(|committed| committed.metadata.clone()).unwrap_or_default()),
        error_code: match is_unstable {
            true => ErrorCode::UNSTABLE_OFFSET_COMMIT,
            false => ErrorCode::NONE,
        },
    }
}

/// The groups that a request of `version` asks for.
pub fn offset_fetch_groups(
    request: OffsetFetchRequest,
    version: i16,
) -> Vec<OffsetFetchRequestGroup> {
    if version >= SEVERAL_GROUPS_SINCE {
        return request.groups;
    }
    let topics = request.topics.map(|topics| {
        let topics = topics.into_iter().map(|topic| OffsetFetchRequestTopics {
            name: topic.name,
            partition_indexes: topic.partition_indexes,
            ..OffsetFetchRequestTopics::default()
        });
        topics.collect()
    });
    let group = OffsetFetchRequestGroup {
        group_id: request.group_id,
        topics,
        ..OffsetFetchRequestGroup::default()
    };
    vec![group]
}

/// The answer for a group that may not be read at all. Version 1 has no place for that but the
/// partitions that were asked for.
pub fn offset_fetch_refusal(
    group: &OffsetFetchRequestGroup,
    error_code: ErrorCode,
    version: i16,
) -> OffsetFetchResponseGroup {
    let mut refusal = OffsetFetchResponseGroup {
        group_id: group.group_id.clone(),
        error_code,
        ..OffsetFetchResponseGroup::default()
    };
    if version < TOP_LEVEL_ERROR_SINCE {
        let topics = group.topics.iter().flatten();
        refusal.topics = topics.map(|topic| fetch_topic(None, topic, false)).collect();
        for partition in refusal.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            partition.error_code = error_code;
        }
    }
    refusal
}

/// The response of `version` for the groups that [`offset_fetch_groups`] found in the request, in
/// the same order.
pub fn offset_fetch_response(
    groups: Vec<OffsetFetchResponseGroup>,
    version: i16,
) -> OffsetFetchResponse {
    if version >= SEVERAL_GROUPS_SINCE {
        return OffsetFetchResponse { groups, ..OffsetFetchResponse::default() };
    }
    let group = groups.into_iter().next().unwrap_or_default();
    let topics = group.topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name,
        partitions: topic.partitions.into_iter().map(before_version_8).collect(),
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: group.error_code,
        ..OffsetFetchResponse::default()
    }
}

fn before_version_8(partition: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition {
    OffsetFetchResponsePartition {
        partition_index: partition.partition_index,
        committed_offset: partition.committed_offset,
        committed_leader_epoch: partition.committed_leader_epoch,
        metadata: partition.metadata,
        error_code: partition.error_code,
    }
}
