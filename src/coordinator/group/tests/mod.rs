//! Each rule of the group coordinator, by name.
//!
//! [`Driver`] plays the broker: it keeps the time, the log and the replies, and fails when a ticket
//! is answered twice.

mod admin;
mod failures;
mod golden;
mod initial_delay;
mod join;
mod leave;
mod model;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod replay;
mod retention;
mod session;
mod static_members;
mod sync;
mod transactions;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::wire::messages::delete_groups::DeletableGroupResult;
use crate::wire::messages::join_group::{JoinGroupRequestProtocol, JoinGroupResponse};
use crate::wire::messages::leave_group::{LeaveGroupResponse, MemberIdentity};
use crate::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use crate::wire::messages::offset_delete::OffsetDeleteResponse;
use crate::wire::messages::offset_fetch::{OffsetFetchRequestGroup, OffsetFetchRequestTopics};
use crate::wire::messages::sync_group::SyncGroupRequestAssignment;

/// The newest version of JoinGroup and LeaveGroup.
const LATEST: i16 = 9;
const SESSION_MS: i32 = 10_000;
const REBALANCE_MS: i32 = 60_000;
const DELAY_MS: u64 = 3_000;
/// An arbitrary Monday.
const START_MS: i64 = 1_700_000_000_000;

struct Driver {
    machine: GroupCoordinator,
    now: Now,
    last_ticket: u64,
    last_suffix: u8,
    answers: BTreeMap<Ticket, Reply>,
    /// The tickets, in the order of their answers.
    answered: Vec<Ticket>,
    /// Appends whose outcome has not been reported.
    in_flight: VecDeque<Append>,
    /// Whether appends become durable at once.
    is_disk_fast: bool,
    /// What is durable, in order.
    log: Vec<Append>,
}

impl Driver {
    /// With Kafka's initial rebalance delay, in which a group can gather.
    fn new() -> Self {
        let delay_ms = DELAY_MS as i32;
        Self::with(GroupSettings { initial_rebalance_delay_ms: delay_ms, ..Default::default() })
    }

    fn with(settings: GroupSettings) -> Self {
        Self {
            machine: GroupCoordinator::new(settings),
            now: Now { monotonic: Duration::ZERO, wall_ms: START_MS },
            last_ticket: 0,
            last_suffix: 0,
            answers: BTreeMap::new(),
            answered: Vec::new(),
            in_flight: VecDeque::new(),
            is_disk_fast: true,
            log: Vec::new(),
        }
    }

    /// Starts over from a log, as after a restart.
    fn load(&mut self, log: &[Append]) {
        for append in log {
            let producer_id = append.transaction.map(|transaction| transaction.producer_id);
            for record in append.records.iter() {
                let (key, value) = record.to_bytes().expect("the record can be written");
                self.machine.replay(key, value, producer_id).expect("the record can be read");
            }
        }
        let effects = self.machine.loaded(self.now);
        self.absorb(effects);
    }

    fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    fn absorb(&mut self, effects: Effects) {
        for (ticket, reply) in effects.replies {
            let before = self.answers.insert(ticket, reply);
            assert_eq!(before, None, "{ticket:?} was answered twice");
            self.answered.push(ticket);
        }
        self.in_flight.extend(effects.appends);
        while self.is_disk_fast && !self.in_flight.is_empty() {
            self.complete_append(Ok(()));
        }
    }

    /// Reports the outcome of the oldest append.
    fn complete_append(&mut self, outcome: Result<(), ErrorCode>) {
        let append = self.in_flight.pop_front().expect("an append is under way");
        let id = append.id;
        if outcome.is_ok() {
            self.log.push(append);
        }
        let effects = self.machine.append_completed(id, outcome, self.now);
        self.absorb(effects);
    }

    /// Lets time pass, and everything happen that becomes due on the way.
    fn advance(&mut self, by_ms: u64) {
        let end = self.now.monotonic + Duration::from_millis(by_ms);
        while let Some(deadline) = self.machine.next_deadline().filter(|at| *at <= end) {
            self.set_time(deadline.max(self.now.monotonic));
            let effects = self.machine.on_time(self.now);
            self.absorb(effects);
        }
        self.set_time(end);
    }

    fn set_time(&mut self, monotonic: Duration) {
        self.now = Now { monotonic, wall_ms: START_MS + monotonic.as_millis() as i64 };
    }

