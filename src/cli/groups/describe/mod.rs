//! `--describe`: a group's offsets and lag, its members, or its state.
//!
//! The script prints one table per group; the other forms have all groups in one.

mod members;
mod offsets;
mod state;

use super::action::{Groups, View};
use super::{Session, for_each_group, no_such_group};
use crate::cli::error::Outcome;
use crate::cli::output::{Format, Rows};
use crate::client::admin::groups::{GroupDescription, GroupState, describe_group};

/// Describes groups one after the other. What has been learned is printed even if a later group
/// ends it all.
pub(super) async fn run(
    session: &Session<'_>,
    groups: &Groups,
    view: View,
    verbose: bool,
) -> anyhow::Result<Outcome> {
    let mut rows = Rows::new(match view {
        View::Offsets => offsets::COLUMNS,
        View::Members => members::COLUMNS,
        View::State => state::COLUMNS,
    });
    let mut script_text = String::new();
    let ids = session.group_ids(groups).await?;
    let outcome = for_each_group(&ids, async |id| {
        let group = describe_group(&session.cluster, id).await?.ok_or_else(|| no_such_group(id))?;
        say_what_is_unusual(&group);
        match view {
            View::Offsets => {
                let described = offsets::collect(&session.cluster, &group).await?;
                script_text += &offsets::script_text(&described, verbose);
                described.iter().for_each(|row| rows.push(row.values()));
            }
            View::Members => {
                script_text += &members::script_text(&group, verbose);
                group.members.iter().for_each(|m| rows.push(members::values(&group, m)));
            }
            View::State => {
                script_text += &state::script_text(&group, verbose);
                rows.push(state::values(&group));
            }
        }
        Ok(())
    })
    .await;
    // A table without rows says nothing beside an error; machines get their empty list.
    let is_table = session.output.format(session.context) == Some(Format::Table);
    if !(is_table && rows.is_empty() && !matches!(outcome, Ok(Outcome::Done))) {
        session.print(&rows, verbose, || script_text)?;
    }
    outcome
}

fn say_what_is_unusual(group: &GroupDescription) {
    let id = &group.group_id;
    if group.state == GroupState::Empty {
        eprintln!("\nConsumer group '{id}' has no active members.");
    } else if group.state.is_rebalancing() {
        eprintln!("\nWarning: Consumer group '{id}' is rebalancing.");
    }
}

/// A value for a person; `-` if there is none.
fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod fixtures {
    use crate::client::admin::groups::{
        GroupDescription, GroupState, GroupType, MemberDescription,
    };
    use crate::client::cluster::Broker;
    use crate::client::partition::TopicPartition;

    /// The classic group `g`.
    pub(super) fn group(members: Vec<MemberDescription>) -> GroupDescription {
        let host = "localhost".to_owned();
        GroupDescription {
            group_id: "g".to_owned(),
            group_type: GroupType::Classic,
            state: GroupState::Stable,
            coordinator: Broker { node_id: 1, host, port: 9092, rack: None },
            assignor: "range".to_owned(),
            group_epoch: None,
            assignment_epoch: None,
            members,
        }
    }

    /// A member that has these partitions of the topic `orders`.
    pub(super) fn member(client_id: &str, partitions: &[i32]) -> MemberDescription {
        let assignment = partitions.iter().map(|index| TopicPartition::new("orders", *index));
        MemberDescription {
            member_id: format!("{client_id}-id"),
            instance_id: None,
            client_id: client_id.to_owned(),
            host: "/127.0.0.1".to_owned(),
            epoch: None,
            assignment: assignment.collect(),
            target_assignment: None,
            upgraded: None,
        }
    }
}
