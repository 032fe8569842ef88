//! OffsetCommit and TxnOffsetCommit: who may commit, what is stored, what is refused.

use crate::wire::error::ErrorCode;
use crate::wire::messages::group_log::{OffsetCommitKey, OffsetCommitValue};
use crate::wire::messages::offset_commit::{
    OffsetCommitRequest, OffsetCommitResponse, OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
};
use crate::wire::messages::txn_offset_commit::{
    TxnOffsetCommitRequest, TxnOffsetCommitResponse, TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
};

use super::classic::Committer;
use super::effects::{Effects, Reply, Ticket, Transaction};
use super::record::{GroupRecord, NO_TIMESTAMP};
use super::turn::{Then, Turn};
use super::{GroupCoordinator, GroupSettings, Now};

/// First version of OffsetCommit in which clients know GROUP_ID_NOT_FOUND.
const GROUP_ID_NOT_FOUND_SINCE: i16 = 9;

/// What one request stores, as far as it concerns every partition alike.
struct Commit<'a> {
    group_id: &'a str,
    settings: &'a GroupSettings,
    commit_timestamp_ms: i64,
    expire_timestamp_ms: i64,
    /// Why nothing at all may be committed.
    refusal: Option<ErrorCode>,
    records: Vec<GroupRecord>,
}

impl Commit<'_> {
    /// Stores an offset, and says what became of it.
    fn store(&mut self, topic: &str, partition: i32, offset: Offset) -> ErrorCode {
        if let Some(error) = self.refusal {
            return error;
        }
        let metadata = offset.metadata.as_deref().unwrap_or_default();
        if metadata.encode_utf16().count() > self.settings.offset_metadata_max_size {
            return ErrorCode::OFFSET_METADATA_TOO_LARGE;
        }
        let key = OffsetCommitKey { group: self.group_id.into(), topic: topic.into(), partition };
        let value = OffsetCommitValue {
            offset: offset.offset,
            leader_epoch: offset.leader_epoch,
            metadata: metadata.into(),
            commit_timestamp: self.commit_timestamp_ms,
            expire_timestamp: self.expire_timestamp_ms,
            ..OffsetCommitValue::default()
        };
        self.records.push(GroupRecord::Offset { key, value: Some(value) });
        ErrorCode::NONE
    }
}

/// An offset as a request names it.
struct Offset<'a> {
    offset: i64,
    leader_epoch: i32,
    metadata: &'a Option<String>,
}

impl GroupCoordinator {
    /// OffsetCommit, versions 2 to 9. Answered by [`Reply::OffsetCommit`] when the offsets are
    /// durable. Topics that do not exist are the caller's business: they must not be in `request`.
    pub fn commit_offsets(
        &mut self,
        ticket: Ticket,
        request: &OffsetCommitRequest,
        version: i16,
        now: Now,
    ) -> Effects {
        let committer = Committer {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id_or_member_epoch,
            is_transactional: false,
        };
        let unknown_group = match version {
            GROUP_ID_NOT_FOUND_SINCE.. => ErrorCode::GROUP_ID_NOT_FOUND,
            _ => ErrorCode::ILLEGAL_GENERATION,
        };
        let refusal = self.accept_commit(&request.group_id, committer, unknown_group, now).err();
        let expire_timestamp_ms = match request.retention_time_ms {
            NO_TIMESTAMP => NO_TIMESTAMP,
            retention_ms => now.wall_ms.saturating_add(retention_ms),
        };
        let (_, mut turn) = self.turn(now);
        let mut commit = new_commit(&turn, &request.group_id, expire_timestamp_ms, refusal);
        let mut response = OffsetCommitResponse::default();
        for topic in &request.topics {
            let partitions = topic.partitions.iter().map(|partition| {
                let offset = Offset {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: &partition.committed_metadata,
                };
                let partition_index = partition.partition_index;
                let error_code = commit.store(&topic.name, partition_index, offset);
                OffsetCommitResponsePartition { partition_index, error_code }
            });
            response.topics.push(OffsetCommitResponseTopic {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partitions: partitions.collect(),
            });
        }
        let records = commit.records;
        turn.append(&request.group_id.as_str().into(), records, None, Then::Nothing);
        turn.reply_after_appends(ticket, Reply::OffsetCommit(response));
        turn.finish()
    }

    /// TxnOffsetCommit: offsets that count once the transaction commits (KIP-98, KIP-447). Answered
    /// by [`Reply::TxnOffsetCommit`] when they are durable. Whether the producer may write in this
    /// transaction is for the log to decide that takes the batch.
    pub fn commit_transactional_offsets(
        &mut self,
        ticket: Ticket,
        request: &TxnOffsetCommitRequest,
        now: Now,
    ) -> Effects {
        let committer = Committer {
            member_id: &request.member_id,
            instance_id: request.group_instance_id.as_deref(),
            generation: request.generation_id,
            is_transactional: true,
        };
        let unknown_group = ErrorCode::ILLEGAL_GENERATION;
        let refusal = self.accept_commit(&request.group_id, committer, unknown_group, now).err();
        let (_, mut turn) = self.turn(now);
        let mut commit = new_commit(&turn, &request.group_id, NO_TIMESTAMP, refusal);
        let mut response = TxnOffsetCommitResponse::default();
        for topic in &request.topics {
            let partitions = topic.partitions.iter().map(|partition| {
                let offset = Offset {
                    offset: partition.committed_offset,
                    leader_epoch: partition.committed_leader_epoch,
                    metadata: &partition.committed_metadata,
                };
                let partition_index = partition.partition_index;
                let error_code = commit.store(&topic.name, partition_index, offset);
                TxnOffsetCommitResponsePartition { partition_index, error_code }
            });
            let (name, partitions) = (topic.name.clone(), partitions.collect());
            response.topics.push(TxnOffsetCommitResponseTopic { name, partitions });
        }
        let transaction = Transaction {
            producer_id: request.producer_id,
            producer_epoch: request.producer_epoch,
        };
        let records = commit.records;
        turn.append(&request.group_id.as_str().into(), records, Some(transaction), Then::Nothing);
        turn.reply_after_appends(ticket, Reply::TxnOffsetCommit(response));
        turn.finish()
    }

    /// Whether `committer` may commit now. Who commits outside of any generation need not have a
    /// group: the first offset makes one.
    fn accept_commit(
        &mut self,
        group_id: &str,
        committer: Committer,
        unknown_group: ErrorCode,
        now: Now,
    ) -> Result<(), ErrorCode> {
        let (groups, mut turn) = self.turn(now);
        match groups.get(group_id) {
            Some(group) => group.members.accept_commit(&mut turn, committer),
            None if committer.generation < 0 => Ok(()),
            None => Err(unknown_group),
        }
    }
}

fn new_commit<'a>(
    turn: &Turn<'a>,
    group_id: &'a str,
    expire_timestamp_ms: i64,
    refusal: Option<ErrorCode>,
) -> Commit<'a> {
    Commit {
        group_id,
        settings: turn.settings,
        commit_timestamp_ms: turn.now.wall_ms,
        expire_timestamp_ms,
        refusal,
        records: Vec::new(),
    }
}
