//! A member of a classic group.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use crate::wire::messages::describe_groups::DescribedGroupMember;
use crate::wire::messages::group_log::MemberMetadata;
use crate::wire::messages::join_group::{JoinGroupRequestProtocol, JoinGroupResponseMember};

use super::super::effects::Ticket;

/// A JoinGroup that is answered later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct JoinTicket {
    pub(super) ticket: Ticket,
    /// The version that the answer must have.
    pub(super) version: i16,
}

/// A member, and what it is waiting for.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) id: Arc<str>,
    /// Set for static members (KIP-345).
    pub(super) instance_id: Option<String>,
    pub(super) client_id: String,
    pub(super) client_host: String,
    pub(super) rebalance_timeout_ms: i32,
    pub(super) session_timeout_ms: i32,
    /// What it supports, most preferred first.
    pub(super) protocols: Vec<JoinGroupRequestProtocol>,
    pub(super) assignment: Bytes,
    /// Whether it waits in its first join phase, when it knows no id to send heartbeats with.
    pub(super) is_new: bool,
    /// Whether it has been told of a generation and has not synced yet.
    pub(super) must_sync: bool,
    pub(super) awaiting_join: Option<JoinTicket>,
    pub(super) awaiting_sync: Option<Ticket>,
}

impl Member {
    pub(super) fn is_static(&self) -> bool {
        self.instance_id.is_some()
    }

    /// Whether its session is kept without heartbeats: it is waiting for us.
    pub(super) fn is_excused_from_heartbeats(&self) -> bool {
        !self.is_new && (self.awaiting_join.is_some() || self.awaiting_sync.is_some())
    }

    pub(super) fn supports(&self, protocol: &str) -> bool {
        self.protocols.iter().any(|supported| supported.name == protocol)
    }

    /// Which of `candidates` it likes best.
    pub(super) fn vote<'a>(&'a self, candidates: &BTreeSet<&str>) -> Option<&'a str> {
        let mut names = self.protocols.iter().map(|protocol| protocol.name.as_str());
        names.find(|name| candidates.contains(name))
    }

    /// Its metadata for `protocol`; empty if it does not support that.
    pub(super) fn metadata(&self, protocol: Option<&str>) -> Bytes {
        self.protocols
            .iter()
            .find(|supported| Some(supported.name.as_str()) == protocol)
            .map(|supported| supported.metadata.clone())
            .unwrap_or_default()
    }

    /// The member as the leader sees it.
    pub(super) fn for_leader(&self, protocol: Option<&str>) -> JoinGroupResponseMember {
        JoinGroupResponseMember {
            member_id: self.id.to_string(),
            group_instance_id: self.instance_id.clone(),
            metadata: self.metadata(protocol),
        }
    }

    /// The member as the log keeps it.
    pub(super) fn for_log(&self, protocol: Option<&str>, assignment: Bytes) -> MemberMetadata {
        MemberMetadata {
            member_id: self.id.to_string(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            rebalance_timeout: self.rebalance_timeout_ms,
            session_timeout: self.session_timeout_ms,
            subscription: self.metadata(protocol),
            assignment,
        }
    }

    /// The member as DescribeGroups shows it, without what only a stable group has.
    pub(super) fn describe(&self) -> DescribedGroupMember {
        DescribedGroupMember {
            member_id: self.id.to_string(),
            group_instance_id: self.instance_id.clone(),
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            ..DescribedGroupMember::default()
        }
    }
}
