//! State and members of one group, whichever protocol it speaks.

use bytes::Bytes;

use super::{GroupState, GroupType, is_of_consumers};
use crate::client::cluster::{Broker, Cluster, CoordinatorType};
use crate::client::connection::Connection;
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;
use crate::wire::api::ApiKey;
use crate::wire::codec::Reader;
use crate::wire::error::ErrorCode;
use crate::wire::messages::consumer_group_describe::{self, ConsumerGroupDescribeRequest};
use crate::wire::messages::consumer_protocol::ConsumerProtocolAssignment;
use crate::wire::messages::describe_groups::{self, DescribeGroupsRequest};
use crate::wire::messages::list_groups::ListGroupsRequest;
use crate::wire::schema::Message;

/// A group and its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    /// The group's id.
    pub group_id: String,
    /// Which protocol its members speak.
    pub group_type: GroupType,
    /// What it is doing.
    pub state: GroupState,
    /// The broker that coordinates it.
    pub coordinator: Broker,
    /// How partitions are assigned, such as `range`; empty while nobody has chosen.
    pub assignor: String,
    /// Epoch of the group; classic groups have none.
    pub group_epoch: Option<i32>,
    /// Epoch of the target assignment; classic groups have none.
    pub assignment_epoch: Option<i32>,
    /// The members, in the coordinator's order.
    pub members: Vec<MemberDescription>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberDescription {
    /// What the coordinator calls it.
    pub member_id: String,
    /// What it calls itself, if it is a static member (KIP-345).
    pub instance_id: Option<String>,
    /// `client.id`.
    pub client_id: String,
    /// Where it connects from, such as `/10.0.0.1`.
    pub host: String,
    /// Its epoch; members of classic groups have none.
    pub epoch: Option<i32>,
    /// The partitions that it has, sorted.
    pub assignment: Vec<TopicPartition>,
    /// The partitions that it is to have, sorted; classic groups have no such thing.
    pub target_assignment: Option<Vec<TopicPartition>>,
    /// Whether it speaks the consumer protocol, where the broker says so.
    pub upgraded: Option<bool>,
}

/// Describes a group; `None` if there is no such group.
///
/// # Errors
/// `INCONSISTENT_GROUP_PROTOCOL` if the group is not made of consumers, but of Connect's workers,
/// say, or of share consumers.
pub async fn describe_group(
    cluster: &Cluster,
    group_id: &str,
) -> Result<Option<GroupDescription>, ClientError> {
    let retry = cluster.options().retry;
    retry
        .run(async || {
            let coordinator = cluster.find_coordinator(CoordinatorType::Group, group_id).await?;
            let connection = cluster.broker(coordinator.node_id).await?;
            match describe_consumer(&connection, &coordinator, group_id).await? {
                Some(description) => Ok(Some(description)),
                None => describe_classic(&connection, &coordinator, group_id).await,
            }
        })
        .await
}

/// Asks for a group of the consumer protocol; `None` if it is not one, or if the broker knows no
/// such groups.
async fn describe_consumer(
    connection: &Connection,
    coordinator: &Broker,
    group_id: &str,
) -> Result<Option<GroupDescription>, ClientError> {
    if connection.version(ApiKey::ConsumerGroupDescribe).is_err() {
        return Ok(None);
    }
    let group_ids = vec![group_id.to_owned()];
    let request = ConsumerGroupDescribeRequest { group_ids, ..Default::default() };
    let response = connection.request(&request).await?;
    let Some(group) = response.groups.into_iter().next() else { return Ok(None) };
    match group.error_code {
        ErrorCode::GROUP_ID_NOT_FOUND | ErrorCode::UNSUPPORTED_VERSION => return Ok(None),
        code => ClientError::check(code, group.error_message)?,
    }
    Ok(Some(GroupDescription {
        group_id: group.group_id,
        group_type: GroupType::Consumer,
        state: GroupState::of(&group.group_state),
        coordinator: coordinator.clone(),
        assignor: group.assignor_name,
        group_epoch: Some(group.group_epoch),
        assignment_epoch: Some(group.assignment_epoch),
        members: group.members.into_iter().map(consumer_member).collect(),
    }))
}

