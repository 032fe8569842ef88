//! `kf topics --delete`.

use std::io::{self, Write};

use super::Arguments;
use super::selection::{self, does_not_exist};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Outcome};
use crate::client::admin::topics::{delete_topics, is_unknown_topic};

/// Deletes the topics. Asks first where a person sits at the terminal; `--dry-run` only names them.
pub(super) async fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let cluster = context.connect(&arguments.connection).await?;
    let selection = selection::select(&cluster, arguments).await?;
    let asked = selection.total();
    let mut failures = selection.failures;
    if arguments.run.dry_run {
        let mut out = io::stdout().lock();
        for name in &selection.names {
            writeln!(out, "Would delete topic {name}.")?;
        }
        return Outcome::of_items(asked, failures);
    }
    if selection.names.is_empty() {
        return Outcome::of_items(asked, failures);
    }
    if !arguments.run.yes && !context.confirm(&question(&selection.names))? {
        return Err(CliError::failed("nothing was deleted").into());
    }
    for (name, result) in delete_topics(&cluster, &selection.names).await? {
        match result {
            Ok(()) => {}
            // Somebody else was faster.
            Err(error) if is_unknown_topic(&error) && arguments.subject.if_exists => {}
            Err(error) if is_unknown_topic(&error) => {
                failures.push(does_not_exist(&name, arguments).into());
            }
            Err(error) => failures.push(anyhow::Error::new(error).context(format!("topic {name}"))),
        }
    }
    Outcome::of_items(asked, failures)
}

fn question(names: &[String]) -> String {
    match names {
        [name] => format!("Delete topic {name} and all its records?"),
        _ => format!("Delete {} topics ({})?", names.len(), names.join(", ")),
    }
}
