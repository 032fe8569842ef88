//! Rebalances: when they start, when the join phase ends, and what happens to those who miss it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;

use crate::wire::error::ErrorCode;
use crate::wire::messages::group_log::GroupMetadataValue;

use super::super::record::GroupRecord;
use super::super::timers::Timer;
use super::super::turn::{Then, Turn};
use super::member::Member;
use super::{ClassicGroup, InitialDelay, State, answer_join};

impl ClassicGroup {
    /// After someone joined or left: starts a rebalance, or ends its join phase if this was the
    /// last one that it waited for.
    pub(super) fn rebalance_or_complete_join(&mut self, turn: &mut Turn) {
        match self.state {
            State::Empty | State::CompletingRebalance | State::Stable => {
                self.prepare_rebalance(turn);
            }
            State::PreparingRebalance { .. } => self.complete_join_if_all_joined(turn),
            State::Dead => {}
        }
    }

    /// Starts the join phase of a rebalance.
    pub(super) fn prepare_rebalance(&mut self, turn: &mut Turn) {
        if self.state == State::CompletingRebalance {
            self.reset_assignments(turn, ErrorCode::REBALANCE_IN_PROGRESS);
        }
        turn.timers.cancel(&self.id, &Timer::Sync);
        for member in self.members.values_mut() {
            member.must_sync = false;
        }
        let delay_ms = turn.settings.initial_rebalance_delay_ms;
        let is_initial = self.state == State::Empty;
        if is_initial && delay_ms > 0 {
            let remaining_ms = self.rebalance_timeout_ms().saturating_sub(delay_ms).max(0);
            self.wait_for_more(turn, delay_ms, remaining_ms);
            return;
        }
        self.enter(turn, State::PREPARING);
        if is_initial || self.have_all_joined() {
            self.complete_join(turn);
        } else {
            self.schedule_join_timeout(turn);
        }
    }

    fn wait_for_more(&mut self, turn: &mut Turn, delay_ms: i32, remaining_ms: i32) {
        let delay = InitialDelay { delay_ms, remaining_ms, new_member_added: false };
        self.enter(turn, State::PreparingRebalance { initial_delay: Some(delay) });
        let deadline = turn.after_ms(delay_ms);
        turn.timers.set(&self.id, Timer::Join, deadline);
    }

    fn schedule_join_timeout(&self, turn: &mut Turn) {
        let deadline = turn.after_ms(self.rebalance_timeout_ms());
        turn.timers.set(&self.id, Timer::Join, deadline);
    }

    fn have_all_joined(&self) -> bool {
        self.pending.is_empty()
            && self.members.values().all(|member| member.awaiting_join.is_some())
    }

    /// Ends the join phase if it waits for nobody any more. During the initial delay others may
    /// come, so that runs its course.
    pub(super) fn complete_join_if_all_joined(&mut self, turn: &mut Turn) {
        if self.state == State::PREPARING && self.have_all_joined() {
            self.complete_join(turn);
        }
    }

    /// The join phase has lasted long enough, or the initial delay is over: then it is extended if
    /// someone joined meanwhile, up to the rebalance timeout in all.
    pub(in super::super) fn on_join_timeout(&mut self, turn: &mut Turn) {
        match self.state {
            State::PreparingRebalance { initial_delay: Some(delay) }
                if delay.new_member_added && delay.remaining_ms > 0 =>
            {
                let next_ms = turn.settings.initial_rebalance_delay_ms.min(delay.remaining_ms);
                let remaining_ms = (delay.remaining_ms - delay.delay_ms).max(0);
                self.wait_for_more(turn, next_ms, remaining_ms);
            }
            State::PreparingRebalance { .. } => self.complete_join(turn),
            _ => {}
        }
    }

    /// Ends the join phase: dynamic members that did not come back are out, static ones stay, and
    /// those who wait are told the new generation.
    fn complete_join(&mut self, turn: &mut Turn) {
        turn.timers.cancel(&self.id, &Timer::Join);
        let missing = |member: &&Member| member.awaiting_join.is_none() && !member.is_static();
        let missing: Vec<Arc<str>> =
            self.members.values().filter(missing).map(|member| member.id.clone()).collect();
        for member_id in missing {
            self.remove(turn, &member_id);
        }
        if self.members.is_empty() {
            self.become_empty(turn);
        } else if self.elect_leader() {
            self.begin_generation(turn);
        } else {
            // Only static members are left, and none has come back. The session timeouts of those
            // who are gone will decide.
            self.enter(turn, State::PREPARING);
            self.schedule_join_timeout(turn);
        }
    }

    fn become_empty(&mut self, turn: &mut Turn) {
        self.advance_generation();
        self.protocol = None;
        self.leader = None;
        self.subscribed_topics = self.compute_subscribed_topics();
        self.enter(turn, State::Empty);
        // If this cannot be written, a restart brings back members that then time out.
        let record = self.to_record(|_| Bytes::new());
        turn.append(&self.id, vec![record], None, Then::Nothing);
    }

