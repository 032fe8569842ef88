//! The group coordinator: membership of classic groups, and the offsets that groups commit.
//!
//! # How it is driven
//!
//! One task owns a [`GroupCoordinator`] and calls it, one call at a time:
//!
//! 1. At start, [`replay`](GroupCoordinator::replay) for every record of `__consumer_offsets`, each
//!    partition in log order, then [`loaded`](GroupCoordinator::loaded) once. Until then peers are
//!    told COORDINATOR_LOAD_IN_PROGRESS, by the driver.
//! 2. For every request its method. What is answered later is known by the [`Ticket`] that the
//!    driver gave; heartbeats and questions are answered by the return value.
//! 3. Whenever [`next_deadline`](GroupCoordinator::next_deadline) has come,
//!    [`on_time`](GroupCoordinator::on_time).
//! 4. What comes back is [`Effects`]: replies that leave now, and appends. The driver writes each
//!    append as one batch to the partition that [`partition_for`] names, and reports the outcome
//!    to [`append_completed`](GroupCoordinator::append_completed), for one partition in the order
//!    of the appends. Replies that must wait until records are durable stay inside the machine
//!    until then, so nothing that waits can leave early.
//!
//! # What is applied when
//!
//! Offsets and deletions change the state when their records are durable, by the same function
//! that replay uses: a reader never sees an offset that a crash could take back, and a failed
//! append needs no undoing. Membership runs ahead of the log, as it does in Kafka: the log holds
//! what a generation was given (at the leader's SyncGroup), that a group is empty, and that a
//! static member has a new id; who waits for what is not in the log.
//!
#![doc = include_str!("../../docs/groups.md")]

mod admin;
mod classic;
mod effects;
mod expire;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offsets;
mod record;
mod replay;
mod timers;
mod turn;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::heartbeat::{HeartbeatRequest, HeartbeatResponse};
use crate::wire::messages::join_group::JoinGroupRequest;
use crate::wire::messages::leave_group::LeaveGroupRequest;
use crate::wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use classic::{ClassicGroup, Joiner};
use offsets::GroupOffsets;
use timers::{Timer, Timers};
use turn::{Appends, Then, Turn};

pub use effects::{Append, AppendId, Effects, Reply, Ticket, Transaction};
pub use offset_fetch::{offset_fetch_groups, offset_fetch_refusal, offset_fetch_response};
pub use record::{GroupRecord, ReplayError, partition_for};

/// The limits of groups, named as in Kafka's `server.properties`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSettings {
    /// `group.min.session.timeout.ms`: a shorter session is refused.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`: a longer session is refused.
    pub max_session_timeout_ms: i32,
    /// `group.initial.rebalance.delay.ms`: how long the first join of an empty group waits for
    /// others. 0 (Kafka: 3000) suits development: a lone consumer starts at once.
    pub initial_rebalance_delay_ms: i32,
    /// `group.max.size`: how many members a group may have.
    pub max_size: usize,
    /// `offset.metadata.max.bytes`: longest metadata of a committed offset, counted as Kafka
    /// counts it, in UTF-16 units.
    pub offset_metadata_max_size: usize,
    /// `offsets.retention.minutes`, in milliseconds: how long the offsets of an empty group stay.
    pub offsets_retention_ms: i64,
    /// `offsets.topic.num.partitions`: how many partitions `__consumer_offsets` has.
    pub offsets_partitions: i32,
}

impl Default for GroupSettings {
    fn default() -> Self {
        Self {
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 30 * 60 * 1000,
            initial_rebalance_delay_ms: 0,
            max_size: i32::MAX as usize,
            offset_metadata_max_size: 4096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1000,
            offsets_partitions: 50,
        }
    }
}

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Drives timeouts.
    pub monotonic: Duration,
    /// Stamps records, in milliseconds since the Unix epoch.
    pub wall_ms: i64,
}

