//! `--delete` and `--delete-offsets`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use serde_json::json;

use super::arguments::{Caution, Groups};
use super::script_table::{ScriptColumn, script_table};
use super::selection::{Topics, locate};
use super::{Session, for_each_group, no_such_group, who};
use crate::cli::error::{CliError, Outcome, warn};
use crate::cli::output::{Column, Rows};
use crate::client::admin_groups::{self, delete_group, describe_group};
use crate::client::partition::TopicPartition;
use crate::wire::error::ErrorCode;

/// Deletes groups that have no members.
pub(super) async fn groups(
    session: &Session<'_>,
    groups: &Groups,
    caution: Caution,
) -> anyhow::Result<Outcome> {
    let ids = session.group_ids(groups).await?;
    if !agreed(session, caution, &format!("Delete {}?", quoted(&ids)))? {
        return Ok(Outcome::Failed);
    }
    let mut deleted = Vec::new();
    let outcome = for_each_group(&ids, async |id| {
        match caution.dry_run {
            true => check_deletable(session, id).await?,
            false => delete(session, id).await?,
        }
        deleted.push(id.to_owned());
        Ok(())
    })
    .await;
    let mut out = io::stdout().lock();
    match (&outcome, caution.dry_run) {
        (_, true) if deleted.is_empty() => {}
        (_, true) => writeln!(out, "These consumer groups would be deleted: {}", quoted(&deleted))?,
        (Ok(Outcome::Done), false) => {
            let groups = quoted(&deleted);
            writeln!(out, "Deletion of requested consumer groups ({groups}) was successful.")?;
        }
        (_, false) if deleted.is_empty() => {}
        (_, false) => {
            let groups = quoted(&deleted);
            writeln!(out, "\nThese consumer groups were deleted successfully: {groups}")?;
        }
    }
    outcome
}

async fn delete(session: &Session<'_>, id: &str) -> anyhow::Result<()> {
    match delete_group(&session.cluster, id).await {
        Err(error) => match error.code() {
            Some(ErrorCode::GROUP_ID_NOT_FOUND) => Err(no_such_group(id).into()),
            Some(ErrorCode::NON_EMPTY_GROUP) => {
                check_deletable(session, id).await?;
                Err(error.into())
            }
            _ => Err(error.into()),
        },
        Ok(()) => Ok(()),
    }
}

/// Fails if the group does not exist, or has members, which it names.
async fn check_deletable(session: &Session<'_>, id: &str) -> anyhow::Result<()> {
    let group = describe_group(&session.cluster, id).await?.ok_or_else(|| no_such_group(id))?;
    match group.state.is_inactive() {
        true => Ok(()),
        false => Err(CliError::failed(format!(
            "Group '{id}' could not be deleted: it is not empty. Its members are {}.",
            who(&group.members)
        ))
        .into()),
    }
}

/// Asks a person; scripts and `--yes` agree to everything.
fn agreed(session: &Session<'_>, caution: Caution, question: &str) -> io::Result<bool> {
    let context = session.context;
    let nobody_to_ask = !context.stdin_is_terminal || !context.stderr_is_terminal;
    if caution.yes || caution.dry_run || nobody_to_ask {
        return Ok(true);
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn quoted(groups: &[String]) -> String {
    groups.iter().map(|group| format!("'{group}'")).collect::<Vec<_>>().join(", ")
}

const COLUMNS: &[Column] = &[Column::new("topic"), Column::new("partition"), Column::new("error")];

/// A partition, or a topic that has none; and why its offset is still there, if it is.
struct Status {
    topic: String,
    partition: Option<i32>,
    error: Option<String>,
}

/// Deletes a group's offsets for some topics.
pub(super) async fn offsets(
    session: &Session<'_>,
    group: &str,
    topics: &[Topics],
    caution: Caution,
) -> anyhow::Result<Outcome> {
    if !agreed(session, caution, &format!("Delete offsets of group '{group}'?"))? {
        return Ok(Outcome::Failed);
    }
    let names: Vec<String> = topics.iter().map(|topic| topic.topic.clone()).collect();
    let located = locate(topics, &session.cluster.metadata(Some(&names)).await?);
    let partitions: Vec<TopicPartition> =
        [located.led, located.leaderless, located.missing].into_iter().flatten().collect();
    let codes = match caution.dry_run {
        true => partitions.into_iter().map(|partition| (partition, ErrorCode::NONE)).collect(),
        false => delete_offsets(session, group, &partitions).await?,
    };
    let mut statuses: Vec<Status> = codes
        .into_iter()
        .map(|(TopicPartition { topic, partition }, code)| Status {
            topic,
            partition: Some(partition),
            error: code.ok().err().map(sentence),
        })
        .collect();
    statuses.extend(located.missing_topics.into_iter().map(|topic| {
        let error = Some(sentence(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        Status { topic, partition: None, error }
    }));
    print_statuses(session, group, &statuses, caution)?;
    Ok(match statuses.iter().filter(|status| status.error.is_some()).count() {
        0 => Outcome::Done,
        failed if failed == statuses.len() => Outcome::Failed,
        _ => Outcome::SomeFailed,
    })
}

async fn delete_offsets(
    session: &Session<'_>,
    group: &str,
    partitions: &[TopicPartition],
) -> anyhow::Result<BTreeMap<TopicPartition, ErrorCode>> {
    let deleted = admin_groups::delete_offsets(&session.cluster, group, partitions).await;
    deleted.map_err(|error| match error.code() {
        Some(ErrorCode::GROUP_ID_NOT_FOUND) => no_such_group(group).into(),
        _ => anyhow::Error::from(error).context(format!("group '{group}'")),
    })
}

fn sentence(code: ErrorCode) -> String {
    code.message().map_or_else(|| code.to_string(), str::to_owned)
}

fn print_statuses(
    session: &Session<'_>,
    group: &str,
    statuses: &[Status],
    caution: Caution,
) -> io::Result<()> {
    let mut rows = Rows::new(COLUMNS);
    for Status { topic, partition, error } in statuses {
        rows.push(vec![json!(topic), json!(partition), json!(error)]);
    }
    let failed = statuses.iter().any(|status| status.error.is_some());
    if failed {
        warn("Encountered some partition-level error, see the follow-up details.");
    }
    session.print(&rows, false, || match (caution.dry_run, failed) {
        (true, _) => {
            format!("These offsets of group {group} would be deleted.\n{}", table(statuses))
        }
        (false, true) => table(statuses),
        (false, false) => {
            let table = table(statuses);
            format!("Request succeeded for deleting offsets from group {group}.\n{table}")
        }
    })
}

/// The script's table after an empty line.
fn table(statuses: &[Status]) -> String {
    let columns = [
        ScriptColumn::growing("TOPIC", 15),
        ScriptColumn::fixed("PARTITION", 10),
        ScriptColumn::fixed("STATUS", 15),
    ];
    let cells = |status: &Status| {
        let partition = status.partition.map_or_else(|| "-".to_owned(), |index| index.to_string());
        let outcome = match &status.error {
            Some(error) => format!("Error: {error}"),
            None => "Successful".to_owned(),
        };
        vec![status.topic.clone(), partition, outcome]
    };
    format!("\n{}", script_table(&columns, &statuses.iter().map(cells).collect::<Vec<_>>()))
}
