//! A member of a classic group, step by step: what a consumer does, at the speed of a test.

use std::time::{Duration, Instant};

use bytes::Bytes;
use kf::wire::error::ErrorCode;
use kf::wire::messages::heartbeat::HeartbeatRequest;
use kf::wire::messages::join_group::{
    JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse,
};
use kf::wire::messages::leave_group::{LeaveGroupRequest, MemberIdentity};
use kf::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kf::wire::messages::sync_group::{
    SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse,
};

use super::{Client, PATIENCE};

/// The version of JoinGroup that members speak: the first with static members.
pub(crate) const JOIN_VERSION: i16 = 5;
/// The version of SyncGroup that members speak.
pub(crate) const SYNC_VERSION: i16 = 3;

/// One member, on a connection of its own.
pub(crate) struct Member {
    pub(crate) client: Client,
    pub(crate) group: String,
    /// Empty until the coordinator has given one.
    pub(crate) id: String,
    /// Of a static member.
    pub(crate) instance_id: Option<String>,
    pub(crate) generation: i32,
    /// How long it may be silent.
    pub(crate) session_timeout_ms: i32,
    /// Names of the protocols that it supports, the best first.
    pub(crate) protocols: Vec<&'static str>,
    /// What it tells the leader; a consumer names its topics here.
    pub(crate) metadata: Bytes,
}

impl Member {
    /// A member of `group` that has not joined yet.
    pub(crate) fn new(client: Client, group: &str) -> Self {
        Self {
            client,
            group: group.to_owned(),
            id: String::new(),
            instance_id: None,
            generation: -1,
            session_timeout_ms: 30_000,
            protocols: vec!["range"],
            metadata: Bytes::from_static(b"what the member wants"),
        }
    }

    /// What it joins with.
    pub(crate) fn join_request(&self) -> JoinGroupRequest {
        let protocol = |name: &&str| JoinGroupRequestProtocol {
            name: (*name).to_owned(),
            metadata: self.metadata.clone(),
        };
        JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: self.session_timeout_ms,
            rebalance_timeout_ms: 60_000,
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            protocol_type: "consumer".to_owned(),
            protocols: self.protocols.iter().map(protocol).collect(),
            ..JoinGroupRequest::default()
        }
    }

    /// Gets an id. From then on the group waits for this member too.
    #[track_caller]
    pub(crate) fn introduce_itself(&mut self) {
        let response = self.client.send(self.join_request(), JOIN_VERSION);
        assert_eq!(response.error_code, ErrorCode::MEMBER_ID_REQUIRED);
        self.id = response.member_id;
    }

    /// Asks to join, with an id that it gets first where it needs one. The answer comes when all
    /// members have asked.
    #[track_caller]
    pub(crate) fn ask_to_join(&mut self) {
        if self.id.is_empty() && self.instance_id.is_none() {
            self.introduce_itself();
        }
        self.client.write(&self.join_request(), JOIN_VERSION);
    }

    /// Waits for the answer.
    #[track_caller]
    pub(crate) fn joined(&mut self) -> JoinGroupResponse {
        let (_, response) = self.client.read::<JoinGroupRequest>(JOIN_VERSION);
        if !response.error_code.is_error() {
            self.id = response.member_id.clone();
            self.generation = response.generation_id;
        }
        response
    }

    /// Joins, and waits until it has.
    #[track_caller]
    pub(crate) fn join(&mut self) -> JoinGroupResponse {
        self.ask_to_join();
        self.joined()
    }

    /// Asks for its assignment; the leader brings everyone's, by member id.
    #[track_caller]
    pub(crate) fn ask_to_sync(&mut self, assignments: &[(&str, &str)]) {
        let assignment = |(id, assignment): &(&str, &str)| SyncGroupRequestAssignment {
            member_id: (*id).to_owned(),
            assignment: Bytes::copy_from_slice(assignment.as_bytes()),
        };
        let request = SyncGroupRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            assignments: assignments.iter().map(assignment).collect(),
            ..SyncGroupRequest::default()
        };
        self.client.write(&request, SYNC_VERSION);
    }

    /// Waits for its assignment.
    #[track_caller]
    pub(crate) fn synced(&mut self) -> SyncGroupResponse {
        self.client.read::<SyncGroupRequest>(SYNC_VERSION).1
    }

    /// Joins an empty group and assigns itself `assignment`.
    #[track_caller]
    pub(crate) fn join_alone(&mut self, assignment: &str) {
        assert_eq!(self.join().error_code, ErrorCode::NONE);
        let own_id = self.id.clone();
        self.ask_to_sync(&[(&own_id, assignment)]);
        assert_eq!(self.synced().assignment, assignment.as_bytes());
    }

    #[track_caller]
    pub(crate) fn heartbeat(&mut self) -> ErrorCode {
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
        };
        self.client.send(request, 3).error_code
    }

    /// Sends heartbeats until it is told of a rebalance.
    #[track_caller]
    pub(crate) fn wait_for_rebalance(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.heartbeat() != ErrorCode::REBALANCE_IN_PROGRESS {
            assert!(Instant::now() < deadline, "no rebalance");
            // Rebalances announce themselves in answers to heartbeats alone.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[track_caller]
    pub(crate) fn leave(&mut self) -> ErrorCode {
        let member = MemberIdentity {
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            reason: None,
        };
        let request = LeaveGroupRequest {
            group_id: self.group.clone(),
            members: vec![member],
            ..LeaveGroupRequest::default()
        };
        let response = self.client.send(request, 3);
        match response.error_code {
            ErrorCode::NONE => response.members[0].error_code,
            error => error,
        }
    }

    /// Commits that it has read up to `offset`.
    #[track_caller]
    pub(crate) fn commit(&mut self, topic: &str, offset: i64) -> ErrorCode {
        let request = OffsetCommitRequest {
            group_id: self.group.clone(),
            generation_id_or_member_epoch: self.generation,
            member_id: self.id.clone(),
            group_instance_id: self.instance_id.clone(),
            topics: vec![OffsetCommitRequestTopic {
                name: topic.to_owned(),
                partitions: vec![OffsetCommitRequestPartition {
                    partition_index: 0,
                    committed_offset: offset,
                    committed_leader_epoch: 0,
                    committed_metadata: Some("where I am".to_owned()),
                }],
                ..OffsetCommitRequestTopic::default()
            }],
            ..OffsetCommitRequest::default()
        };
        self.client.send(request, 7).topics[0].partitions[0].error_code
    }
}
