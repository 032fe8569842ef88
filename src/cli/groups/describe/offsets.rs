//! Where a group stands in each partition, and how far behind that is.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::or_dash;
use crate::cli::groups::script_table::{ScriptColumn, script_table};
use crate::cli::groups::selection::{by_topic, locate};
use crate::cli::output::Column;
use crate::client::admin::groups::{
    CommittedOffset, GroupDescription, MemberDescription, committed_offsets,
};
use crate::client::admin::offsets::{IsolationLevel, OffsetSpec, list_offsets};
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;
use crate::client::partition::TopicPartition;

pub(super) const COLUMNS: &[Column] = &[
    Column::new("group"),
    Column::new("topic"),
    Column::new("partition"),
    Column::wide("leader_epoch"),
    Column::new("current_offset"),
    Column::new("log_end_offset"),
    Column::new("lag"),
    Column::new("consumer_id"),
    Column::new("host"),
    Column::new("client_id"),
];

/// A partition that a group reads, has read, or is to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OffsetRow {
    group: String,
    partition: TopicPartition,
    committed: Option<CommittedOffset>,
    log_end: Option<i64>,
    /// Member id, host and client id of whoever has the partition.
    member: Option<[String; 3]>,
}

impl OffsetRow {
    /// How many records the group has not read; `None` unless both offsets are known.
    fn lag(&self) -> Option<i64> {
        Some(self.log_end? - self.committed?.offset)
    }

    /// The values of [`COLUMNS`].
    pub(super) fn values(&self) -> Vec<Value> {
        let member = |index: usize| self.member.as_ref().map(|member| &member[index]);
        vec![
            json!(self.group),
            json!(self.partition.topic),
            json!(self.partition.partition),
            json!(self.committed.and_then(|committed| committed.leader_epoch)),
            json!(self.committed.map(|committed| committed.offset)),
            json!(self.log_end),
            json!(self.lag()),
            json!(member(0)),
            json!(member(1)),
            json!(member(2)),
        ]
    }

    fn cells(&self, verbose: bool) -> Vec<String> {
        let leader_epoch = self.committed.and_then(|committed| committed.leader_epoch);
        let mut cells = vec![
            self.group.clone(),
            self.partition.topic.clone(),
            self.partition.partition.to_string(),
        ];
        cells.extend(verbose.then(|| or_dash(leader_epoch)));
        cells.extend([
            or_dash(self.committed.map(|committed| committed.offset)),
            or_dash(self.log_end),
            or_dash(self.lag()),
        ]);
        match &self.member {
            Some(member) => cells.extend(member.clone()),
            None => cells.extend(["-", "-", "-"].map(str::to_owned)),
        }
        cells
    }
}

/// Asks for the group's offsets and for the ends of all logs that it has to do with. Partitions
/// that are gone, or have no leader, have no end.
pub(super) async fn collect(
    cluster: &Cluster,
    group: &GroupDescription,
) -> Result<Vec<OffsetRow>, ClientError> {
    let committed = committed_offsets(cluster, &group.group_id).await?;
    let assigned = group.members.iter().flat_map(|member| &member.assignment);
    let mut partitions: Vec<&TopicPartition> = committed.keys().chain(assigned).collect();
    partitions.sort();
    partitions.dedup();
    let ends = log_ends(cluster, &partitions).await?;
    Ok(rows(group, &committed, &ends))
}

async fn log_ends(
    cluster: &Cluster,
    partitions: &[&TopicPartition],
) -> Result<BTreeMap<TopicPartition, i64>, ClientError> {
    if partitions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let topics = by_topic(partitions.iter().copied());
    let names: Vec<String> = topics.iter().map(|topic| topic.topic.clone()).collect();
    let located = locate(&topics, &cluster.metadata(Some(&names)).await?);
    let wanted = located.led.into_iter().map(|partition| (partition, OffsetSpec::Latest)).collect();
    let listed = list_offsets(cluster, &wanted, IsolationLevel::ReadUncommitted).await?;
    let known = listed.into_iter().filter_map(|(partition, listed)| {
        let end = listed.ok()?.offset?;
        Some((partition, end))
    });
    Ok(known.collect())
}

