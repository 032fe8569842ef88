//! SyncGroup: the leader brings the assignment, everyone receives their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::wire::error::ErrorCode;
use crate::wire::messages::sync_group::{SyncGroupRequest, SyncGroupResponse};

use super::super::effects::{Reply, Ticket};
use super::super::timers::Timer;
use super::super::turn::{Then, Turn};
use super::member::Member;
use super::{ClassicGroup, State, refuse_sync};

/// The leader's assignment for a generation, on its way to the log.
#[derive(Debug)]
pub(in super::super) struct Assignment {
    generation: i32,
    by_member: BTreeMap<String, Bytes>,
}

impl Assignment {
    /// What a member is given; nothing if the leader did not mention it.
    fn of(&self, member: &Member) -> Bytes {
        self.by_member.get(&*member.id).cloned().unwrap_or_default()
    }
}

impl ClassicGroup {
    /// Hands out the assignment, or waits for the leader to bring it.
    pub(in super::super) fn sync(
        &mut self,
        turn: &mut Turn,
        ticket: Ticket,
        request: &SyncGroupRequest,
    ) {
        if let Err(error) = self.validate_sync(request) {
            return refuse_sync(turn, ticket, error);
        }
        let member_id = request.member_id.as_str();
        let is_leader = self.is_leader(member_id);
        let Some(member) = self.members.get_mut(member_id) else {
            return refuse_sync(turn, ticket, ErrorCode::UNKNOWN_MEMBER_ID);
        };
        member.must_sync = false;
        if self.state == State::CompletingRebalance {
            if let Some(superseded) = member.awaiting_sync.replace(ticket) {
                refuse_sync(turn, superseded, ErrorCode::REBALANCE_IN_PROGRESS);
            }
            // An assignment that is on its way to the log stands: the log must not hold another
            // one than the members are given.
            if is_leader && !self.assigning {
                self.store_assignment(turn, request);
            }
        } else {
            let response = self.assignment_of(member_id);
            turn.reply(ticket, Reply::Sync(response));
        }
        if self.members.values().all(|member| !member.must_sync) {
            turn.timers.cancel(&self.id, &Timer::Sync);
        }
    }

    fn validate_sync(&self, request: &SyncGroupRequest) -> Result<(), ErrorCode> {
        let differs = |asked: &Option<String>, ours: &Option<String>| {
            asked.is_some() && ours.is_some() && asked != ours
        };
        match self.state {
            State::Dead => return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
            State::Empty => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
            _ => {}
        }
        self.validate_member(&request.member_id, request.group_instance_id.as_deref())?;
        if request.generation_id != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol_name, &self.protocol)
        {
            return Err(ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        }
        if self.state.is_preparing() {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        Ok(())
    }

    fn store_assignment(&mut self, turn: &mut Turn, request: &SyncGroupRequest) {
        let assignments = request.assignments.iter();
        let assignment = Assignment {
            generation: self.generation,
            by_member: assignments.map(|a| (a.member_id.clone(), a.assignment.clone())).collect(),
        };
        self.assigning = true;
        let record = self.to_record(|member| assignment.of(member));
        turn.append(&self.id, vec![record], None, Then::Assign(assignment));
    }

    /// The leader's assignment is in the log, or could not be written. If the group has moved on
    /// meanwhile, that no longer matters.
    pub(in super::super) fn assigned(
        &mut self,
        turn: &mut Turn,
        assignment: Assignment,
        outcome: Result<(), ErrorCode>,
    ) {
        if self.state != State::CompletingRebalance || assignment.generation != self.generation {
            return;
        }
        if let Err(error) = outcome {
            self.reset_assignments(turn, error);
            self.prepare_rebalance(turn);
            return;
        }
        self.enter(turn, State::Stable);
        let mut waiting: Vec<(Arc<str>, Ticket)> = Vec::new();
        for member in self.members.values_mut() {
            member.assignment = assignment.of(member);
            let ticket = member.awaiting_sync.take();
            waiting.extend(ticket.map(|ticket| (member.id.clone(), ticket)));
        }
        for (member_id, ticket) in waiting {
            let response = self.assignment_of(&member_id);
            turn.reply(ticket, Reply::Sync(response));
            // Its session may have run out while it waited for the leader.
            self.restart_session(turn, &member_id);
        }
    }

    fn assignment_of(&self, member_id: &str) -> SyncGroupResponse {
        let member = self.members.get(member_id);
        SyncGroupResponse {
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            assignment: member.map(|member| member.assignment.clone()).unwrap_or_default(),
            ..SyncGroupResponse::default()
        }
    }
}
