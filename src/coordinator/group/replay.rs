//! Records become state: at start, and when an append is durable.

use std::sync::Arc;

use bytes::Bytes;

use super::classic::ClassicGroup;
use super::effects::Effects;
use super::record::{GroupRecord, ReplayError, partition_for};
use super::{Group, GroupCoordinator, Now};

impl GroupCoordinator {
    /// At start: one record of `__consumer_offsets`, in the order of its partition. `producer_id`
    /// is that of the batch if the batch is transactional. Parts of `value` are kept: it should not
    /// be a slice of something large.
    ///
    /// An error leaves the state as it was; what to do about it is the caller's decision.
    pub fn replay(
        &mut self,
        key: Bytes,
        value: Option<Bytes>,
        producer_id: Option<i64>,
    ) -> Result<(), ReplayError> {
        match GroupRecord::from_bytes(key, value)? {
            GroupRecord::Group { group_id, value: Some(value) } => {
                let id: Arc<str> = group_id.into();
                let members = ClassicGroup::load(id.clone(), value);
                self.group(&id).members = members;
            }
            record => self.apply(&record, producer_id),
        }
        Ok(())
    }

    /// At start and later: a control record ended a producer's transaction in a partition of
    /// `__consumer_offsets`.
    pub fn transaction_ended(&mut self, partition: i32, producer_id: i64, is_committed: bool) {
        let partitions = self.settings.offsets_partitions;
        for (id, group) in &mut self.groups {
            let is_concerned = group.offsets.has_transaction(producer_id);
            if is_concerned && partition_for(id, partitions) == partition {
                group.offsets.end_transaction(producer_id, is_committed);
            }
        }
    }

    /// At start, after the last record: the members of loaded groups get a full session to come
    /// back in.
    pub fn loaded(&mut self, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        for group in groups.values_mut() {
            group.members.loaded(&mut turn);
        }
        turn.finish()
    }

    /// Takes a durable record. Membership runs ahead of the log, so of a group only its deletion
    /// is news.
    pub(super) fn apply(&mut self, record: &GroupRecord, producer_id: Option<i64>) {
        match record {
            GroupRecord::Offset { key, value: None } => {
                if let Some(group) = self.groups.get_mut(key.group.as_str()) {
                    group.offsets.apply(key, None, producer_id);
                }
            }
            GroupRecord::Offset { key, value } => {
                let id: Arc<str> = key.group.as_str().into();
                self.group(&id).offsets.apply(key, value.as_ref(), producer_id);
            }
            GroupRecord::Group { value: Some(_), .. } => {}
            GroupRecord::Group { group_id, value: None } => self.remove_members(group_id),
        }
    }

    fn group(&mut self, id: &Arc<str>) -> &mut Group {
        self.groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone()))
    }

    /// Forgets a group, unless it has offsets: then those stay, as they do in the log.
    fn remove_members(&mut self, group_id: &str) {
        let Some((id, group)) = self.groups.get_key_value(group_id) else { return };
        let id = id.clone();
        self.timers.cancel_all(&id);
        if group.offsets.is_empty() {
            self.groups.remove(&id);
        } else {
            self.group(&id).members = ClassicGroup::new(id.clone());
        }
    }
}
