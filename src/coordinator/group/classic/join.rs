//! JoinGroup: who may join, under which id, and whether that starts a rebalance.

use std::sync::Arc;

use crate::base::uuid::Uuid;
use crate::wire::error::ErrorCode;
use crate::wire::messages::join_group::{JoinGroupRequest, JoinGroupResponse};

use super::super::ClientIdentity;
use super::super::effects::Ticket;
use super::super::timers::Timer;
use super::super::turn::Turn;
use super::member::{JoinTicket, Member};
use super::{ClassicGroup, State, answer_join, refuse_join};

/// First version whose members must join with an id that we gave them (KIP-394).
const MEMBER_ID_REQUIRED_SINCE: i16 = 4;

/// How long a member may wait in its first join phase. It knows no id to send heartbeats with, and
/// if its connection breaks it comes back as somebody else: without a limit the ghosts would pile
/// up in a long rebalance.
const NEW_MEMBER_JOIN_TIMEOUT_MS: i32 = 5 * 60 * 1000;

/// A JoinGroup and who sent it.
pub(in super::super) struct Joiner<'a> {
    pub(in super::super) ticket: Ticket,
    pub(in super::super) version: i16,
    pub(in super::super) request: &'a JoinGroupRequest,
    pub(in super::super) client: &'a ClientIdentity,
    pub(in super::super) new_member_id_suffix: Uuid,
}

impl Joiner<'_> {
    /// Answers with `error`.
    pub(in super::super) fn refuse(&self, turn: &mut Turn, member_id: &str, error: ErrorCode) {
        refuse_join(turn, self.ticket(), member_id, error);
    }

    pub(super) fn ticket(&self) -> JoinTicket {
        JoinTicket { ticket: self.ticket, version: self.version }
    }

    /// Version 0 has no rebalance timeout: there the session timeout stands for both.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        match self.version {
            0 => self.request.session_timeout_ms,
            _ => self.request.rebalance_timeout_ms,
        }
    }

    fn instance_id(&self) -> Option<&str> {
        self.request.group_instance_id.as_deref()
    }

    /// A new id: the instance id, else the client's, then a UUID in Java's form.
    fn new_member_id(&self) -> Arc<str> {
        let prefix = self.instance_id().unwrap_or(&self.client.client_id);
        let digits = format!("{:032x}", u128::from_be_bytes(self.new_member_id_suffix.0));
        let (a, b) = (&digits[..8], &digits[8..12]);
        let (c, d, e) = (&digits[12..16], &digits[16..20], &digits[20..]);
        format!("{prefix}-{a}-{b}-{c}-{d}-{e}").into()
    }
}

impl ClassicGroup {
    /// Lets a member join, or refuses it.
    pub(in super::super) fn join(&mut self, turn: &mut Turn, joiner: &Joiner) {
        let request = joiner.request;
        let member_id = request.member_id.as_str();
        if self.state == State::Dead {
            joiner.refuse(turn, member_id, ErrorCode::COORDINATOR_NOT_AVAILABLE);
        } else if !self.has_room_for(member_id, turn.settings.max_size) {
            self.remove(turn, member_id);
            joiner.refuse(turn, "", ErrorCode::GROUP_MAX_SIZE_REACHED);
            self.complete_join_if_all_joined(turn);
        } else if !self.supports(request) {
            joiner.refuse(turn, member_id, ErrorCode::INCONSISTENT_GROUP_PROTOCOL);
        } else if member_id.is_empty() {
            self.join_new(turn, joiner);
        } else if self.pending.contains(member_id) && joiner.instance_id().is_none() {
            self.add(turn, joiner, member_id.into());
        } else if let Err(error) = self.validate_member(member_id, joiner.instance_id()) {
            joiner.refuse(turn, member_id, error);
        } else {
            self.join_again(turn, joiner);
        }
    }

    /// Whether the group may take this member. In a rebalance only those who have joined count, so
    /// that in a group above its limit the last to come back are turned away.
    fn has_room_for(&self, member_id: &str, max_size: usize) -> bool {
        match self.state {
            State::Empty | State::Dead => true,
            State::PreparingRebalance { .. } => {
                let joined = self.members.values().filter(|member| member.awaiting_join.is_some());
                self.members.get(member_id).is_some_and(|member| member.awaiting_join.is_some())
                    || joined.count() < max_size
            }
            State::CompletingRebalance | State::Stable => {
                self.members.contains_key(member_id) || self.members.len() < max_size
            }
        }
    }

