//! OffsetDelete (KIP-496), and what happens to the offsets of a topic that is deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::offset_delete::{
    OffsetDeleteRequest, OffsetDeleteResponse, OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
};

use super::effects::{Effects, Reply, Ticket};
use super::offsets::TopicPartition;
use super::record::GroupRecord;
use super::turn::{Appends, Then};
use super::{Group, GroupCoordinator, Now};

impl GroupCoordinator {
    /// OffsetDelete: deletes offsets of topics that no member reads. Answered by
    /// [`Reply::OffsetDelete`] when that is durable.
    pub fn delete_offsets(
        &mut self,
        ticket: Ticket,
        request: &OffsetDeleteRequest,
        now: Now,
    ) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let group = groups.get(request.group_id.as_str());
        let group = match (accept_offset_delete(&request.group_id, group), group) {
            (Ok(()), Some(group)) => group,
            (refusal, _) => {
                let error_code = refusal.err().unwrap_or(ErrorCode::GROUP_ID_NOT_FOUND);
                let response =
                    OffsetDeleteResponse { error_code, ..OffsetDeleteResponse::default() };
                turn.reply(ticket, Reply::OffsetDelete(response));
                return turn.finish();
            }
        };
        let existing = offsets_of(group, &request.group_id, turn.appends);
        let mut records = Vec::new();
        let mut response = OffsetDeleteResponse::default();
        for topic in &request.topics {
            let error_code = match group.members.is_subscribed_to(&topic.name) {
                true => ErrorCode::GROUP_SUBSCRIBED_TO_TOPIC,
                false => ErrorCode::NONE,
            };
            let asked = topic.partitions.iter().map(|partition| partition.partition_index);
            let partitions = asked.clone().map(|partition_index| OffsetDeleteResponsePartition {
                partition_index,
                error_code,
            });
            response.topics.push(OffsetDeleteResponseTopic {
                name: topic.name.clone(),
                partitions: partitions.collect(),
            });
            let deletable = asked.filter(|partition| {
                !error_code.is_error() && existing.contains(&(topic.name.clone(), *partition))
            });
            records.extend(deletable.map(|partition| {
                GroupRecord::offset_tombstone(&request.group_id, &topic.name, partition)
            }));
        }
        turn.append(&request.group_id.as_str().into(), records, None, Then::Nothing);
        turn.reply_after_appends(ticket, Reply::OffsetDelete(response));
        turn.finish()
    }

    /// The topics for which offsets are committed.
    pub fn committed_topics(&self) -> BTreeSet<String> {
        let offsets = self.groups.values().flat_map(|group| group.offsets.partitions());
        offsets.map(|(topic, _)| topic.to_string()).collect()
    }

    /// Deletes the offsets of topics that have been deleted, in all groups: a topic of the same
    /// name is another topic.
    pub fn topics_deleted(&mut self, topics: &BTreeSet<String>, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let group_ids = groups.keys().cloned().chain(turn.appends.group_ids());
        let group_ids: BTreeSet<Arc<str>> = group_ids.collect();
        for group_id in group_ids {
            let mut partitions = offsets_on_their_way(&group_id, turn.appends);
            partitions
                .extend(groups.get(&group_id).into_iter().flat_map(|g| g.offsets.partitions()));
            let tombstones = partitions
                .iter()
                .filter(|(topic, _)| topics.contains(topic))
                .map(|(topic, partition)| {
                    GroupRecord::offset_tombstone(&group_id, topic, *partition)
                })
                .collect();
            turn.append(&group_id, tombstones, None, Then::Nothing);
        }
        turn.finish()
    }
}

fn accept_offset_delete(group_id: &str, group: Option<&Group>) -> Result<(), ErrorCode> {
    match group.map(|group| &group.members) {
        _ if group_id.is_empty() => Err(ErrorCode::INVALID_GROUP_ID),
        None => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        Some(members) if members.is_dead() => Err(ErrorCode::GROUP_ID_NOT_FOUND),
        // What others than consumers read is not known.
        Some(members) if !members.is_empty() && !members.has_consumers() => {
            Err(ErrorCode::NON_EMPTY_GROUP)
        }
        Some(_) => Ok(()),
    }
}

/// Every partition for which the group has an offset, or will have one when what is on its way to
/// the log has arrived: the tombstone comes behind that in the log.
pub(super) fn offsets_of(
    group: &Group,
    group_id: &str,
    appends: &Appends,
) -> BTreeSet<TopicPartition> {
    let mut partitions = offsets_on_their_way(group_id, appends);
    partitions.extend(group.offsets.partitions());
    partitions
}

/// The partitions for which an offset of the group is on its way to the log.
pub(super) fn offsets_on_their_way(group_id: &str, appends: &Appends) -> BTreeSet<TopicPartition> {
    let records = appends.records_of(group_id);
    let keys = records.filter_map(|record| match record {
        GroupRecord::Offset { key, value: Some(_) } => Some((key.topic.clone(), key.partition)),
        _ => None,
    });
    keys.collect()
}
