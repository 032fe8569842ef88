//! `kf topics`: create, list, describe, alter and delete topics, as `kafka-topics.sh` does.

use std::io::{self, Write};

use serde_json::json;

use super::context::{ConnectionOptions, Context};
use super::error::{CliError, Outcome};
use super::output::{Column, OutputOptions, Rows};

/// Create, list, describe, alter and delete topics
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// List all topics
    #[arg(long)]
    list: bool,

    #[command(flatten)]
    connection: ConnectionOptions,

    #[command(flatten)]
    output: OutputOptions,
}

const COLUMNS: &[Column] = &[Column::new("topic")];

/// Runs the one action that the arguments name.
pub async fn run(arguments: Arguments, context: &Context) -> anyhow::Result<Outcome> {
    if !arguments.list {
        return Err(CliError::usage("Command must include exactly one action: --list").into());
    }
    let cluster = context.connect(&arguments.connection).await?;
    let metadata = cluster.metadata(None).await?;
    let mut names: Vec<String> = metadata.topics.into_iter().filter_map(|t| t.name).collect();
    names.sort_unstable();
    let mut out = io::stdout().lock();
    match arguments.output.format(context) {
        None => names.iter().try_for_each(|name| writeln!(out, "{name}"))?,
        Some(format) => {
            let mut rows = Rows::new(COLUMNS);
            names.iter().for_each(|name| rows.push(vec![json!(name)]));
            rows.write(format, &mut out)?;
        }
    }
    Ok(Outcome::Done)
}
