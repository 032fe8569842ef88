//! Where reading starts: offsets for the beginning and the end of partitions.

use std::collections::BTreeMap;

use super::{Fetcher, Position};
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::wire::api::ApiKey;
use crate::wire::error::ErrorCode;
use crate::wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopic,
};

/// ListOffsets' name for the end of a partition.
const LATEST: i64 = -1;
/// ListOffsets' name for the first offset of a partition.
const EARLIEST: i64 = -2;

/// Where to start in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartAt {
    /// At the first record that is there.
    Earliest,
    /// Behind the last record that is there; for [`ReadCommitted`] behind the last that is stable.
    ///
    /// [`ReadCommitted`]: super::IsolationLevel::ReadCommitted
    Latest,
    /// At an offset.
    Offset(i64),
}

/// Where the next Fetch of a partition starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// At what ListOffsets gives for this timestamp.
    Lookup(i64),
    /// At this offset.
    Offset(i64),
}

impl From<StartAt> for Next {
    fn from(start_at: StartAt) -> Self {
        match start_at {
            StartAt::Earliest => Self::Lookup(EARLIEST),
            StartAt::Latest => Self::Lookup(LATEST),
            StartAt::Offset(offset) => Self::Offset(offset),
        }
    }
}

impl Fetcher {
    /// Asks the leaders for the offsets that are not known yet.
    pub(super) async fn resolve_positions(&mut self) -> Result<(), ClientError> {
        for (leader, topics) in self.lookups() {
            let request = ListOffsetsRequest {
                replica_id: -1,
                isolation_level: self.options.isolation_level as i8,
                topics,
                timeout_ms: self.options.max_wait_ms,
            };
            let answer = list_offsets(&self.cluster, leader, &request).await;
            let response = answer.inspect_err(|_| self.forget_leader(leader))?;
            self.take_offsets(response)?;
        }
        Ok(())
    }

    /// What to ask of which leader.
    fn lookups(&self) -> BTreeMap<i32, Vec<ListOffsetsTopic>> {
        let mut by_leader: BTreeMap<i32, Vec<ListOffsetsTopic>> = BTreeMap::new();
        for (topic, partitions) in &self.topics {
            for (&partition_index, position) in partitions {
                let Position { leader: Some(leader), next: Next::Lookup(timestamp) } = *position
                else {
                    continue;
                };
                let topics = by_leader.entry(leader).or_default();
                if topics.last().is_none_or(|last| last.name != *topic) {
                    topics.push(ListOffsetsTopic { name: topic.clone(), ..Default::default() });
                }
                if let Some(last) = topics.last_mut() {
                    last.partitions.push(ListOffsetsPartition {
                        partition_index,
                        timestamp,
                        ..Default::default()
                    });
                }
            }
        }
        by_leader
    }

    fn take_offsets(&mut self, response: ListOffsetsResponse) -> Result<(), ClientError> {
        for topic in response.topics {
            for answer in topic.partitions {
                let partition = answer.partition_index;
                let all = self.topics.get_mut(&topic.name);
                let Some(position) = all.and_then(|all| all.get_mut(&partition)) else { continue };
                match answer.error_code {
                    ErrorCode::NONE => position.next = Next::Offset(answer.offset),
                    code if code.is_retriable() => {
                        position.leader = None;
                        self.refresh_soon();
                    }
                    code => {
                        let place = format!("offsets of {}-{partition}", topic.name);
                        return Err(super::refused(code, place));
                    }
                }
            }
        }
        Ok(())
    }
}

async fn list_offsets(
    cluster: &Cluster,
    leader: i32,
    request: &ListOffsetsRequest,
) -> Result<ListOffsetsResponse, ClientError> {
    let connection = cluster.broker(leader).await?;
    // Version 1 has no isolation level; the end that it gives is the high watermark.
    let version = connection.version(ApiKey::ListOffsets)?;
    let plain = ListOffsetsRequest { isolation_level: 0, ..request.clone() };
    connection.request_at(if version == 1 { &plain } else { request }, version).await
}
