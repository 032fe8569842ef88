//! Who is in a group, and which partitions each member has.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::or_dash;
use crate::cli::groups::script_table::{ScriptColumn, script_table};
use crate::cli::output::Column;
use crate::client::admin::groups::{GroupDescription, MemberDescription};
use crate::client::partition::TopicPartition;

pub(super) const COLUMNS: &[Column] = &[
    Column::new("group"),
    Column::new("consumer_id"),
    Column::new("group_instance_id"),
    Column::new("host"),
    Column::new("client_id"),
    Column::new("partitions"),
    Column::wide("current_epoch"),
    Column::wide("current_assignment"),
    Column::wide("target_epoch"),
    Column::wide("target_assignment"),
    Column::wide("upgraded"),
];

/// The values of [`COLUMNS`].
pub(super) fn values(group: &GroupDescription, member: &MemberDescription) -> Vec<Value> {
    vec![
        json!(group.group_id),
        json!(member.member_id),
        json!(member.instance_id),
        json!(member.host),
        json!(member.client_id),
        json!(member.assignment.len()),
        json!(member.epoch),
        json!(by_topic(&member.assignment)),
        json!(group.assignment_epoch),
        json!(member.target_assignment.as_deref().map(by_topic)),
        json!(member.upgraded),
    ]
}

/// The script's table after an empty line; for a group without members its titles.
pub(super) fn script_text(group: &GroupDescription, verbose: bool) -> String {
    let shape = Shape {
        verbose,
        instance_ids: group.members.iter().any(|member| member.instance_id.is_some()),
        upgrading: [true, false]
            .iter()
            .all(|upgraded| group.members.iter().any(|member| member.upgraded == Some(*upgraded))),
    };
    let rows: Vec<_> = group.members.iter().map(|member| shape.cells(group, member)).collect();
    format!("\n{}", script_table(&shape.columns(), &rows))
}

/// Which columns the script's table has.
struct Shape {
    verbose: bool,
    /// Some members are static.
    instance_ids: bool,
    /// Members of both protocols are in the group: it is on its way to the new one.
    upgrading: bool,
}

impl Shape {
    fn columns(&self) -> Vec<ScriptColumn> {
        let mut columns =
            vec![ScriptColumn::growing("GROUP", 15), ScriptColumn::growing("CONSUMER-ID", 15)];
        columns.extend(self.instance_ids.then_some(ScriptColumn::growing("GROUP-INSTANCE-ID", 17)));
        columns.extend([
            ScriptColumn::growing("HOST", 15),
            ScriptColumn::growing("CLIENT-ID", 15),
            // The script leaves a space behind this column, even where nothing follows.
            ScriptColumn::fixed("#PARTITIONS", if self.verbose { 15 } else { 16 }),
        ]);
        if self.verbose {
            columns.extend([
                ScriptColumn::fixed("CURRENT-EPOCH", 15),
                ScriptColumn::growing("CURRENT-ASSIGNMENT", 20),
                ScriptColumn::fixed("TARGET-EPOCH", 15),
                ScriptColumn::growing("TARGET-ASSIGNMENT", 20),
            ]);
            columns.extend(self.upgrading.then_some(ScriptColumn::fixed("UPGRADED", 0)));
        }
        columns
    }

    fn cells(&self, group: &GroupDescription, member: &MemberDescription) -> Vec<String> {
        let mut cells = vec![group.group_id.clone(), member.member_id.clone()];
        cells.extend(self.instance_ids.then(|| member.instance_id.clone().unwrap_or_default()));
        cells.extend([
            member.host.clone(),
            member.client_id.clone(),
            member.assignment.len().to_string(),
        ]);
        if self.verbose {
            cells.extend([
                or_dash(member.epoch),
                assignment_text(&member.assignment),
                or_dash(group.assignment_epoch),
                assignment_text(member.target_assignment.as_deref().unwrap_or_default()),
            ]);
            cells.extend(self.upgrading.then(|| or_dash(member.upgraded)));
        }
        cells
    }
}

/// `orders:0,1;payments:0`, or `-` for no partitions.
fn assignment_text(partitions: &[TopicPartition]) -> String {
    let topics = by_topic(partitions).into_iter().map(|(topic, indexes)| {
        let indexes: Vec<String> = indexes.iter().map(i32::to_string).collect();
        format!("{topic}:{}", indexes.join(","))
    });
    let text = topics.collect::<Vec<_>>().join(";");
    if text.is_empty() { "-".to_owned() } else { text }
}

fn by_topic(partitions: &[TopicPartition]) -> BTreeMap<&str, Vec<i32>> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for TopicPartition { topic, partition } in partitions {
        topics.entry(topic).or_default().push(*partition);
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::groups::describe::fixtures::{group, member};

    #[test]
    fn the_table_is_the_scripts() {
        let text = script_text(&group(vec![member("a", &[0, 1])]), false);
        let expected = "
GROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n\
g               a-id            /127.0.0.1      a               2               \n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_group_without_members_has_titles() {
        let expected =
            "\nGROUP           CONSUMER-ID     HOST            CLIENT-ID       #PARTITIONS     \n";
        assert_eq!(script_text(&group(vec![]), false), expected);
    }

    #[test]
    fn instance_ids_have_a_column_if_any_member_is_static() {
        let mut fixed = member("a", &[0]);
        fixed.instance_id = Some("fixed".to_owned());
        let text = script_text(&group(vec![fixed, member("b", &[])]), false);
        let ids: Vec<_> = text.lines().skip(1).map(|line| line[32..50].trim()).collect();
        assert_eq!(ids, ["GROUP-INSTANCE-ID", "fixed", ""]);
    }

    #[test]
    fn a_verbose_table_has_epochs_and_assignments() {
        let mut new = member("a", &[1, 0]);
        new.epoch = Some(3);
        new.target_assignment = Some(vec![]);
        let mut group = group(vec![new]);
        group.assignment_epoch = Some(4);
        let text = script_text(&group, true);
        let values = text.lines().nth(2).unwrap().split_whitespace().skip(5).collect::<Vec<_>>();
        assert_eq!(values, ["3", "orders:1,0", "4", "-"]);
        assert!(!text.contains("UPGRADED"));
    }

    #[test]
    fn a_group_between_two_protocols_shows_who_is_upgraded() {
        let mut members = vec![member("a", &[0]), member("b", &[1])];
        members[0].upgraded = Some(true);
        members[1].upgraded = Some(false);
        let text = script_text(&group(members), true);
        let last: Vec<_> = text.lines().skip(1).filter_map(|l| l.split(' ').next_back()).collect();
        assert_eq!(last, ["UPGRADED", "true", "false"]);
    }

    #[test]
    fn assignments_are_gathered_by_topic() {
        let partitions = [("a", 0), ("a", 1), ("b", 0)].map(|(t, p)| TopicPartition::new(t, p));
        assert_eq!(assignment_text(&partitions), "a:0,1;b:0");
        assert_eq!(assignment_text(&[]), "-");
    }

    #[test]
    fn every_column_has_a_value() {
        let group = group(vec![member("a", &[0])]);
        assert_eq!(values(&group, &group.members[0]).len(), COLUMNS.len());
    }
}
