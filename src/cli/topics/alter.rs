//! `kf topics --alter`: more partitions.

use std::io::{self, Write};

use super::create::parse_assignment;
use super::{Arguments, selection};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Outcome};
use crate::client::admin::topics::{NewPartitions, create_partitions, describe_topics};
use crate::client::cluster::Cluster;

/// Raises the number of partitions, or with `--dry-run` asks the cluster whether it would.
///
/// `--replica-assignment` names all partitions, those that exist included; only what follows them
/// is used.
pub(super) async fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let total = arguments
        .shape
        .partitions
        .ok_or_else(|| CliError::usage("Missing required argument \"[partitions]\""))?;
    let assignment =
        arguments.shape.replica_assignment.as_deref().map(parse_assignment).transpose()?;
    let cluster = context.connect(&arguments.connection).await?;
    let selection = selection::select(&cluster, arguments).await?;
    let asked = selection.total();
    let mut failures = selection.failures;
    let new: Vec<NewPartitions> = match &assignment {
        None => {
            let of = |topic: String| NewPartitions { topic, total, assignments: None };
            selection.names.into_iter().map(of).collect()
        }
        Some(assignment) => {
            assigned(&cluster, arguments, &selection.names, total, assignment).await?
        }
    };
    let mut out = io::stdout().lock();
    for (topic, result) in create_partitions(&cluster, &new, arguments.run.dry_run).await? {
        match result {
            Ok(()) if arguments.run.dry_run => {
                writeln!(out, "Would give topic {topic} {total} partitions.")?;
            }
            Ok(()) => {}
            Err(error) => failures.push(anyhow::Error::new(error)),
        }
    }
    Outcome::of_items(asked, failures)
}

async fn assigned(
    cluster: &Cluster,
    arguments: &Arguments,
    names: &[String],
    total: i32,
    assignment: &[Vec<i32>],
) -> anyhow::Result<Vec<NewPartitions>> {
    let limit = arguments.run.partition_size_limit_per_response;
    let mut new = Vec::new();
    for (topic, described) in describe_topics(cluster, names, limit).await? {
        let existing = described?.partitions.len();
        let added = assignment.iter().skip(existing).cloned().collect();
        new.push(NewPartitions { topic, total, assignments: Some(added) });
    }
    Ok(new)
}
