//! Retention of offsets (KIP-211), and the end of groups that have none left.

use std::sync::Arc;

use super::classic::RetentionStart;
use super::effects::Effects;
use super::offset_delete::offsets_on_their_way;
use super::offsets::CommittedOffset;
use super::record::GroupRecord;
use super::turn::{Then, Turn};
use super::{Group, GroupCoordinator, Now};

impl GroupCoordinator {
    /// Deletes offsets whose time has come, and empty groups that are left without any. To be
    /// called now and then; Kafka does every `offsets.retention.check.interval.ms`, 10 minutes.
    ///
    /// The offsets of an empty group expire together, counted from when it became empty. Those of a
    /// consumer that assigns itself its partitions, and those of topics that a living group of
    /// consumers no longer reads, each count from its commit.
    pub fn expire_offsets(&mut self, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        for (id, group) in groups.iter_mut() {
            expire_group(&mut turn, id, group);
        }
        turn.finish()
    }
}

fn expire_group(turn: &mut Turn, id: &Arc<str>, group: &mut Group) {
    let Some(start) = group.members.retention_start() else { return };
    // A tombstone would stand behind a commit that is on its way, and delete that.
    let on_their_way = offsets_on_their_way(id, turn.appends);
    let mut tombstones = Vec::new();
    let mut count = 0;
    for (topic, partitions) in group.offsets.by_topic() {
        count += partitions.len();
        if group.members.is_subscribed_to(topic) {
            continue;
        }
        for (partition, committed) in partitions {
            let is_settled = !group.offsets.is_unstable(topic, *partition)
                && !on_their_way.contains(&(topic.clone(), *partition));
            if is_settled && is_expired(turn, start, committed) {
                tombstones.push(GroupRecord::offset_tombstone(id, topic, *partition));
            }
        }
    }
    let nothing_stays = tombstones.len() == count
        && group.offsets.partitions().len() == count
        && turn.appends.records_of(id).next().is_none();
    if nothing_stays && group.members.is_empty() && !group.members.has_pending() {
        tombstones.push(GroupRecord::group_tombstone(id));
        group.members.begin_deletion();
        turn.append(id, tombstones, None, Then::Delete);
    } else {
        turn.append(id, tombstones, None, Then::Nothing);
    }
}

fn is_expired(turn: &Turn, start: RetentionStart, committed: &CommittedOffset) -> bool {
    let now_ms = turn.now.wall_ms;
    if let Some(expire_timestamp_ms) = committed.expire_timestamp_ms {
        return now_ms >= expire_timestamp_ms;
    }
    let start_ms = match start {
        RetentionStart::Commit => committed.commit_timestamp_ms,
        RetentionStart::Emptied(at_ms) => at_ms,
    };
    now_ms.saturating_sub(start_ms) >= turn.settings.offsets_retention_ms
}
