//! A group as DescribeGroups and ListGroups show it.

use crate::wire::messages::describe_groups::{DescribedGroup, DescribedGroupMember};
use crate::wire::messages::list_groups::ListedGroup;

use super::{ClassicGroup, State};

/// The type of all groups here; the other types are of other protocols (KIP-848, KIP-932).
pub(in super::super) const GROUP_TYPE: &str = "classic";

impl ClassicGroup {
    /// The group with its members. What they subscribe to and what they were given is shown once
    /// the group is stable.
    pub(in super::super) fn describe(&self) -> DescribedGroup {
        let is_stable = self.state == State::Stable;
        let protocol = self.protocol.as_deref().filter(|_| is_stable);
        let members = self.members.values().map(|member| {
            let described = member.describe();
            if !is_stable {
                return described;
            }
            DescribedGroupMember {
                member_metadata: member.metadata(protocol),
                member_assignment: member.assignment.clone(),
                ..described
            }
        });
        DescribedGroup {
            group_id: self.id.to_string(),
            group_state: self.state.name().into(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol_data: protocol.unwrap_or_default().into(),
            members: members.collect(),
            ..DescribedGroup::default()
        }
    }

    /// The group without its members.
    pub(in super::super) fn list(&self) -> ListedGroup {
        ListedGroup {
            group_id: self.id.to_string(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            group_state: self.state.name().into(),
            group_type: GROUP_TYPE.into(),
        }
    }
}
