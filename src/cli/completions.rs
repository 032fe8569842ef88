//! `kf completions`: a script that completes commands and options in a shell.

use std::io::{self, Write};

use clap_complete::{Shell, generate};

use super::error::Outcome;

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell to complete in
    shell: Shell,
}

/// Prints the script to stdout.
pub fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    io::stdout().write_all(&script(arguments.shell))?;
    Ok(Outcome::Done)
}

/// The completion script for `kf`.
pub fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    generate(shell, &mut super::command(), "kf", &mut script);
    script
}
