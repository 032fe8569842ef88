//! `kf man`: the manual pages.

use std::io::{self, Write};

use super::error::{CliError, Outcome};

/// Print a manual page, to be read with `man -l -`
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The subcommand to explain; without it, kf as a whole
    subcommand: Option<String>,
}

/// Prints the page to stdout.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let wanted = match &arguments.subcommand {
        Some(name) => format!("kf-{name}"),
        None => "kf".to_owned(),
    };
    let (_, page) = pages()?
        .into_iter()
        .find(|(name, _)| *name == wanted)
        .ok_or_else(|| CliError::usage(format!("there is no manual page {wanted}")))?;
    io::stdout().write_all(&page)?;
    Ok(Outcome::Done)
}

/// All pages in roff, each with its name: `kf`, `kf-topics`, ...
pub fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut root = super::command().disable_help_subcommand(true);
    root.build();
    let subcommands = root.get_subcommands().filter(|command| !command.is_hide_set());
    std::iter::once(&root)
        .chain(subcommands)
        .map(|command| {
            let name = command.get_display_name().unwrap_or_else(|| command.get_name());
            let mut page = Vec::new();
            clap_mangen::Man::new(command.clone()).render(&mut page)?;
            Ok((name.to_owned(), page))
        })
        .collect()
}