impl Now {
    /// Reads `clock`.
    pub fn read(clock: &dyn Clock) -> Self {
        Self { monotonic: clock.monotonic(), wall_ms: clock.wall_ms() }
    }
}

/// Who sent a request, as DescribeGroups shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientIdentity {
    /// The `client_id` of the request header; empty if there was none.
    pub client_id: String,
    /// The address as Java prints it: `/127.0.0.1`.
    pub host: String,
}

/// A group: its members, and the offsets committed for it.
#[derive(Debug)]
struct Group {
    members: ClassicGroup,
    offsets: GroupOffsets,
}

impl Group {
    fn new(id: Arc<str>) -> Self {
        Self { members: ClassicGroup::new(id), offsets: GroupOffsets::default() }
    }

    /// Whether nothing was ever recorded of this group and nobody is in it.
    fn is_unused(&self) -> bool {
        self.members.is_unused() && self.offsets.is_empty()
    }
}

/// All groups that a broker coordinates; the module's documentation tells how to drive it.
#[derive(Debug)]
pub struct GroupCoordinator {
    settings: GroupSettings,
    groups: BTreeMap<Arc<str>, Group>,
    timers: Timers,
    appends: Appends,
}

impl GroupCoordinator {
    /// A coordinator without groups.
    pub fn new(settings: GroupSettings) -> Self {
        Self {
            settings,
            groups: BTreeMap::new(),
            timers: Timers::default(),
            appends: Appends::default(),
        }
    }

    /// JoinGroup: to become a member, or to join again in a rebalance. Answered by
    /// [`Reply::Join`], perhaps only when all members have joined or the rebalance timed out.
    ///
    /// `new_member_id_suffix` makes the id of a new member unique; it must be random.
    pub fn join(
        &mut self,
        ticket: Ticket,
        request: &JoinGroupRequest,
        version: i16,
        client: &ClientIdentity,
        new_member_id_suffix: Uuid,
        now: Now,
    ) -> Effects {
        let session_timeouts =
            self.settings.min_session_timeout_ms..=self.settings.max_session_timeout_ms;
        let is_known = self.groups.contains_key(request.group_id.as_str());
        let joiner = Joiner { ticket, version, request, client, new_member_id_suffix };
        let (groups, mut turn) = self.turn(now);
        let refusal = if request.group_id.is_empty() {
            Some(ErrorCode::INVALID_GROUP_ID)
        } else if !session_timeouts.contains(&request.session_timeout_ms) {
            Some(ErrorCode::INVALID_SESSION_TIMEOUT)
        } else if !is_known && !request.member_id.is_empty() {
            Some(ErrorCode::UNKNOWN_MEMBER_ID)
        } else {
            None
        };
        if let Some(error) = refusal {
            joiner.refuse(&mut turn, &request.member_id, error);
            return turn.finish();
        }
        let id: Arc<str> = request.group_id.as_str().into();
        let group = groups.entry(id.clone()).or_insert_with(|| Group::new(id.clone()));
        group.members.join(&mut turn, &joiner);
        let effects = turn.finish();
        self.forget_if_unused(&id);
        effects
    }

    /// SyncGroup: the leader brings the assignment, everyone receives their own. Answered by
    /// [`Reply::Sync`] once the leader's assignment is durable.
    pub fn sync(&mut self, ticket: Ticket, request: &SyncGroupRequest, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let error_code = match groups.get_mut(request.group_id.as_str()) {
            _ if request.group_id.is_empty() => ErrorCode::INVALID_GROUP_ID,
            None => ErrorCode::UNKNOWN_MEMBER_ID,
            Some(group) => {
                group.members.sync(&mut turn, ticket, request);
                return turn.finish();
            }
        };
        let response = SyncGroupResponse { error_code, ..SyncGroupResponse::default() };
        turn.reply(ticket, Reply::Sync(response));
        turn.finish()
    }