    fn join(&mut self, request: &JoinGroupRequest, version: i16) -> Ticket {
        let ticket = self.ticket();
        self.last_suffix += 1;
        let suffix = Uuid([self.last_suffix; 16]);
        let client = ClientIdentity { client_id: "client".into(), host: "/127.0.0.1".into() };
        let effects = self.machine.join(ticket, request, version, &client, suffix, self.now);
        self.absorb(effects);
        ticket
    }

    /// Joins and expects the answer at once.
    fn join_now(&mut self, request: &JoinGroupRequest, version: i16) -> JoinGroupResponse {
        let ticket = self.join(request, version);
        self.joined(ticket)
    }

    fn sync(&mut self, request: &SyncGroupRequest) -> Ticket {
        let ticket = self.ticket();
        let effects = self.machine.sync(ticket, request, self.now);
        self.absorb(effects);
        ticket
    }

    fn sync_now(&mut self, request: &SyncGroupRequest) -> SyncGroupResponse {
        let ticket = self.sync(request);
        self.synced(ticket)
    }

    fn heartbeat(&mut self, member_id: &str, generation_id: i32) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: "g".into(),
            generation_id,
            member_id: member_id.into(),
            group_instance_id: None,
        };
        self.machine.heartbeat(&request, self.now).error_code
    }

    fn leave(&mut self, request: &LeaveGroupRequest, version: i16) -> LeaveGroupResponse {
        let ticket = self.ticket();
        let effects = self.machine.leave(ticket, request, version, self.now);
        self.absorb(effects);
        match self.answer(ticket) {
            Some(Reply::Leave(response)) => response,
            other => panic!("no answer to LeaveGroup: {other:?}"),
        }
    }

    fn leave_one(&mut self, member_id: &str) -> ErrorCode {
        let member = MemberIdentity { member_id: member_id.into(), ..Default::default() };
        let request =
            LeaveGroupRequest { group_id: "g".into(), members: vec![member], ..Default::default() };
        self.leave(&request, 5).members[0].error_code
    }

    fn commit(&mut self, request: &OffsetCommitRequest, version: i16) -> Ticket {
        let ticket = self.ticket();
        let effects = self.machine.commit_offsets(ticket, request, version, self.now);
        self.absorb(effects);
        ticket
    }

    /// Commits, and gives the error code of the first partition.
    fn commit_now(&mut self, request: &OffsetCommitRequest) -> ErrorCode {
        let ticket = self.commit(request, 8);
        self.committed(ticket)
    }

    fn committed(&mut self, ticket: Ticket) -> ErrorCode {
        match self.answer(ticket) {
            Some(Reply::OffsetCommit(response)) => response.topics[0].partitions[0].error_code,
            other => panic!("no answer to OffsetCommit: {other:?}"),
        }
    }

    /// The committed offset of partition 0 of topic "t".
    fn offset(&self) -> i64 {
        let topic = OffsetFetchRequestTopics {
            name: "t".into(),
            partition_indexes: vec![0],
            ..Default::default()
        };
        let request = OffsetFetchRequestGroup {
            group_id: "g".into(),
            topics: Some(vec![topic]),
            ..Default::default()
        };
        let response = self.machine.fetch_offsets(&request, false);
        response.topics[0].partitions[0].committed_offset
    }

    fn delete_group(&mut self, group_id: &str) -> ErrorCode {
        let ticket = self.ticket();
        let effects = self.machine.delete_group(ticket, group_id, self.now);
        self.absorb(effects);
        match self.answer(ticket) {
            Some(Reply::DeleteGroup(DeletableGroupResult { error_code, .. })) => error_code,
            other => panic!("no answer to DeleteGroups: {other:?}"),
        }
    }

    fn delete_offset(&mut self, topic: &str) -> OffsetDeleteResponse {
        let ticket = self.ticket();
        let request = offset_delete::request(topic);
        let effects = self.machine.delete_offsets(ticket, &request, self.now);
        self.absorb(effects);
        match self.answer(ticket) {
            Some(Reply::OffsetDelete(response)) => response,
            other => panic!("no answer to OffsetDelete: {other:?}"),
        }
    }

    fn expire(&mut self) {
        let effects = self.machine.expire_offsets(self.now);
        self.absorb(effects);
    }

    fn state(&self) -> String {
        self.machine.describe("g", 5).group_state
    }

    fn answer(&mut self, ticket: Ticket) -> Option<Reply> {
        self.answers.get(&ticket).cloned()
    }

    fn is_waiting(&self, ticket: Ticket) -> bool {
        !self.answers.contains_key(&ticket)
    }

    fn joined(&mut self, ticket: Ticket) -> JoinGroupResponse {
        match self.answer(ticket) {
            Some(Reply::Join(response)) => response,
            other => panic!("no answer to JoinGroup: {other:?}"),
        }
    }

    fn synced(&mut self, ticket: Ticket) -> SyncGroupResponse {
        match self.answer(ticket) {
            Some(Reply::Sync(response)) => response,
            other => panic!("no answer to SyncGroup: {other:?}"),
        }
    }

    /// A stable group "g" of `count` dynamic members; the leader comes first.
    fn stable_group(&mut self, count: usize) -> Vec<String> {
        let requests = vec![join_as(""); count];
        self.stable_group_of(&requests)
    }

    /// A stable group of those who send `requests`; the leader is the first of them.
    fn stable_group_of(&mut self, requests: &[JoinGroupRequest]) -> Vec<String> {
        let tickets: Vec<Ticket> = requests.iter().map(|request| self.join(request, 3)).collect();
        while tickets.iter().any(|ticket| self.is_waiting(*ticket)) {
            self.advance(DELAY_MS);
        }
        let joined: Vec<_> = tickets.iter().map(|ticket| self.joined(*ticket)).collect();
        let ids: Vec<String> = joined.iter().map(|response| response.member_id.clone()).collect();
        assert_eq!(joined[0].leader, ids[0]);
        self.sync_all(&ids, joined[0].generation_id);
        ids
    }

    /// Syncs everyone; the first is the leader, and gives each member its own id as assignment.
    fn sync_all(&mut self, ids: &[String], generation: i32) {
        let request = assign(&ids[0], generation, ids);
        self.sync_now(&request);
        for id in &ids[1..] {
            let response = self.sync_now(&sync_as(id, generation));
            assert_eq!(response.assignment, id.as_bytes());
        }
        assert_eq!(self.state(), "Stable");
    }
}

