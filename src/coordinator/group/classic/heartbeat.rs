//! Heartbeats: a member says that it lives, and learns whether it must join again.

use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::heartbeat::HeartbeatRequest;

use super::super::turn::Turn;
use super::{ClassicGroup, State};

impl ClassicGroup {
    /// Keeps the member's session. In a rebalance it is told to join again.
    pub(in super::super) fn heartbeat(
        &mut self,
        turn: &mut Turn,
        request: &HeartbeatRequest,
    ) -> ErrorCode {
        if self.state == State::Dead {
            return ErrorCode::COORDINATOR_NOT_AVAILABLE;
        }
        let instance_id = request.group_instance_id.as_deref();
        if let Err(error) = self.validate_member(&request.member_id, instance_id) {
            return error;
        }
        if request.generation_id != self.generation {
            return ErrorCode::ILLEGAL_GENERATION;
        }
        self.restart_session(turn, &Arc::from(request.member_id.as_str()));
        if self.state.is_preparing() { ErrorCode::REBALANCE_IN_PROGRESS } else { ErrorCode::NONE }
    }
}