    /// Heartbeat: keeps a member's session, and tells it whether to join again.
    pub fn heartbeat(&mut self, request: &HeartbeatRequest, now: Now) -> HeartbeatResponse {
        let (groups, mut turn) = self.turn(now);
        let error_code = match groups.get_mut(request.group_id.as_str()) {
            _ if request.group_id.is_empty() => ErrorCode::INVALID_GROUP_ID,
            None => ErrorCode::UNKNOWN_MEMBER_ID,
            Some(group) => group.members.heartbeat(&mut turn, request),
        };
        HeartbeatResponse { error_code, ..HeartbeatResponse::default() }
    }

    /// LeaveGroup: takes one member (versions 0 to 2) or several (3 on) out of a group. Answered by
    /// [`Reply::Leave`].
    pub fn leave(
        &mut self,
        ticket: Ticket,
        request: &LeaveGroupRequest,
        version: i16,
        now: Now,
    ) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let group = groups.get_mut(request.group_id.as_str()).map(|group| &mut group.members);
        let response = classic::leave(group, &mut turn, request, version);
        turn.reply_after_appends(ticket, Reply::Leave(response));
        let effects = turn.finish();
        self.forget_if_unused(&request.group_id);
        effects
    }

    /// When [`on_time`](Self::on_time) must be called next, by the monotonic clock.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.timers.next()
    }

    /// Lets everything happen that was due: sessions end, rebalances complete without those who
    /// did not come back, members that never synced are removed.
    pub fn on_time(&mut self, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let mut touched = Vec::new();
        while let Some((id, timer)) = turn.timers.pop_due(now.monotonic) {
            let Some(group) = groups.get_mut(&id) else { continue };
            match timer {
                Timer::Join => group.members.on_join_timeout(&mut turn),
                Timer::Sync => group.members.on_sync_timeout(&mut turn),
                Timer::Session(member_id) => {
                    group.members.on_session_timeout(&mut turn, &member_id);
                }
            }
            touched.push(id);
        }
        let effects = turn.finish();
        for id in touched {
            self.forget_if_unused(&id);
        }
        effects
    }

    /// The outcome of an append: `Ok` once its records are as durable as acks=all demands, else
    /// the code that the append failed with. Unknown ids are ignored.
    pub fn append_completed(
        &mut self,
        id: AppendId,
        outcome: Result<(), ErrorCode>,
        now: Now,
    ) -> Effects {
        let Some(append) = self.appends.take(id) else { return Effects::default() };
        if outcome.is_ok() {
            for record in append.records.iter() {
                self.apply(record, append.transaction.map(|transaction| transaction.producer_id));
            }
        }
        let (groups, mut turn) = self.turn(now);
        let outcome = outcome.map_err(effects::for_peers);
        if let Some(group) = groups.get_mut(&append.group_id) {
            match append.then {
                Then::Nothing => {}
                Then::Assign(assignment) => group.members.assigned(&mut turn, assignment, outcome),
                Then::ReplaceStatic(replaced) => {
                    group.members.static_member_replaced(&mut turn, replaced, outcome);
                }
                Then::Delete => group.members.not_deleted(),
            }
        }
        for (ticket, reply) in append.waiting {
            let reply = match outcome {
                Ok(()) => reply,
                Err(error) => reply.failed(error),
            };
            turn.reply(ticket, reply);
        }
        turn.finish()
    }

    /// A turn at the machine: the groups, and all that a decision about one of them may touch.
    fn turn(&mut self, now: Now) -> (&mut BTreeMap<Arc<str>, Group>, Turn<'_>) {
        let turn = Turn::new(now, &self.settings, &mut self.timers, &mut self.appends);
        (&mut self.groups, turn)
    }

    /// Drops a group of which neither members nor records exist, so that joins that came to
    /// nothing leave nothing behind.
    fn forget_if_unused(&mut self, id: &str) {
        if self.groups.get(id).is_some_and(Group::is_unused) {
            self.groups.remove(id);
        }
    }
}
