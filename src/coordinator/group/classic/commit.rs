//! Who may commit offsets for a group.

use std::sync::Arc;

use crate::wire::error::ErrorCode;

use super::super::turn::Turn;
use super::{ClassicGroup, State};

/// Who commits offsets: a member of a generation, or somebody outside of any.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Committer<'a> {
    pub(in super::super) member_id: &'a str,
    pub(in super::super) instance_id: Option<&'a str>,
    /// Negative outside of any generation.
    pub(in super::super) generation: i32,
    pub(in super::super) is_transactional: bool,
}

impl ClassicGroup {
    /// Whether `committer` may commit offsets now; if so its session is kept.
    ///
    /// Outside of any generation (an admin client, a consumer that assigns itself) that is allowed
    /// while the group is empty. Transactional commits of old producers name no member at all, and
    /// are not held up by a rebalance.
    pub(in super::super) fn accept_commit(
        &self,
        turn: &mut Turn,
        committer: Committer,
    ) -> Result<(), ErrorCode> {
        let Committer { member_id, instance_id, generation, is_transactional } = committer;
        let names_nobody = generation < 0 && member_id.is_empty() && instance_id.is_none();
        match self.state {
            State::Dead => return Err(ErrorCode::COORDINATOR_NOT_AVAILABLE),
            State::Empty if generation < 0 => return Ok(()),
            _ if names_nobody && is_transactional => return Ok(()),
            _ if names_nobody => return Err(ErrorCode::UNKNOWN_MEMBER_ID),
            _ => self.validate_member(member_id, instance_id)?,
        }
        if generation != self.generation {
            return Err(ErrorCode::ILLEGAL_GENERATION);
        }
        if is_transactional {
            return Ok(());
        }
        if self.state == State::CompletingRebalance {
            return Err(ErrorCode::REBALANCE_IN_PROGRESS);
        }
        self.restart_session(turn, &Arc::from(member_id));
        Ok(())
    }
}