fn consumer_member(member: consumer_group_describe::Member) -> MemberDescription {
    MemberDescription {
        member_id: member.member_id,
        instance_id: member.instance_id,
        client_id: member.client_id,
        host: member.client_host,
        epoch: Some(member.member_epoch),
        assignment: partitions_of(&member.assignment),
        target_assignment: Some(partitions_of(&member.target_assignment)),
        upgraded: match member.member_type {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
    }
}

fn partitions_of(assignment: &consumer_group_describe::Assignment) -> Vec<TopicPartition> {
    sorted(assignment.topic_partitions.iter().flat_map(|topic| {
        topic.partitions.iter().map(|index| TopicPartition::new(&topic.topic_name, *index))
    }))
}

/// Asks for a classic group; `None` if there is no such group.
async fn describe_classic(
    connection: &Connection,
    coordinator: &Broker,
    group_id: &str,
) -> Result<Option<GroupDescription>, ClientError> {
    let request = DescribeGroupsRequest { groups: vec![group_id.to_owned()], ..Default::default() };
    let response = connection.request(&request).await?;
    let Some(group) = response.groups.into_iter().next() else { return Ok(None) };
    // Before version 6 a group that does not exist is a dead one (KIP-1043).
    let state = GroupState::of(&group.group_state);
    if group.error_code == ErrorCode::GROUP_ID_NOT_FOUND || state == GroupState::Dead {
        return check_other_kinds(connection, group_id).await.map(|()| None);
    }
    ClientError::check(group.error_code, group.error_message)?;
    if !is_of_consumers(&group.protocol_type) {
        return Err(other_kind(&group.protocol_type));
    }
    Ok(Some(GroupDescription {
        group_id: group.group_id,
        group_type: GroupType::Classic,
        state,
        coordinator: coordinator.clone(),
        assignor: group.protocol_data,
        group_epoch: None,
        assignment_epoch: None,
        members: group.members.into_iter().map(classic_member).collect(),
    }))
}

/// A group of another kind (share, streams) is not found by those who ask for a classic one, but
/// its coordinator lists it.
async fn check_other_kinds(connection: &Connection, group_id: &str) -> Result<(), ClientError> {
    let response = connection.request(&ListGroupsRequest::default()).await?;
    ClientError::check(response.error_code, None)?;
    match response.groups.iter().find(|listed| listed.group_id == group_id) {
        Some(listed) if !is_of_consumers(&listed.protocol_type) => {
            Err(other_kind(&listed.protocol_type))
        }
        _ => Ok(()),
    }
}

fn other_kind(protocol_type: &str) -> ClientError {
    ClientError::Refused {
        code: ErrorCode::INCONSISTENT_GROUP_PROTOCOL,
        message: Some(format!("it is not a consumer group, but one of type {protocol_type}")),
    }
}

fn classic_member(member: describe_groups::DescribedGroupMember) -> MemberDescription {
    MemberDescription {
        member_id: member.member_id,
        instance_id: member.group_instance_id,
        client_id: member.client_id,
        host: member.client_host,
        epoch: None,
        assignment: decode_assignment(member.member_assignment),
        target_assignment: None,
        upgraded: None,
    }
}

/// The partitions in what a group's leader wrote for a member. The coordinator passes these bytes
/// on without looking, so they may be anything; what cannot be read assigns nothing. A version from
/// the future is read as the newest known one, as consumers do.
fn decode_assignment(bytes: Bytes) -> Vec<TopicPartition> {
    let Some(version) = bytes.first_chunk().map(|version| i16::from_be_bytes(*version)) else {
        return Vec::new();
    };
    let version = version.min(*ConsumerProtocolAssignment::VERSIONS.end());
    let mut reader = Reader::new(bytes.slice(2..));
    match ConsumerProtocolAssignment::decode(&mut reader, version) {
        Ok(assignment) => sorted(assignment.assigned_partitions.iter().flat_map(|topic| {
            topic.partitions.iter().map(|index| TopicPartition::new(&topic.topic, *index))
        })),
        Err(_) => Vec::new(),
    }
}

fn sorted(partitions: impl Iterator<Item = TopicPartition>) -> Vec<TopicPartition> {
    let mut partitions: Vec<_> = partitions.collect();
    partitions.sort();
    partitions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::messages::consumer_protocol::ConsumerProtocolAssignmentTopicPartition;

    fn assignment_bytes(version: i16) -> Bytes {
        let topic = ConsumerProtocolAssignmentTopicPartition {
            topic: "orders".to_owned(),
            partitions: vec![2, 0],
        };
        let assignment =
            ConsumerProtocolAssignment { assigned_partitions: vec![topic], ..Default::default() };
        let mut bytes = version.to_be_bytes().to_vec();
        bytes.extend(assignment.to_bytes(0).unwrap());
        bytes.into()
    }

    #[test]
    fn an_assignment_is_read_at_every_version_and_beyond() {
        let expected = [TopicPartition::new("orders", 0), TopicPartition::new("orders", 2)];
        for version in [0, 1, 2, 3, 99] {
            assert_eq!(decode_assignment(assignment_bytes(version)), expected, "{version}");
        }
    }

    #[test]
    fn an_assignment_that_cannot_be_read_assigns_nothing() {
        let whole = assignment_bytes(0);
        for length in 0..whole.len() - 4 {
            assert_eq!(decode_assignment(whole.slice(..length)), [], "{length} bytes");
        }
        assert_eq!(decode_assignment(assignment_bytes(-1)), []);
    }
}
