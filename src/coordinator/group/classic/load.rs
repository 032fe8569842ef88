//! A group as the log remembers it.

use std::sync::Arc;

use crate::wire::messages::group_log::{GroupMetadataValue, MemberMetadata};
use crate::wire::messages::join_group::JoinGroupRequestProtocol;

use super::super::turn::Turn;
use super::member::Member;
use super::{ClassicGroup, State};

impl ClassicGroup {
    /// The group that a record describes: stable if it has members, else empty.
    pub(in super::super) fn load(id: Arc<str>, value: GroupMetadataValue) -> Self {
        let mut group = Self::new(id);
        let protocol = value.protocol.clone().unwrap_or_default();
        for metadata in value.members {
            let member = load_member(&protocol, metadata);
            if let Some(instance_id) = &member.instance_id {
                group.static_members.insert(instance_id.clone(), member.id.clone());
            }
            group.members.insert(member.id.clone(), member);
        }
        group.state = if group.members.is_empty() { State::Empty } else { State::Stable };
        group.state_since_ms = Some(value.current_state_timestamp).filter(|at| *at >= 0);
        group.generation = value.generation;
        group.protocol_type = Some(value.protocol_type).filter(|name| !name.is_empty());
        group.protocol = value.protocol;
        let leader = value.leader.map(Arc::from).filter(|id| group.members.contains_key(id));
        group.leader = leader.or_else(|| group.members.keys().next().cloned());
        group.subscribed_topics = group.compute_subscribed_topics();
        group
    }

    /// After loading: sessions count from now, for nobody could send heartbeats before. A group
    /// that is too large for its settings rebalances, so that it shrinks.
    pub(in super::super) fn loaded(&mut self, turn: &mut Turn) {
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in &ids {
            self.restart_session(turn, id);
        }
        if ids.len() > turn.settings.max_size {
            self.prepare_rebalance(turn);
        }
    }
}

fn load_member(protocol: &str, metadata: MemberMetadata) -> Member {
    let rebalance_timeout_ms = match metadata.rebalance_timeout {
        // Version 0 of the record has none.
        -1 => metadata.session_timeout,
        timeout_ms => timeout_ms,
    };
    Member {
        id: metadata.member_id.into(),
        instance_id: metadata.group_instance_id,
        client_id: metadata.client_id,
        client_host: metadata.client_host,
        rebalance_timeout_ms,
        session_timeout_ms: metadata.session_timeout,
        protocols: vec![JoinGroupRequestProtocol {
            name: protocol.into(),
            metadata: metadata.subscription,
        }],
        assignment: metadata.assignment,
        is_new: false,
        must_sync: false,
        awaiting_join: None,
        awaiting_sync: None,
    }
}
