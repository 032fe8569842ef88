//! `kf groups`: list, describe and delete consumer groups, and reset their offsets, as
//! `kafka-consumer-groups.sh` does.
//!
//! - [`arguments`]: the options; [`usage`]: which of them go together; [`action`]: what they mean.
//! - [`list`], [`describe`], [`reset`], [`delete`], [`delete_offsets`]: the actions.
//! - [`selection`]: `--topic orders:0,1` and the partitions that it means.
//! - [`script_table`]: the script's tables.
//!
//! What the script does differently: it ends with 0 whatever happens, and prints errors and
//! warnings to stdout. Here each group's error goes to stderr and the others go on; rows come in
//! the order of group, topic and partition.

mod action;
mod arguments;
mod delete;
mod delete_offsets;
mod describe;
mod list;
mod reset;
mod script_table;
mod selection;
mod usage;

use std::io::{self, Write};
use std::sync::Arc;

use anyhow::Context as _;

use super::context::Context;
use super::error::{CliError, Outcome};
use super::output::{Format, OutputOptions, Rows};
use crate::base::clock::{Clock, SystemClock};
use crate::client::admin::groups::{GroupFilter, MemberDescription, list_groups};
use crate::client::cluster::Cluster;
use crate::client::error::ClientError;

use action::{Action, Groups};
pub use arguments::Arguments;

/// Runs the one action that the arguments name.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let session = async || -> anyhow::Result<Session<'_>> {
        let cluster = context.connect(&arguments.connection()).await?;
        Ok(Session { cluster, context, output: arguments.output })
    };
    match arguments.action(SystemClock::new().wall_ms())? {
        Action::List(list) => list::run(&session().await?, &list).await,
        Action::Describe { groups, view, verbose } => {
            describe::run(&session().await?, &groups, view, verbose).await
        }
        Action::Delete { groups, caution } => {
            delete::run(&session().await?, &groups, caution).await
        }
        Action::DeleteOffsets { group, topics, caution } => {
            delete_offsets::run(&session().await?, &group, &topics, caution).await
        }
        Action::ResetOffsets(reset) => {
            let file = reset::read_file(&reset)?;
            reset::run(&session().await?, &reset, file.as_ref()).await
        }
        Action::ValidateRegex(regex) => validate_regex(&regex),
    }
}

/// A cluster to ask, and where the answer goes.
struct Session<'a> {
    cluster: Arc<Cluster>,
    context: &'a Context,
    output: OutputOptions,
}

impl Session<'_> {
    /// The ids of the groups that are meant.
    async fn group_ids(&self, groups: &Groups) -> Result<Vec<String>, ClientError> {
        match groups {
            Groups::Named(ids) => Ok(ids.clone()),
            Groups::All => {
                let listings = list_groups(&self.cluster, &GroupFilter::default()).await?;
                Ok(listings.into_iter().map(|listing| listing.group_id).collect())
            }
        }
    }

    /// Prints rows in the form that was asked for, or else the script's own text. With `all`, a
    /// table shows all columns.
    fn print(
        &self,
        rows: &Rows,
        all: bool,
        script_text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match self.output.format(self.context) {
            None => out.write_all(script_text().as_bytes()),
            Some(Format::Table) if all => rows.write(Format::Wide, &mut out),
            Some(format) => rows.write(format, &mut out),
        }
    }
}

/// Does something with each group. Where an error is one group's own, the others go on; any other
/// error ends it.
async fn for_each_group(
    groups: &[String],
    mut each: impl AsyncFnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let mut failures = Vec::new();
    for group in groups {
        match each(group).await {
            Ok(()) => {}
            Err(error) if error.is::<CliError>() => failures.push(error),
            Err(error) if is_refusal(&error) => {
                failures.push(error.context(format!("group '{group}'")));
            }
            Err(error) => return Err(error),
        }
    }
    Outcome::of_items(groups.len(), failures)
}

/// Whether it was the cluster that said no: then it can still be asked about other things.
fn is_refusal(error: &anyhow::Error) -> bool {
    error.downcast_ref::<ClientError>().is_some_and(|error| error.code().is_some())
}

fn no_such_group(group: &str) -> CliError {
    CliError::failed(format!("Consumer group '{group}' does not exist."))
}

/// Who keeps a group active, for a sentence: the first few members and where they are.
fn who(members: &[MemberDescription]) -> String {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = members
        .iter()
        .take(SHOWN)
        .map(|member| format!("{} at {} ({})", member.client_id, member.host, member.member_id))
        .collect();
    if members.len() > SHOWN {
        names.push(format!("{} more", members.len() - SHOWN));
    }
    names.join(", ")
}

fn validate_regex(regex: &str) -> anyhow::Result<Outcome> {
    let (verdict, outcome) = match regex::Regex::new(regex) {
        Ok(_) => ("valid".to_owned(), Outcome::Done),
        Err(error) => {
            // The message draws the expression first; what is wrong stands in its last line.
            let message = error.to_string();
            let reason = message.lines().last().unwrap_or_default();
            let reason = reason.trim_start_matches("error: ");
            (format!("invalid: {reason}"), Outcome::Failed)
        }
    };
    writeln!(io::stdout(), "The regular expression `{regex}` is {verdict}.")
        .context("cannot write the answer")?;
    Ok(outcome)
}
