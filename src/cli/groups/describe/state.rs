//! What a group is doing, who coordinates it, and how it assigns partitions.

use serde_json::{Value, json};

use super::or_dash;
use crate::cli::groups::script_table::{ScriptColumn, script_table};
use crate::cli::output::Column;
use crate::client::admin::groups::GroupDescription;

pub(super) const COLUMNS: &[Column] = &[
    Column::new("group"),
    Column::new("coordinator"),
    Column::new("coordinator_id"),
    Column::new("assignment_strategy"),
    Column::new("state"),
    Column::wide("group_epoch"),
    Column::wide("target_assignment_epoch"),
    Column::new("members"),
];

/// The values of [`COLUMNS`].
pub(super) fn values(group: &GroupDescription) -> Vec<Value> {
    vec![
        json!(group.group_id),
        json!(group.coordinator.address()),
        json!(group.coordinator.node_id),
        json!(assignor(group)),
        json!(group.state.to_string()),
        json!(group.group_epoch),
        json!(group.assignment_epoch),
        json!(group.members.len()),
    ]
}

fn assignor(group: &GroupDescription) -> Option<&str> {
    Some(group.assignor.as_str()).filter(|assignor| !assignor.is_empty())
}

/// The script's table after an empty line.
pub(super) fn script_text(group: &GroupDescription, verbose: bool) -> String {
    let mut columns = vec![
        ScriptColumn::growing("GROUP", 15),
        ScriptColumn::growing("COORDINATOR (ID)", 25),
        ScriptColumn::fixed("ASSIGNMENT-STRATEGY", 20),
        ScriptColumn::fixed("STATE", 20),
    ];
    let coordinator = &group.coordinator;
    let mut cells = vec![
        group.group_id.clone(),
        format!("{}:{}  ({})", coordinator.host, coordinator.port, coordinator.node_id),
        or_dash(assignor(group)),
        group.state.to_string(),
    ];
    if verbose {
        columns.extend([
            ScriptColumn::fixed("GROUP-EPOCH", 15),
            ScriptColumn::fixed("TARGET-ASSIGNMENT-EPOCH", 25),
        ]);
        cells.extend([or_dash(group.group_epoch), or_dash(group.assignment_epoch)]);
    }
    columns.push(ScriptColumn::fixed("#MEMBERS", 0));
    cells.push(group.members.len().to_string());
    format!("\n{}", script_table(&columns, &[cells]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::groups::describe::fixtures::{group, member};

    #[test]
    fn the_table_is_the_scripts() {
        let expected = "
GROUP           COORDINATOR (ID)          ASSIGNMENT-STRATEGY  STATE                #MEMBERS
g               localhost:9092  (1)       range                Stable               1
";
        assert_eq!(script_text(&group(vec![member("a", &[0])]), false), expected);
    }

    #[test]
    fn a_verbose_table_has_epochs() {
        let mut group = group(vec![]);
        group.assignor = String::new();
        group.group_epoch = Some(7);
        let text = script_text(&group, true);
        let values = text.lines().nth(2).unwrap().split_whitespace().skip(3).collect::<Vec<_>>();
        assert_eq!(values, ["-", "Stable", "7", "-", "0"]);
    }

    #[test]
    fn every_column_has_a_value() {
        assert_eq!(values(&group(vec![])).len(), COLUMNS.len());
    }
}
