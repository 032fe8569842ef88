//! What a call to the machine asks its driver to do.

use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_groups::DeletableGroupResult;
use crate::wire::messages::join_group::JoinGroupResponse;
use crate::wire::messages::leave_group::LeaveGroupResponse;
use crate::wire::messages::offset_commit::OffsetCommitResponse;
use crate::wire::messages::offset_delete::OffsetDeleteResponse;
use crate::wire::messages::sync_group::SyncGroupResponse;
use crate::wire::messages::txn_offset_commit::TxnOffsetCommitResponse;

use super::record::GroupRecord;

/// Names a request that is answered later. The driver chooses it; each is answered exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// Names an append until its outcome is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppendId(pub(super) u64);

/// What to do after a call: send the replies, append the records.
#[derive(Debug, Default, PartialEq)]
#[must_use = "replies and records are lost"]
pub struct Effects {
    /// To be appended, in this order.
    pub appends: Vec<Append>,
    /// To be sent now. Replies that wait for an append are not here: they come out of
    /// [`append_completed`](super::GroupCoordinator::append_completed).
    pub replies: Vec<(Ticket, Reply)>,
}

/// Records of one group, to be appended as one batch.
///
/// Records that cannot be [encoded](GroupRecord::to_bytes) make a failed append
/// (UNKNOWN_SERVER_ERROR).
#[derive(Clone, Debug, PartialEq)]
pub struct Append {
    /// For [`append_completed`](super::GroupCoordinator::append_completed).
    pub id: AppendId,
    /// The group, by which [`partition_for`](super::partition_for) finds the partition.
    pub group_id: Arc<str>,
    /// The records, in order.
    pub records: Arc<[GroupRecord]>,
    /// The transaction that the batch belongs to.
    pub transaction: Option<Transaction>,
}

/// What the header of a transactional batch says of its producer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// To JoinGroup.
    Join(JoinGroupResponse),
    /// To SyncGroup.
    Sync(SyncGroupResponse),
    /// To LeaveGroup.
    Leave(LeaveGroupResponse),
    /// To OffsetCommit.
    OffsetCommit(OffsetCommitResponse),
    /// To TxnOffsetCommit.
    TxnOffsetCommit(TxnOffsetCommitResponse),
    /// To OffsetDelete.
    OffsetDelete(OffsetDeleteResponse),
    /// To DeleteGroups, for one of its groups.
    DeleteGroup(DeletableGroupResult),
}

impl Reply {
    /// The answer if the records that this one was waiting for could not be written.
    pub(super) fn failed(mut self, error: ErrorCode) -> Self {
        match &mut self {
            Self::Join(response) => response.error_code = error,
            Self::Sync(response) => response.error_code = error,
            Self::Leave(response) => response.error_code = error,
            Self::OffsetCommit(response) => {
                for partition in response.topics.iter_mut().flat_map(|t| &mut t.partitions) {
                    fail(&mut partition.error_code, error);
                }
            }
            Self::TxnOffsetCommit(response) => {
                for partition in response.topics.iter_mut().flat_map(|t| &mut t.partitions) {
                    fail(&mut partition.error_code, error);
                }
            }
            Self::OffsetDelete(response) => {
                response.error_code = error;
                response.topics.clear();
            }
            Self::DeleteGroup(result) => result.error_code = error,
        }
        self
    }
}

/// Replaces success by `error`; a refusal stays what it was.
fn fail(code: &mut ErrorCode, error: ErrorCode) {
    if !code.is_error() {
        *code = error;
    }
}

/// What peers are told when an append failed with `error`: clients of a coordinator know no
/// errors of a log, so Kafka translates them to "ask again" and "ask who the coordinator is".
pub(super) fn for_peers(error: ErrorCode) -> ErrorCode {
    match error {
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::NOT_ENOUGH_REPLICAS
        | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
        | ErrorCode::REQUEST_TIMED_OUT => ErrorCode::COORDINATOR_NOT_AVAILABLE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::KAFKA_STORAGE_ERROR => {
            ErrorCode::NOT_COORDINATOR
        }
        ErrorCode::MESSAGE_TOO_LARGE
        | ErrorCode::RECORD_LIST_TOO_LARGE
        | ErrorCode::INVALID_FETCH_SIZE => ErrorCode::UNKNOWN_SERVER_ERROR,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_log_are_told_as_errors_of_a_coordinator() {
        let told = |error| for_peers(error);
        assert_eq!(told(ErrorCode::KAFKA_STORAGE_ERROR), ErrorCode::NOT_COORDINATOR);
        assert_eq!(told(ErrorCode::NOT_ENOUGH_REPLICAS), ErrorCode::COORDINATOR_NOT_AVAILABLE);
        assert_eq!(told(ErrorCode::MESSAGE_TOO_LARGE), ErrorCode::UNKNOWN_SERVER_ERROR);
        assert_eq!(told(ErrorCode::INVALID_RECORD), ErrorCode::INVALID_RECORD);
    }
}
