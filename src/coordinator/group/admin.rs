//! DescribeGroups, ListGroups and DeleteGroups.

use std::sync::Arc;

use crate::wire::error::ErrorCode;
use crate::wire::messages::delete_groups::DeletableGroupResult;
use crate::wire::messages::describe_groups::DescribedGroup;
use crate::wire::messages::list_groups::{ListGroupsRequest, ListGroupsResponse, ListedGroup};

use super::classic::GROUP_TYPE;
use super::effects::{Effects, Reply, Ticket};
use super::offset_delete::offsets_of;
use super::record::GroupRecord;
use super::turn::Then;
use super::{GroupCoordinator, Now};

/// First version of DescribeGroups that says of an unknown group that it is unknown (KIP-1043).
const GROUP_ID_NOT_FOUND_SINCE: i16 = 6;

impl GroupCoordinator {
    /// DescribeGroups, for one group. An unknown one is "Dead", without an error before version 6.
    /// What the asker may do with it is filled in by the caller.
    pub fn describe(&self, group_id: &str, version: i16) -> DescribedGroup {
        if let Some(group) = self.groups.get(group_id) {
            return group.members.describe();
        }
        let unknown = DescribedGroup {
            group_id: group_id.into(),
            group_state: "Dead".into(),
            ..DescribedGroup::default()
        };
        if version < GROUP_ID_NOT_FOUND_SINCE {
            return unknown;
        }
        DescribedGroup {
            error_code: ErrorCode::GROUP_ID_NOT_FOUND,
            error_message: Some(format!("Group {group_id} not found.")),
            ..unknown
        }
    }

    /// ListGroups: all groups, or those in the states and of the types asked for. Case does not
    /// matter; a state or type that does not exist matches nothing.
    pub fn list(&self, request: &ListGroupsRequest) -> ListGroupsResponse {
        let matches = |filter: &[String], value: &str| {
            filter.is_empty() || filter.iter().any(|name| name.trim().eq_ignore_ascii_case(value))
        };
        let groups = self.groups.values().map(|group| group.members.list());
        let listed: Vec<ListedGroup> = groups
            .filter(|group| matches(&request.states_filter, &group.group_state))
            .filter(|_| matches(&request.types_filter, GROUP_TYPE))
            .collect();
        ListGroupsResponse { groups: listed, ..ListGroupsResponse::default() }
    }

    /// DeleteGroups, for one of its groups: deletes an empty group with its offsets. Answered by
    /// [`Reply::DeleteGroup`] when that is durable; until then nobody can join or commit.
    pub fn delete_group(&mut self, ticket: Ticket, group_id: &str, now: Now) -> Effects {
        let (groups, mut turn) = self.turn(now);
        let id: Arc<str> = group_id.into();
        let error_code = match groups.get_mut(&id) {
            Some(group) if group.members.is_empty() => {
                let offsets = offsets_of(group, &id, turn.appends);
                let mut records: Vec<GroupRecord> = offsets
                    .iter()
                    .map(|(topic, partition)| GroupRecord::offset_tombstone(&id, topic, *partition))
                    .collect();
                records.push(GroupRecord::group_tombstone(&id));
                group.members.begin_deletion();
                turn.append(&id, records, None, Then::Delete);
                ErrorCode::NONE
            }
            Some(group) if !group.members.is_dead() => ErrorCode::NON_EMPTY_GROUP,
            _ => ErrorCode::GROUP_ID_NOT_FOUND,
        };
        let result = DeletableGroupResult { group_id: group_id.into(), error_code };
        turn.reply_after_appends(ticket, Reply::DeleteGroup(result));
        turn.finish()
    }
}
