//! `--reset-offsets`: where inactive groups go on reading. Plans always, writes with `--execute`.

pub(super) mod csv;
pub(super) mod plan;
pub(super) mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{self, Write};

use anyhow::Context as _;
use serde_json::json;

use super::action::{Groups, Reset, ResetTo};
use super::script_table::{ScriptColumn, script_table};
use super::selection::{by_topic, locate};
use super::{Session, for_each_group, who};
use crate::cli::error::{CliError, Outcome, warn};
use crate::cli::output::{Column, Rows};
use crate::client::admin::groups::{
    CommittedOffset, commit_offsets, committed_offsets, describe_group,
};
use crate::client::admin::offsets::{IsolationLevel, OffsetSpec, list_offsets};
use crate::client::cluster::Cluster;
use crate::client::partition::TopicPartition;
use csv::OffsetsByGroup;
use plan::{Move, PartitionFacts, Target, plan};

const COLUMNS: &[Column] = &[
    Column::new("group"),
    Column::new("topic"),
    Column::new("partition"),
    Column::new("current_offset"),
    Column::new("new_offset"),
    Column::new("log_end_offset"),
    Column::new("new_lag"),
];

/// A group and one of its moves.
type GroupMove = (String, Move);

/// Reads the file of `--from-file`, if it is used.
///
/// # Errors
/// A usage error that names the file, and the line if one is malformed.
pub(super) fn read_file(reset: &Reset) -> Result<Option<OffsetsByGroup>, CliError> {
    let ResetTo::File(path) = &reset.to else { return Ok(None) };
    let refused = |cause: &dyn Display| CliError::usage(format!("{}: {cause}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|cause| refused(&cause))?;
    csv::read_plan(&text, reset.groups.only()).map(Some).map_err(|cause| refused(&cause))
}

/// Plans, and with `--execute` resets, one group after the other; `file` is what [`read_file`]
/// gave. What has been done is printed even if a later group ends it all.
pub(super) async fn run(
    session: &Session<'_>,
    reset: &Reset,
    file: Option<&OffsetsByGroup>,
) -> anyhow::Result<Outcome> {
    if reset.by_default {
        warn(
            "No action will be performed as the --execute option is missing. Scripts should say \
             --dry-run if that is what they want.",
        );
    }
    let ids = match (file, &reset.groups) {
        // A file may name groups that this cluster has not seen yet.
        (Some(file), Groups::All) => file.keys().cloned().collect(),
        _ => session.group_ids(&reset.groups).await?,
    };
    let mut moves: Vec<GroupMove> = Vec::new();
    let outcome = for_each_group(&ids, async |group| {
        let target = match &reset.to {
            ResetTo::Target(target) => target.clone(),
            ResetTo::File(_) => Target::PerPartition(of_group(file, group)?),
        };
        let planned = plan_group(&session.cluster, reset, target, group).await?;
        let (done, failed) = match reset.execute {
            true => execute(&session.cluster, group, planned).await?,
            false => (planned, Vec::new()),
        };
        moves.extend(done.into_iter().map(|planned| (group.to_owned(), planned)));
        match failed.is_empty() {
            true => Ok(()),
            false => Err(CliError::failed(failed.join(", ")).into()),
        }
    })
    .await;
    if !moves.is_empty() || outcome.is_ok() {
        print(session, reset, &moves)?;
    }
    outcome
}

fn of_group(
    file: Option<&OffsetsByGroup>,
    group: &str,
) -> Result<BTreeMap<TopicPartition, i64>, CliError> {
    file.and_then(|file| file.get(group))
        .cloned()
        .ok_or_else(|| CliError::failed(format!("No reset plan for group {group} found.")))
}

/// Plans one group, which must be inactive; a group that does not exist yet is.
async fn plan_group(
    cluster: &Cluster,
    reset: &Reset,
    target: Target,
    group: &str,
) -> anyhow::Result<Vec<Move>> {
    let description = describe_group(cluster, group).await?;
    if let Some(active) = description.filter(|description| !description.state.is_inactive()) {
        return Err(CliError::failed(format!(
            "Assignments can only be reset if the group '{group}' is inactive, but the current \
             state is {}. Its members are {}.",
            active.state,
            who(&active.members)
        ))
        .into());
    }
    let committed = committed_offsets(cluster, group).await?;
    let partitions = partitions_to_reset(cluster, reset, &target, &committed).await?;
    let facts = gather_facts(cluster, &target, &partitions, &committed).await?;
    let plan = plan(&target, &facts).map_err(|error| CliError::failed(error.to_string()))?;
    plan.warnings.iter().for_each(|warning| warn(&warning.to_string()));
    Ok(plan.moves)
}

/// The partitions that the group and the options name.
///
/// # Errors
/// If one of them does not exist or has no leader: then none is reset.
async fn partitions_to_reset(
    cluster: &Cluster,
    reset: &Reset,
    target: &Target,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
) -> anyhow::Result<BTreeSet<TopicPartition>> {
    let topics = match (target, &reset.topics) {
        (Target::PerPartition(offsets), _) => by_topic(offsets.keys()),
        (_, Some(topics)) => topics.clone(),
        (_, None) => by_topic(committed.keys()),
    };
    if topics.is_empty() {
        return Ok(BTreeSet::new());
    }
    let names: Vec<String> = topics.iter().map(|topic| topic.topic.clone()).collect();
    let located = locate(&topics, &cluster.metadata(Some(&names)).await?);
    if let Some(topic) = located.missing_topics.first() {
        return Err(CliError::failed(format!("Topic '{topic}' does not exist.")).into());
    }
    for (problem, partitions) in
        [("do not exist", &located.missing), ("have no leader", &located.leaderless)]
    {
        if !partitions.is_empty() {
            let names: Vec<String> = partitions.iter().map(ToString::to_string).collect();
            let names = names.join(",");
            return Err(CliError::failed(format!("The partitions \"{names}\" {problem}")).into());
        }
    }
    Ok(located.led)
}

async fn gather_facts(
    cluster: &Cluster,
    target: &Target,
    partitions: &BTreeSet<TopicPartition>,
    committed: &BTreeMap<TopicPartition, CommittedOffset>,
) -> anyhow::Result<BTreeMap<TopicPartition, PartitionFacts>> {
    let starts = offsets_at(cluster, partitions, OffsetSpec::Earliest).await?;
    let ends = offsets_at(cluster, partitions, OffsetSpec::Latest).await?;
    let at_timestamp = match target {
        Target::Timestamp(timestamp) => {
            offsets_at(cluster, partitions, OffsetSpec::Timestamp(*timestamp)).await?
        }
        _ => BTreeMap::new(),
    };
    let facts = ends.into_iter().map(|(partition, log_end)| {
        let facts = PartitionFacts {
            log_start: starts.get(&partition).copied().unwrap_or(log_end),
            log_end,
            committed: committed.get(&partition).map(|committed| committed.offset),
            at_timestamp: at_timestamp.get(&partition).copied(),
        };
        (partition, facts)
    });
    Ok(facts.collect())
}

/// The offsets that a specification means; partitions without such a record are left out.
async fn offsets_at(
    cluster: &Cluster,
    partitions: &BTreeSet<TopicPartition>,
    spec: OffsetSpec,
) -> anyhow::Result<BTreeMap<TopicPartition, i64>> {
    if partitions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let specs = partitions.iter().map(|partition| (partition.clone(), spec)).collect();
    let mut offsets = BTreeMap::new();
    for (partition, listed) in
        list_offsets(cluster, &specs, IsolationLevel::ReadUncommitted).await?
    {
        let listed = listed.with_context(|| format!("partition {partition}"))?;
        offsets.extend(listed.offset.map(|offset| (partition, offset)));
    }
    Ok(offsets)
}

/// Commits the moves. Answers those that were made, and sentences about the others.
async fn execute(
    cluster: &Cluster,
    group: &str,
    moves: Vec<Move>,
) -> anyhow::Result<(Vec<Move>, Vec<String>)> {
    if moves.is_empty() {
        return Ok((moves, Vec::new()));
    }
    let offsets = moves.iter().map(|planned| (planned.partition.clone(), planned.to)).collect();
    let outcomes = commit_offsets(cluster, group, &offsets).await?;
    let code_of = |planned: &Move| outcomes.get(&planned.partition).filter(|c| c.is_error());
    let failed = moves.iter().filter_map(|planned| {
        let code = code_of(planned)?;
        Some(format!("group '{group}' cannot be reset in {}: {code}", planned.partition))
    });
    let failed = failed.collect();
    Ok((moves.into_iter().filter(|planned| code_of(planned).is_none()).collect(), failed))
}

fn print(session: &Session<'_>, reset: &Reset, moves: &[GroupMove]) -> io::Result<()> {
    if reset.export {
        let one_group = reset.groups.only().is_some();
        let lines: String = moves
            .iter()
            .map(|(group, planned)| {
                let group = Some(group.as_str()).filter(|_| !one_group);
                csv::write_line(group, &planned.partition, planned.to)
            })
            .collect();
        // The script ends an export with an empty line.
        return writeln!(io::stdout(), "{lines}");
    }
    let mut rows = Rows::new(COLUMNS);
    for (group, Move { partition, from, to, log_end }) in moves {
        rows.push(vec![
            json!(group),
            json!(partition.topic),
            json!(partition.partition),
            json!(from),
            json!(to),
            json!(log_end),
            json!(log_end - to),
        ]);
    }
    session.print(&rows, false, || script_text(moves))
}

/// The script's table after an empty line.
fn script_text(moves: &[GroupMove]) -> String {
    let columns = [
        ScriptColumn::growing("GROUP", 15),
        ScriptColumn::growing("TOPIC", 15),
        ScriptColumn::fixed("PARTITION", 10),
        ScriptColumn::fixed("NEW-OFFSET", 0),
    ];
    let cells = |(group, planned): &GroupMove| {
        let TopicPartition { topic, partition } = &planned.partition;
        vec![group.clone(), topic.clone(), partition.to_string(), planned.to.to_string()]
    };
    format!("\n{}", script_table(&columns, &moves.iter().map(cells).collect::<Vec<_>>()))
}
