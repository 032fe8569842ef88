//! Membership of a classic group: the state machine behind JoinGroup, SyncGroup, Heartbeat and
//! LeaveGroup.
//!
//! ```text
//!            first join            all joined              leader's assignment durable
//!   Empty ─────────────▶ Preparing ───────────▶ Completing ──────────────────────────▶ Stable
//!     ▲  all are gone     Rebalance             Rebalance                                 │
//!     └─────────────────────┘ ▲                     │ a member joins, changes, leaves     │
//!                             └─────────────────────┴─────────────────────────────────────┘
//! ```
//!
//! A fifth state, Dead, is that of an empty group whose deletion is on its way to the log.

mod commit;
mod describe;
mod heartbeat;
mod join;
mod leave;
mod load;
mod member;
mod rebalance;
mod static_member;
mod subscription;
mod sync;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::join_group::JoinGroupResponse;
use crate::wire::messages::sync_group::SyncGroupResponse;

use super::effects::{Reply, Ticket};
use super::timers::Timer;
use super::turn::Turn;
use member::{JoinTicket, Member};

pub(super) use commit::Committer;
pub(super) use describe::GROUP_TYPE;
pub(super) use join::Joiner;
pub(super) use leave::leave;
pub(super) use static_member::ReplacedStatic;
pub(super) use subscription::RetentionStart;
pub(super) use sync::Assignment;

/// Where a group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody is in it; it may have offsets.
    Empty,
    /// Waits for all members to join again.
    PreparingRebalance {
        /// Set while an empty group waits for more members than the first.
        initial_delay: Option<InitialDelay>,
    },
    /// Waits for the leader's assignment.
    CompletingRebalance,
    /// Everyone has, or can fetch, their assignment.
    Stable,
    /// The group's deletion is on its way to the log.
    Dead,
}

impl State {
    const PREPARING: Self = Self::PreparingRebalance { initial_delay: None };

    fn is_preparing(self) -> bool {
        matches!(self, Self::PreparingRebalance { .. })
    }

    /// The name that ListGroups and DescribeGroups give.
    fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance { .. } => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// How long an empty group goes on waiting for more members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InitialDelay {
    /// The wait that is running.
    delay_ms: i32,
    /// What is left of the rebalance timeout after it.
    remaining_ms: i32,
    /// Whether someone joined during it, so that it is worth another.
    new_member_added: bool,
}

/// The members of a group, and what they are doing.
#[derive(Debug)]
pub(super) struct ClassicGroup {
    id: Arc<str>,
    state: State,
    /// When the group came into its state; unknown for groups written by Kafka before 2.1.
    state_since_ms: Option<i64>,
    generation: i32,
    /// `None` for a group that only ever committed offsets.
    protocol_type: Option<String>,
    protocol: Option<String>,
    leader: Option<Arc<str>>,
    members: BTreeMap<Arc<str>, Member>,
    /// Member ids by instance id (KIP-345).
    static_members: BTreeMap<String, Arc<str>>,
    /// Ids that were given out and have not joined yet (KIP-394).
    pending: BTreeSet<Arc<str>>,
    /// What the current generation's consumers subscribe to, if that can be read.
    subscribed_topics: Option<BTreeSet<String>>,
    /// Whether the leader's assignment for this generation is on its way to the log.
    assigning: bool,
}

impl ClassicGroup {
    /// A group without members.
    pub(super) fn new(id: Arc<str>) -> Self {
        Self {
            id,
            state: State::Empty,
            state_since_ms: None,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending: BTreeSet::new(),
            subscribed_topics: None,
            assigning: false,
        }
    }

    /// Whether nobody is in the group, nobody was told that they may join, and no generation was
    /// ever recorded.
    pub(super) fn is_unused(&self) -> bool {
        self.state == State::Empty
            && self.generation == 0
            && self.protocol_type.is_none()
            && self.pending.is_empty()
    }

    /// Whether the group has no members, and its offsets may expire as a whole.
    pub(super) fn is_empty(&self) -> bool {
        self.state == State::Empty
    }

    /// Whether somebody was told that they may join, and has not yet.
    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether its deletion is on its way to the log.
    pub(super) fn is_dead(&self) -> bool {
        self.state == State::Dead
    }

    /// Marks the group as being deleted: until that is durable nobody may join or commit.
    pub(super) fn begin_deletion(&mut self) {
        self.state = State::Dead;
    }

    /// The deletion could not be written: the group is as it was.
    pub(super) fn not_deleted(&mut self) {
        if self.state == State::Dead {
            self.state = State::Empty;
        }
    }

    fn enter(&mut self, turn: &Turn, state: State) {
        self.state = state;
        self.state_since_ms = Some(turn.now.wall_ms);
    }

    fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// The rebalance timeout of a group is the longest that a member asked for.
    fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|member| member.rebalance_timeout_ms).max().unwrap_or(0)
    }

    /// Whether `member_id` may speak for the group: it is a member, and if it says which instance
    /// it is, no other member has taken that instance over.
    fn validate_member(&self, member_id: &str, instance_id: Option<&str>) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
                Some(current) if **current != *member_id => {
                    return Err(ErrorCode::FENCED_INSTANCE_ID);
                }
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) {
            Ok(())
        } else {
            Err(ErrorCode::UNKNOWN_MEMBER_ID)
        }
    }

    /// Takes a member or a pending member out, and answers what it was waiting for. What that
    /// means for the rebalance is the caller's business.
    fn remove(&mut self, turn: &mut Turn, member_id: &str) {
        let id: Arc<str> = member_id.into();
        self.pending.remove(&id);
        turn.timers.cancel(&self.id, &Timer::Session(id.clone()));
        let Some(mut member) = self.members.remove(&id) else { return };
        if let Some(instance_id) = &member.instance_id {
            self.static_members.remove(instance_id);
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        // An empty id makes a client that is still there join anew.
        answer_waiting(turn, &mut member, "", ErrorCode::UNKNOWN_MEMBER_ID);
    }

    /// Starts the session of a member anew.
    fn restart_session(&self, turn: &mut Turn, member_id: &Arc<str>) {
        if let Some(member) = self.members.get(member_id) {
            let deadline = turn.after_ms(member.session_timeout_ms);
            turn.timers.set(&self.id, Timer::Session(member_id.clone()), deadline);
        }
    }
}

/// Answers all that a member is waiting for with `error`.
fn answer_waiting(turn: &mut Turn, member: &mut Member, member_id: &str, error: ErrorCode) {
    if let Some(ticket) = member.awaiting_join.take() {
        refuse_join(turn, ticket, member_id, error);
    }
    if let Some(ticket) = member.awaiting_sync.take() {
        refuse_sync(turn, ticket, error);
    }
}

fn answer_join(turn: &mut Turn, ticket: JoinTicket, mut response: JoinGroupResponse) {
    if ticket.version < 7 {
        // Null is not allowed before version 7.
        response.protocol_name.get_or_insert_default();
    }
    turn.reply(ticket.ticket, Reply::Join(response));
}

fn refuse_join(turn: &mut Turn, ticket: JoinTicket, member_id: &str, error_code: ErrorCode) {
    let response = JoinGroupResponse {
        error_code,
        member_id: member_id.into(),
        ..JoinGroupResponse::default()
    };
    answer_join(turn, ticket, response);
}

fn refuse_sync(turn: &mut Turn, ticket: Ticket, error_code: ErrorCode) {
    let response = SyncGroupResponse { error_code, ..SyncGroupResponse::default() };
    turn.reply(ticket, Reply::Sync(response));
}