    /// Whether the request names a protocol that all members support.
    fn supports(&self, request: &JoinGroupRequest) -> bool {
        if self.state == State::Empty {
            return !request.protocol_type.is_empty() && !request.protocols.is_empty();
        }
        self.protocol_type.as_ref() == Some(&request.protocol_type)
            && request
                .protocols
                .iter()
                .any(|protocol| self.members.values().all(|member| member.supports(&protocol.name)))
    }

    fn join_new(&mut self, turn: &mut Turn, joiner: &Joiner) {
        let new_id = joiner.new_member_id();
        let existing = joiner.instance_id().and_then(|id| self.static_members.get(id)).cloned();
        if let Some(old_id) = existing {
            self.replace_static_member(turn, joiner, &old_id, new_id);
        } else if joiner.version >= MEMBER_ID_REQUIRED_SINCE && joiner.instance_id().is_none() {
            let deadline = turn.after_ms(joiner.request.session_timeout_ms);
            turn.timers.set(&self.id, Timer::Session(new_id.clone()), deadline);
            joiner.refuse(turn, &new_id, ErrorCode::MEMBER_ID_REQUIRED);
            self.pending.insert(new_id);
        } else {
            self.add(turn, joiner, new_id);
        }
    }

    fn add(&mut self, turn: &mut Turn, joiner: &Joiner, member_id: Arc<str>) {
        let request = joiner.request;
        if let State::PreparingRebalance { initial_delay: Some(delay) } = &mut self.state {
            delay.new_member_added = true;
        }
        if self.members.is_empty() {
            self.protocol_type = Some(request.protocol_type.clone());
        }
        self.leader.get_or_insert_with(|| member_id.clone());
        self.pending.remove(&member_id);
        if let Some(instance_id) = joiner.instance_id() {
            self.static_members.insert(instance_id.into(), member_id.clone());
        }
        let member = Member {
            id: member_id.clone(),
            instance_id: request.group_instance_id.clone(),
            client_id: joiner.client.client_id.clone(),
            client_host: joiner.client.host.clone(),
            rebalance_timeout_ms: joiner.rebalance_timeout_ms(),
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols.clone(),
            assignment: Default::default(),
            is_new: true,
            must_sync: false,
            awaiting_join: Some(joiner.ticket()),
            awaiting_sync: None,
        };
        self.members.insert(member_id.clone(), member);
        let deadline = turn.after_ms(NEW_MEMBER_JOIN_TIMEOUT_MS);
        turn.timers.set(&self.id, Timer::Session(member_id), deadline);
        self.rebalance_or_complete_join(turn);
    }

    /// A member joins again. That starts a rebalance only if something may have changed: its
    /// metadata, or, for the leader, what it bases assignments on.
    fn join_again(&mut self, turn: &mut Turn, joiner: &Joiner) {
        let member_id = joiner.request.member_id.as_str();
        let Some(member) = self.members.get(member_id) else { return };
        let is_unchanged = member.protocols == joiner.request.protocols;
        let keeps_generation = match self.state {
            // It did not receive the answer to its first attempt.
            State::CompletingRebalance => is_unchanged,
            State::Stable => is_unchanged && !self.is_leader(member_id),
            State::Empty | State::PreparingRebalance { .. } | State::Dead => false,
        };
        if keeps_generation {
            let response = self.current_generation(member_id);
            answer_join(turn, joiner.ticket(), response);
        } else {
            self.update(turn, joiner, member_id);
            self.rebalance_or_complete_join(turn);
        }
    }

    /// Takes what a member says of itself now, and lets it wait for the join phase to end.
    pub(super) fn update(&mut self, turn: &mut Turn, joiner: &Joiner, member_id: &str) {
        let Some(member) = self.members.get_mut(member_id) else { return };
        member.protocols = joiner.request.protocols.clone();
        member.rebalance_timeout_ms = joiner.rebalance_timeout_ms();
        member.session_timeout_ms = joiner.request.session_timeout_ms;
        if let Some(superseded) = member.awaiting_join.replace(joiner.ticket()) {
            refuse_join(turn, superseded, member_id, ErrorCode::REBALANCE_IN_PROGRESS);
        }
    }

    /// What a member is told of the current generation. Only the leader learns of the others.
    pub(super) fn current_generation(&self, member_id: &str) -> JoinGroupResponse {
        let protocol = self.protocol.as_deref();
        let members = if self.is_leader(member_id) {
            self.members.values().map(|member| member.for_leader(protocol)).collect()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            generation_id: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol_name: self.protocol.clone(),
            leader: self.leader.as_deref().unwrap_or_default().into(),
            member_id: member_id.into(),
            members,
            ..JoinGroupResponse::default()
        }
    }
}
