//! `kf topics --list`: names, one per line, sorted.

use std::io::{self, Write};

use serde_json::json;

use super::{Arguments, selection};
use crate::cli::context::Context;
use crate::cli::error::Outcome;
use crate::cli::output::{Column, Rows};

const COLUMNS: &[Column] = &[Column::new("topic")];

/// Prints the names. A name that does not exist is no failure: the list is what there is.
pub(super) async fn run(arguments: &Arguments, context: &Context) -> anyhow::Result<Outcome> {
    let cluster = context.connect(&arguments.connection).await?;
    let names = selection::select(&cluster, arguments).await?.names;
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
