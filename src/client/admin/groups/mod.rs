//! What an administrator asks about consumer groups: list, describe, delete, and their offsets.
//!
//! Questions about one group go to its coordinator, and again to its successor if it has moved.
//! Both kinds of groups answer alike: classic ones, and those of the consumer protocol (KIP-848).

mod describe;
mod offsets;
mod vocabulary;

pub use describe::{GroupDescription, MemberDescription, describe_group};
pub use offsets::{CommittedOffset, commit_offsets, committed_offsets, delete_offsets};
pub use vocabulary::{GroupState, GroupType};

use crate::client::cluster::{Cluster, CoordinatorType};
use crate::client::error::ClientError;
use crate::wire::api::ApiKey;
use crate::wire::messages::delete_groups::DeleteGroupsRequest;
use crate::wire::messages::list_groups::{ListGroupsRequest, ListedGroup};

/// Whether a protocol type is that of consumers; a group that has only offsets has none.
fn is_of_consumers(protocol_type: &str) -> bool {
    ["", "consumer"].contains(&protocol_type)
}

/// A group as its coordinator lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupListing {
    /// The group's id.
    pub group_id: String,
    /// Which protocol its members speak.
    pub group_type: GroupType,
    /// Its state; [`GroupState::Unknown`] before Kafka 2.6.
    pub state: GroupState,
}

/// Which groups are wanted; an empty list wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Only groups in one of these states.
    pub states: Vec<GroupState>,
    /// Only groups of one of these types.
    pub types: Vec<GroupType>,
}

/// Lists the consumer groups of all brokers, by id.
///
/// # Errors
/// [`ClientError::UnsupportedVersion`] if a state is wanted and a broker cannot tell (KIP-518).
pub async fn list_groups(
    cluster: &Cluster,
    filter: &GroupFilter,
) -> Result<Vec<GroupListing>, ClientError> {
    let mut groups = Vec::new();
    for broker in cluster.brokers().await? {
        groups.extend(list_groups_of(cluster, broker.node_id, filter).await?);
    }
    groups.sort();
    Ok(groups)
}

async fn list_groups_of(
    cluster: &Cluster,
    node_id: i32,
    filter: &GroupFilter,
) -> Result<Vec<GroupListing>, ClientError> {
    let retry = cluster.options().retry;
    retry
        .run(async || {
            let connection = cluster.broker(node_id).await?;
            let lowest = if filter.states.is_empty() { 0 } else { 4 };
            let version = connection.version_within(ApiKey::ListGroups, lowest..=5)?;
            // The types are sifted here: brokers before version 5 cannot, and know one type only.
            let states_filter = filter.states.iter().map(GroupState::to_string).collect();
            let request = ListGroupsRequest { states_filter, ..Default::default() };
            let response = connection.request_at(&request, version).await?;
            ClientError::check(response.error_code, None)?;
            let listings = response.groups.into_iter().filter_map(consumer_group);
            let wanted = |listing: &GroupListing| {
                filter.types.is_empty() || filter.types.contains(&listing.group_type)
            };
            Ok(listings.filter(wanted).collect())
        })
        .await
}

/// The listing of a consumer group; `None` for groups of another kind, such as Connect's workers.
fn consumer_group(group: ListedGroup) -> Option<GroupListing> {
    let group_type = GroupType::of(&group.group_type)?;
    let state = GroupState::of(&group.group_state);
    is_of_consumers(&group.protocol_type).then_some(GroupListing {
        group_id: group.group_id,
        group_type,
        state,
    })
}

/// Deletes a group with its offsets.
///
/// # Errors
/// `GROUP_ID_NOT_FOUND`; `NON_EMPTY_GROUP` while it has members.
pub async fn delete_group(cluster: &Cluster, group_id: &str) -> Result<(), ClientError> {
    let request = DeleteGroupsRequest { groups_names: vec![group_id.to_owned()] };
    cluster
        .at_coordinator(CoordinatorType::Group, group_id, async |connection| {
            let response = connection.request(&request).await?;
            response
                .results
                .iter()
                .try_for_each(|result| ClientError::check(result.error_code, None))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(protocol_type: &str, group_type: &str) -> ListedGroup {
        ListedGroup {
            group_id: "g".to_owned(),
            protocol_type: protocol_type.to_owned(),
            group_type: group_type.to_owned(),
            group_state: "Stable".to_owned(),
        }
    }

    #[test]
    fn only_consumer_groups_are_listed() {
        let types = |protocol, kind| consumer_group(listed(protocol, kind)).map(|g| g.group_type);
        assert_eq!(types("consumer", "Classic"), Some(GroupType::Classic));
        assert_eq!(types("consumer", "Consumer"), Some(GroupType::Consumer));
        assert_eq!(types("", "Classic"), Some(GroupType::Classic));
        assert_eq!(types("connect", "Classic"), None);
        assert_eq!(types("share", "Share"), None);
    }

    #[test]
    fn a_broker_that_knows_no_types_lists_classic_groups() {
        let listing = consumer_group(listed("consumer", "")).unwrap();
        assert_eq!(listing.group_type, GroupType::Classic);
    }
}