/// First what members have, those with the most partitions first; then what nobody has.
fn rows(
    group: &GroupDescription,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
    ends: &BTreeMap<TopicPartition, i64>,
) -> Vec<OffsetRow> {
    let row = |partition: &TopicPartition, member: Option<&MemberDescription>| OffsetRow {
        group: group.group_id.clone(),
        partition: partition.clone(),
        committed: committed.get(partition).copied(),
        log_end: ends.get(partition).copied(),
        member: member.map(|m| [m.member_id.clone(), m.host.clone(), m.client_id.clone()]),
    };
    let mut members: Vec<&MemberDescription> = group.members.iter().collect();
    members.sort_by_key(|member| Reverse(member.assignment.len()));
    let assigned = members
        .iter()
        .flat_map(|member| member.assignment.iter().map(|partition| row(partition, Some(member))));
    let has = |member: &MemberDescription, p| member.assignment.binary_search(p).is_ok();
    let unassigned = committed
        .keys()
        .filter(|partition| !members.iter().any(|member| has(member, partition)))
        .map(|partition| row(partition, None));
    assigned.chain(unassigned).collect()
}

/// The script's table after an empty line; nothing for a group without partitions.
pub(super) fn script_text(rows: &[OffsetRow], verbose: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut columns = vec![
        ScriptColumn::growing("GROUP", 15),
        ScriptColumn::growing("TOPIC", 15),
        ScriptColumn::fixed("PARTITION", 10),
    ];
    columns.extend(verbose.then_some(ScriptColumn::fixed("LEADER-EPOCH", 15)));
    columns.extend([
        ScriptColumn::fixed("CURRENT-OFFSET", 15),
        ScriptColumn::fixed("LOG-END-OFFSET", 15),
        ScriptColumn::fixed("LAG", 15),
        ScriptColumn::growing("CONSUMER-ID", 15),
        ScriptColumn::growing("HOST", 15),
        ScriptColumn::fixed("CLIENT-ID", 0),
    ]);
    let cells: Vec<_> = rows.iter().map(|row| row.cells(verbose)).collect();
    format!("\n{}", script_table(&columns, &cells))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::groups::describe::fixtures::{group, member};

    fn committed(offset: i64, leader_epoch: Option<i32>) -> CommittedOffset {
        CommittedOffset { offset, leader_epoch }
    }

    fn orders(partition: i32) -> TopicPartition {
        TopicPartition::new("orders", partition)
    }

    /// Member `b` has two partitions, `a` has one; nobody has partition 3, which is gone.
    fn described() -> Vec<OffsetRow> {
        let members = vec![member("a", &[2]), member("b", &[0, 1])];
        let offsets = BTreeMap::from([
            (orders(0), committed(10, Some(4))),
            (orders(1), committed(15, None)),
            (orders(3), committed(7, None)),
        ]);
        let ends = BTreeMap::from([(orders(0), 10), (orders(1), 20), (orders(2), 30)]);
        rows(&group(members), &offsets, &ends)
    }

    #[test]
    fn members_with_the_most_partitions_come_first_and_unassigned_partitions_last() {
        let order = described().into_iter().map(|row| row.partition.partition);
        assert_eq!(order.collect::<Vec<_>>(), [0, 1, 2, 3]);
    }

    #[test]
    fn lag_is_unknown_without_either_offset() {
        let lags = described().iter().map(OffsetRow::lag).collect::<Vec<_>>();
        assert_eq!(lags, [Some(0), Some(5), None, None]);
    }

    #[test]
    fn the_table_is_the_scripts() {
        let expected = "
GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             \
CONSUMER-ID     HOST            CLIENT-ID
g               orders          0          10              10              0               \
b-id            /127.0.0.1      b
g               orders          1          15              20              5               \
b-id            /127.0.0.1      b
g               orders          2          -               30              -               \
a-id            /127.0.0.1      a
g               orders          3          7               -               -               \
-               -               -
";
        assert_eq!(script_text(&described(), false), expected);
    }

    #[test]
    fn a_verbose_table_has_leader_epochs() {
        let text = script_text(&described()[..1], true);
        let columns: Vec<Vec<&str>> =
            text.lines().skip(1).map(|line| line.split_whitespace().take(5).collect()).collect();
        assert_eq!(columns[0][3..], ["LEADER-EPOCH", "CURRENT-OFFSET"]);
        assert_eq!(columns[1][3..], ["4", "10"]);
    }

    #[test]
    fn a_group_without_partitions_has_no_table() {
        assert_eq!(script_text(&[], false), "");
    }

    #[test]
    fn every_column_has_a_value() {
        assert!(described().iter().all(|row| row.values().len() == COLUMNS.len()));
    }
}
