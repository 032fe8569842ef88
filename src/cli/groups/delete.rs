//! `--delete`: groups that have no members, with all of their offsets.

use std::io::{self, Write};

use super::action::{Caution, Groups};
use super::{Session, for_each_group, no_such_group, who};
use crate::cli::error::{CliError, Outcome};
use crate::client::admin::groups::{delete_group, describe_group};
use crate::wire::error::ErrorCode;

/// Deletes the groups. Asks first where a person sits at the terminal; `--dry-run` only names them.
pub(super) async fn run(
    session: &Session<'_>,
    groups: &Groups,
    caution: Caution,
) -> anyhow::Result<Outcome> {
    let ids = session.group_ids(groups).await?;
    if caution.dry_run {
        return for_each_group(&ids, async |id| {
            check_deletable(session, id).await?;
            Ok(writeln!(io::stdout(), "Would delete group {id}.")?)
        })
        .await;
    }
    let question = match ids.as_slice() {
        [id] => format!("Delete group {id} and all its offsets?"),
        _ => format!("Delete {} groups ({})?", ids.len(), ids.join(", ")),
    };
    if !caution.yes && !session.context.confirm(&question)? {
        return Err(CliError::failed("nothing was deleted").into());
    }
    let mut deleted = Vec::new();
    let outcome = for_each_group(&ids, async |id| {
        delete(session, id).await?;
        deleted.push(format!("'{id}'"));
        Ok(())
    })
    .await;
    let (all_deleted, deleted) = (matches!(outcome, Ok(Outcome::Done)), deleted.join(", "));
    let mut out = io::stdout().lock();
    if all_deleted {
        writeln!(out, "Deletion of requested consumer groups ({deleted}) was successful.")?;
    } else if !deleted.is_empty() {
        writeln!(out, "\nThese consumer groups were deleted successfully: {deleted}")?;
    }
    outcome
}

async fn delete(session: &Session<'_>, id: &str) -> anyhow::Result<()> {
    let Err(error) = delete_group(&session.cluster, id).await else { return Ok(()) };
    match error.code() {
        Some(ErrorCode::GROUP_ID_NOT_FOUND) => return Err(no_such_group(id).into()),
        Some(ErrorCode::NON_EMPTY_GROUP) => check_deletable(session, id).await?,
        _ => {}
    }
    Err(error.into())
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
