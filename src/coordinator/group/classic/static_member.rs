//! Static members (KIP-345): an instance that comes back takes its old place under a new id.

use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::join_group::{JoinGroupRequestProtocol, JoinGroupResponse};

use super::super::timers::Timer;
use super::super::turn::{Then, Turn};
use super::join::Joiner;
use super::member::JoinTicket;
use super::{ClassicGroup, State, answer_join, answer_waiting};

/// First version in which a leader can be told to keep the assignment (KIP-814).
const SKIP_ASSIGNMENT_SINCE: i16 = 9;

/// A static member's new id, on its way to the log, and all that is needed to go back.
#[derive(Debug)]
pub(in super::super) struct ReplacedStatic {
    generation: i32,
    ticket: JoinTicket,
    new_id: Arc<str>,
    old_id: Arc<str>,
    old_leader: Option<Arc<str>>,
    old_protocols: Vec<JoinGroupRequestProtocol>,
    old_rebalance_timeout_ms: i32,
    old_session_timeout_ms: i32,
}

impl ClassicGroup {
    /// Gives the place of `old_id` to the joiner. If the group is stable and the protocol stays the
    /// same, the joiner gets the old assignment and nobody else notices.
    pub(super) fn replace_static_member(
        &mut self,
        turn: &mut Turn,
        joiner: &Joiner,
        old_id: &Arc<str>,
        new_id: Arc<str>,
    ) {
        let Some(old) = self.members.get(old_id) else { return };
        let replaced = ReplacedStatic {
            generation: self.generation,
            ticket: joiner.ticket(),
            new_id: new_id.clone(),
            old_id: old_id.clone(),
            old_leader: self.leader.clone(),
            old_protocols: old.protocols.clone(),
            old_rebalance_timeout_ms: old.rebalance_timeout_ms,
            old_session_timeout_ms: old.session_timeout_ms,
        };
        self.rename(turn, old_id, new_id.clone());
        self.update(turn, joiner, &new_id);
        self.restart_session(turn, &new_id);
        match self.state {
            State::Stable if self.select_protocol() == self.protocol => {
                let record = self.to_record(|member| member.assignment.clone());
                turn.append(&self.id, vec![record], None, Then::ReplaceStatic(replaced));
            }
            // In CompletingRebalance the leader may be assigning to the old id.
            _ => self.rebalance_or_complete_join(turn),
        }
    }

    /// Moves a static member to another id, and fences whoever waits under the old one.
    fn rename(&mut self, turn: &mut Turn, old_id: &Arc<str>, new_id: Arc<str>) {
        let Some(mut member) = self.members.remove(old_id) else { return };
        turn.timers.cancel(&self.id, &Timer::Session(old_id.clone()));
        answer_waiting(turn, &mut member, old_id, ErrorCode::FENCED_INSTANCE_ID);
        if self.is_leader(old_id) {
            self.leader = Some(new_id.clone());
        }
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), new_id.clone());
        }
        member.id = new_id.clone();
        member.is_new = false;
        self.members.insert(new_id, member);
    }

    /// The new id is in the log, or could not be written. If a rebalance has begun meanwhile, it
    /// answers the member, and the next record holds its id.
    pub(in super::super) fn static_member_replaced(
        &mut self,
        turn: &mut Turn,
        replaced: ReplacedStatic,
        outcome: Result<(), ErrorCode>,
    ) {
        if self.state != State::Stable || self.generation != replaced.generation {
            return;
        }
        let Some(member) = self.members.get_mut(&replaced.new_id) else { return };
        if member.awaiting_join != Some(replaced.ticket) {
            return;
        }
        member.awaiting_join = None;
        match outcome {
            Ok(()) => self.welcome_back(turn, &replaced),
            Err(error) => self.revert(turn, replaced, error),
        }
    }

    fn welcome_back(&mut self, turn: &mut Turn, replaced: &ReplacedStatic) {
        let mut response = self.current_generation(&replaced.new_id);
        if replaced.ticket.version >= SKIP_ASSIGNMENT_SINCE {
            response.skip_assignment = self.is_leader(&replaced.new_id);
        } else {
            // A returning leader that cannot be told to skip the assignment must not believe that
            // it leads, or it would bring another assignment than the one that stands.
            response.members.clear();
            response.leader = replaced.old_leader.as_deref().unwrap_or_default().into();
        }
        answer_join(turn, replaced.ticket, response);
        self.restart_session(turn, &replaced.new_id);
    }

    /// Gives the place back to the old id.
    fn revert(&mut self, turn: &mut Turn, replaced: ReplacedStatic, error_code: ErrorCode) {
        let response = JoinGroupResponse {
            error_code,
            member_id: String::new(),
            ..self.current_generation("")
        };
        answer_join(turn, replaced.ticket, response);
        self.rename(turn, &replaced.new_id, replaced.old_id.clone());
        if let Some(member) = self.members.get_mut(&replaced.old_id) {
            member.protocols = replaced.old_protocols;
            member.rebalance_timeout_ms = replaced.old_rebalance_timeout_ms;
            member.session_timeout_ms = replaced.old_session_timeout_ms;
        }
        self.restart_session(turn, &replaced.old_id);
    }
}
