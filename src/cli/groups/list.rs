//! `--list`: the ids of all groups, with their types and states if asked for.

use serde_json::Value;

use super::Session;
use super::action::List;
use super::script_table::{ScriptColumn, script_table};
use crate::cli::error::Outcome;
use crate::cli::output::{Column, Rows};
use crate::client::admin::groups::{GroupListing, list_groups};

const COLUMNS: &[Column] = &[Column::new("group"), Column::new("type"), Column::new("state")];

pub(super) async fn run(session: &Session<'_>, list: &List) -> anyhow::Result<Outcome> {
    let groups = list_groups(&session.cluster, &list.filter).await?;
    let mut rows = Rows::new(COLUMNS);
    for GroupListing { group_id, group_type, state } in &groups {
        let texts = [group_id.clone(), group_type.to_string(), state.to_string()];
        rows.push(texts.map(Value::from).to_vec());
    }
    session.print(&rows, true, || script_text(&groups, list))?;
    Ok(Outcome::Done)
}

/// One id per line, or a table if types or states are wanted.
fn script_text(groups: &[GroupListing], list: &List) -> String {
    if !list.with_type && !list.with_state {
        return groups.iter().map(|group| format!("{}\n", group.group_id)).collect();
    }
    let longest = groups.iter().map(|group| group.group_id.chars().count()).max();
    let mut columns = vec![ScriptColumn::fixed("GROUP", longest.unwrap_or(0).max(15) + 10)];
    columns.extend(list.with_type.then_some(ScriptColumn::fixed("TYPE", 20)));
    columns.extend(list.with_state.then_some(ScriptColumn::fixed("STATE", 20)));
    let cells = |group: &GroupListing| {
        let mut cells = vec![group.group_id.clone()];
        cells.extend(list.with_type.then(|| group.group_type.to_string()));
        cells.extend(list.with_state.then(|| group.state.to_string()));
        cells
    };
    script_table(&columns, &groups.iter().map(cells).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::admin::groups::{GroupState, GroupType};

    fn groups() -> Vec<GroupListing> {
        vec![GroupListing {
            group_id: "a-group-of-21-letters".to_owned(),
            group_type: GroupType::Classic,
            state: GroupState::Empty,
        }]
    }

    #[test]
    fn a_plain_list_is_one_id_per_line() {
        assert_eq!(script_text(&groups(), &List::default()), "a-group-of-21-letters\n");
        assert_eq!(script_text(&[], &List::default()), "");
    }

    #[test]
    fn types_and_states_stand_where_the_script_puts_them() {
        let list = List { with_type: true, with_state: true, ..List::default() };
        let expected = format!(
            "{:<31} {:<20} {:<20}\n{:<31} {:<20} {:<20}\n",
            "GROUP", "TYPE", "STATE", "a-group-of-21-letters", "Classic", "Empty"
        );
        assert_eq!(script_text(&groups(), &list), expected);
    }

    #[test]
    fn a_table_without_groups_has_titles() {
        let list = List { with_state: true, ..List::default() };
        assert_eq!(script_text(&[], &list), format!("{:<25} {:<20}\n", "GROUP", "STATE"));
    }
}