/// A JoinGroup to group "g" of a consumer of topic "t".
fn join_as(member_id: &str) -> JoinGroupRequest {
    JoinGroupRequest {
        group_id: "g".into(),
        session_timeout_ms: SESSION_MS,
        rebalance_timeout_ms: REBALANCE_MS,
        member_id: member_id.into(),
        protocol_type: "consumer".into(),
        protocols: protocols(&["range"]),
        ..JoinGroupRequest::default()
    }
}

fn join_static(member_id: &str, instance_id: &str) -> JoinGroupRequest {
    JoinGroupRequest { group_instance_id: Some(instance_id.into()), ..join_as(member_id) }
}

/// Protocols of consumers that subscribe to topic "t".
fn protocols(names: &[&str]) -> Vec<JoinGroupRequestProtocol> {
    let subscription = Bytes::from_static(b"\0\x01\0\0\0\x01\0\x01t\xff\xff\xff\xff\0\0\0\0");
    let protocol = |name: &&str| JoinGroupRequestProtocol {
        name: (*name).into(),
        metadata: subscription.clone(),
    };
    names.iter().map(protocol).collect()
}

/// A SyncGroup of a follower.
fn sync_as(member_id: &str, generation_id: i32) -> SyncGroupRequest {
    SyncGroupRequest {
        group_id: "g".into(),
        generation_id,
        member_id: member_id.into(),
        ..SyncGroupRequest::default()
    }
}

/// A SyncGroup of the leader that gives each of `ids` its own id as assignment.
fn assign(leader: &str, generation_id: i32, ids: &[String]) -> SyncGroupRequest {
    let assignments = ids.iter().map(|id| SyncGroupRequestAssignment {
        member_id: id.clone(),
        assignment: Bytes::copy_from_slice(id.as_bytes()),
    });
    SyncGroupRequest { assignments: assignments.collect(), ..sync_as(leader, generation_id) }
}

/// An OffsetCommit of `offset` for partition 0 of topic "t".
fn commit_as(member_id: &str, generation: i32, offset: i64) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition {
        partition_index: 0,
        committed_offset: offset,
        committed_leader_epoch: 7,
        committed_metadata: Some("note".into()),
    };
    OffsetCommitRequest {
        group_id: "g".into(),
        generation_id_or_member_epoch: generation,
        member_id: member_id.into(),
        topics: vec![OffsetCommitRequestTopic {
            name: "t".into(),
            partitions: vec![partition],
            ..OffsetCommitRequestTopic::default()
        }],
        ..OffsetCommitRequest::default()
    }
}

/// An OffsetCommit of a consumer that assigns itself its partitions.
fn commit_standalone(offset: i64) -> OffsetCommitRequest {
    commit_as("", -1, offset)
}