    /// The leader stays if it came back; else one that did takes over. `false` if nobody did.
    fn elect_leader(&mut self) -> bool {
        let has_joined = |member: &Member| member.awaiting_join.is_some();
        let leader = self.leader.as_ref().and_then(|leader| self.members.get(leader));
        if leader.is_some_and(has_joined) {
            return true;
        }
        let successor = self.members.values().find(|member| has_joined(member));
        let Some(successor) = successor.map(|member| member.id.clone()) else { return false };
        self.leader = Some(successor);
        true
    }

    fn begin_generation(&mut self, turn: &mut Turn) {
        self.advance_generation();
        self.protocol = self.select_protocol();
        self.subscribed_topics = self.compute_subscribed_topics();
        self.enter(turn, State::CompletingRebalance);
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            let response = self.current_generation(&id);
            let Some(member) = self.members.get_mut(&id) else { continue };
            member.is_new = false;
            member.must_sync = true;
            if let Some(ticket) = member.awaiting_join.take() {
                answer_join(turn, ticket, response);
            }
            self.restart_session(turn, &id);
        }
        let deadline = turn.after_ms(self.rebalance_timeout_ms());
        turn.timers.set(&self.id, Timer::Sync, deadline);
    }

    /// The next generation; after the highest number comes 1, as 0 means "never had members".
    fn advance_generation(&mut self) {
        self.generation = self.generation.checked_add(1).unwrap_or(1);
        self.assigning = false;
    }

    /// The protocol with the most votes among those that all members support. A tie goes to the
    /// one that the leader prefers.
    pub(super) fn select_protocol(&self) -> Option<String> {
        let leader = self.leader.as_ref().and_then(|leader| self.members.get(leader))?;
        let names = leader.protocols.iter().map(|protocol| protocol.name.as_str());
        let common: Vec<&str> = names
            .filter(|name| self.members.values().all(|member| member.supports(name)))
            .collect();
        let candidates: BTreeSet<&str> = common.iter().copied().collect();
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for vote in self.members.values().filter_map(|member| member.vote(&candidates)) {
            *votes.entry(vote).or_default() += 1;
        }
        // The last of equal maxima wins, so the leader's favourite comes last.
        let winner = common.into_iter().rev().max_by_key(|name| votes.get(name).copied());
        winner.map(str::to_owned)
    }

    /// Takes all assignments away, and answers those who wait for one with `error`.
    pub(super) fn reset_assignments(&mut self, turn: &mut Turn, error: ErrorCode) {
        let mut answered = Vec::new();
        for member in self.members.values_mut() {
            member.assignment = Bytes::new();
            if let Some(ticket) = member.awaiting_sync.take() {
                super::refuse_sync(turn, ticket, error);
                answered.push(member.id.clone());
            }
        }
        for member_id in answered {
            self.restart_session(turn, &member_id);
        }
    }

    /// Members have not synced in time: they are out, and the others rebalance.
    pub(in super::super) fn on_sync_timeout(&mut self, turn: &mut Turn) {
        if !matches!(self.state, State::CompletingRebalance | State::Stable) {
            return;
        }
        let late = self.members.values().filter(|member| member.must_sync);
        let late: Vec<Arc<str>> = late.map(|member| member.id.clone()).collect();
        if late.is_empty() {
            return;
        }
        for member_id in late {
            self.remove(turn, &member_id);
        }
        self.prepare_rebalance(turn);
    }

    /// A session is over: the member is out, unless it is waiting for us. A pending member is
    /// forgotten.
    pub(in super::super) fn on_session_timeout(&mut self, turn: &mut Turn, member_id: &str) {
        match self.members.get(member_id) {
            Some(member) if member.is_excused_from_heartbeats() => return,
            Some(_) => {
                self.remove(turn, member_id);
                if matches!(self.state, State::CompletingRebalance | State::Stable) {
                    self.prepare_rebalance(turn);
                    return;
                }
            }
            None => {
                self.pending.remove(member_id);
            }
        }
        self.complete_join_if_all_joined(turn);
    }

    /// The record of this generation, with the assignment that `assignment_of` gives each member.
    pub(super) fn to_record(&self, assignment_of: impl Fn(&Member) -> Bytes) -> GroupRecord {
        let protocol = self.protocol.as_deref();
        let members = self.members.values();
        let value = GroupMetadataValue {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.as_ref().map(|leader| leader.to_string()),
            current_state_timestamp: self.state_since_ms.unwrap_or(-1),
            members: members.map(|m| m.for_log(protocol, assignment_of(m))).collect(),
        };
        GroupRecord::Group { group_id: self.id.to_string(), value: Some(value) }
    }
}
