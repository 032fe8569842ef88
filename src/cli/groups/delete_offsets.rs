//! `--delete-offsets`: a group's offsets for some topics, which it must not be reading.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::json;

use super::action::Caution;
use super::script_table::{ScriptColumn, script_table};
use super::selection::{Topics, locate};
use super::{Session, no_such_group};
use crate::cli::error::{CliError, Outcome, warn};
use crate::cli::output::{Column, Rows};
use crate::client::admin::groups::delete_offsets;
use crate::client::partition::TopicPartition;
use crate::wire::error::ErrorCode;

const COLUMNS: &[Column] = &[Column::new("topic"), Column::new("partition"), Column::new("error")];

/// A partition, or a topic that has none; and why its offset is still there, if it is.
struct Status {
    topic: String,
    partition: Option<i32>,
    error: Option<String>,
}

/// Deletes the offsets. Asks first where a person sits at the terminal; `--dry-run` only names
/// the partitions.
pub(super) async fn run(
    session: &Session<'_>,
    group: &str,
    topics: &[Topics],
    caution: Caution,
) -> anyhow::Result<Outcome> {
    let names: Vec<String> = topics.iter().map(|topic| topic.topic.clone()).collect();
    let located = locate(topics, &session.cluster.metadata(Some(&names)).await?);
    let partitions: Vec<TopicPartition> =
        [located.led, located.leaderless, located.missing].into_iter().flatten().collect();
    if caution.dry_run {
        let mut out = io::stdout().lock();
        for partition in &partitions {
            writeln!(out, "Would delete the offset of group {group} in {partition}.")?;
        }
        return Ok(Outcome::Done);
    }
    let question = match partitions.as_slice() {
        [partition] => format!("Delete the offset of group {group} in {partition}?"),
        _ => format!("Delete {} offsets of group {group}?", partitions.len()),
    };
    if !caution.yes && !session.context.confirm(&question)? {
        return Err(CliError::failed("nothing was deleted").into());
    }
    let mut statuses = statuses(delete(session, group, &partitions).await?);
    statuses.extend(located.missing_topics.into_iter().map(|topic| {
        let error = Some(sentence(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
        Status { topic, partition: None, error }
    }));
    let failed = statuses.iter().filter(|status| status.error.is_some()).count();
    print(session, group, &statuses, failed > 0)?;
    Ok(match failed {
        0 => Outcome::Done,
        _ if failed == statuses.len() => Outcome::Failed,
        _ => Outcome::SomeFailed,
    })
}

async fn delete(
    session: &Session<'_>,
    group: &str,
    partitions: &[TopicPartition],
) -> anyhow::Result<BTreeMap<TopicPartition, ErrorCode>> {
    delete_offsets(&session.cluster, group, partitions).await.map_err(|error| match error.code() {
        Some(ErrorCode::GROUP_ID_NOT_FOUND) => no_such_group(group).into(),
        _ => anyhow::Error::from(error).context(format!("group '{group}'")),
    })
}

fn statuses(codes: BTreeMap<TopicPartition, ErrorCode>) -> Vec<Status> {
    let status = |(TopicPartition { topic, partition }, code): (_, ErrorCode)| {
        let error = code.ok().err().map(sentence);
        Status { topic, partition: Some(partition), error }
    };
    codes.into_iter().map(status).collect()
}

fn sentence(code: ErrorCode) -> String {
    code.message().map_or_else(|| code.to_string(), str::to_owned)
}

fn print(session: &Session<'_>, group: &str, statuses: &[Status], failed: bool) -> io::Result<()> {
    let mut rows = Rows::new(COLUMNS);
    for Status { topic, partition, error } in statuses {
        rows.push(vec![json!(topic), json!(partition), json!(error)]);
    }
    if failed {
        warn("Encountered some partition-level error, see the follow-up details.");
    }
    session.print(&rows, false, || match failed {
        true => script_text(statuses),
        false => {
            let table = script_text(statuses);
            format!("Request succeeded for deleting offsets from group {group}.\n{table}")
        }
    })
}

/// The script's table after an empty line.
fn script_text(statuses: &[Status]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_a_status() {
        let codes = BTreeMap::from([
            (TopicPartition::new("orders", 2), ErrorCode::NONE),
            (TopicPartition::new("orders", 9), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ]);
        let mut statuses = statuses(codes);
        statuses.push(Status { topic: "gone".to_owned(), partition: None, error: None });
        let expected = "\n\
            TOPIC           PARTITION  STATUS         \n\
            orders          2          Successful     \n\
            orders          9          Error: This broker has no such topic or partition.\n\
            gone            -          Successful     \n";
        assert_eq!(script_text(&statuses), expected);
    }
}
