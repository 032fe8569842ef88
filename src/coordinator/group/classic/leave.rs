//! LeaveGroup: members leave, or are taken out by an administrator.

use crate::wire::error::ErrorCode;
use crate::wire::messages::leave_group::{
    LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse,
};

use super::super::turn::Turn;
use super::{ClassicGroup, State};

/// First version that names several members, and answers for each.
const BATCHES_SINCE: i16 = 3;

/// Takes the members that `request` names out of `group`. Before version 3 there is one, and its
/// outcome is that of the whole.
pub(in super::super) fn leave(
    group: Option<&mut ClassicGroup>,
    turn: &mut Turn,
    request: &LeaveGroupRequest,
    version: i16,
) -> LeaveGroupResponse {
    let failed = |error_code| LeaveGroupResponse { error_code, ..LeaveGroupResponse::default() };
    if request.group_id.is_empty() {
        return failed(ErrorCode::INVALID_GROUP_ID);
    }
    if group.as_ref().is_some_and(|group| group.is_dead()) {
        return failed(ErrorCode::COORDINATOR_NOT_AVAILABLE);
    }
    let only = [MemberIdentity { member_id: request.member_id.clone(), ..Default::default() }];
    let leaving = if version < BATCHES_SINCE { &only } else { request.members.as_slice() };
    let outcomes = match group {
        Some(group) => group.leave(turn, leaving),
        None => vec![ErrorCode::UNKNOWN_MEMBER_ID; leaving.len()],
    };
    if version < BATCHES_SINCE {
        return failed(outcomes.first().copied().unwrap_or_default());
    }
    let members = leaving.iter().zip(outcomes).map(|(member, error_code)| MemberResponse {
        member_id: member.member_id.clone(),
        group_instance_id: member.group_instance_id.clone(),
        error_code,
    });
    LeaveGroupResponse { members: members.collect(), ..LeaveGroupResponse::default() }
}

impl ClassicGroup {
    /// Takes members out, and lets the others rebalance once for all of them.
    fn leave(&mut self, turn: &mut Turn, leaving: &[MemberIdentity]) -> Vec<ErrorCode> {
        let size = self.members.len();
        let outcomes = leaving
            .iter()
            .map(|member| match self.leave_one(turn, member) {
                Ok(()) => ErrorCode::NONE,
                Err(error) => error,
            })
            .collect();
        let somebody_left = self.members.len() < size;
        match self.state {
            State::CompletingRebalance | State::Stable if somebody_left => {
                self.prepare_rebalance(turn);
            }
            _ => self.complete_join_if_all_joined(turn),
        }
        outcomes
    }

    fn leave_one(&mut self, turn: &mut Turn, member: &MemberIdentity) -> Result<(), ErrorCode> {
        let instance_id = member.group_instance_id.as_deref();
        let member_id = if member.member_id.is_empty() {
            // An administrator knows the instance, not the id of the day.
            let current = instance_id.and_then(|instance_id| self.static_members.get(instance_id));
            current.ok_or(ErrorCode::UNKNOWN_MEMBER_ID)?.to_string()
        } else {
            if !self.pending.contains(member.member_id.as_str()) {
                self.validate_member(&member.member_id, instance_id)?;
            }
            member.member_id.clone()
        };
        self.remove(turn, &member_id);
        Ok(())
    }
}
